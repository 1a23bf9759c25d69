"""The progress of a restore, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import CastMindError


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """`restore_point` is the backup of the old state, None if there was none; `counts` are the rows of the restored library.

    `kept` names the folder, in the data folder, of an old state that could not be read; `fetched_again` counts episodes whose
    audio was not in the backup; `left_out` names schema items of its database that are not CastMind's.
    """

    name: str
    restore_point: str | None
    counts: Mapping[str, int] = field(default_factory=dict)
    kept: str | None = None
    fetched_again: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreState:
    """A restore in progress, or the last. Phases: checking, unpacking, migrating, stopping, restore_point, swapping, starting.

    `done` and `total` are bytes; `finished_at` is None while it runs.
    """

    name: str
    phase: str = "checking"
    done: int = 0
    total: int = 0
    error: CastMindError | None = None
    finished_at: float | None = None
    result: RestoreResult | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None
