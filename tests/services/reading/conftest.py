"""The talk that a reader edits."""

from __future__ import annotations

from tests.edited_talk import episode

__all__ = ["episode"]
