"""The marks of one user on an episode (read, starred), and the position where they stopped listening."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingState:
    """`position` (seconds) is where the user stopped, at `played_at`; times are Unix seconds, None for never."""

    read_at: float | None = None
    starred_at: float | None = None
    position: float = 0.0
    played_at: float | None = None
