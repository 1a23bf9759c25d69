"""A host of podcasts for the pages of shows."""

from __future__ import annotations

from tests.pages.feeds.conftest import host

__all__ = ["host"]
