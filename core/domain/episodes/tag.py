"""A tag as lists show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """`episodes` counts the episodes with the tag, without those in the trash."""

    id: int
    name: str
    episodes: int = 0
