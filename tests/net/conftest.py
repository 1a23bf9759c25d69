"""A podcast host on this computer, and one who may call it."""

from __future__ import annotations

from tests.sources.conftest import fetcher, host

__all__ = ["fetcher", "host"]
