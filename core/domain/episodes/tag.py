"""A tag as lists show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """`episodes` is how many carry it, those in the trash not counted."""

    id: int
    name: str
    episodes: int = 0
