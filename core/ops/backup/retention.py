"""Decide when a nightly backup is due, and which backups to delete. Pure functions on rows of `Backups.listing`.

nightly                    the newest `keep` readable ones stay; if all of them have shrunk, also the newest from before;
                           of each other library, the newest with episodes
restore point, migration   the newest three, and all of the last two weeks
manual, imported           stay until a user deletes them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

SIDE_KINDS = ("restore-point", "migration")
SIDE_KEEP = 3
SIDE_DAYS = 14
DAY = 86_400.0
# A backup smaller than this share of an older one points to a lost library rather than to a clean-up.
SHRUNK = 0.5


class BackupRow(Protocol):
    """The attributes of a backup that the decisions need."""

    @property
    def kind(self) -> str: ...

    @property
    def bytes(self) -> int: ...

    @property
    def created_at(self) -> float: ...

    @property
    def error(self) -> str | None: ...

    @property
    def library(self) -> str: ...

    @property
    def counts(self) -> Mapping[str, int]: ...


R = TypeVar("R", bound=BackupRow)


def last_appointment(now: float, hour: int) -> float:
    """Return the latest moment not after `now` at which the local clock showed the full `hour`, in Unix seconds."""
    local = datetime.fromtimestamp(now)  # noqa: DTZ006 (the local clock is meant)
    # fold: in the night when the clock is set back an hour occurs twice, and the first one counts.
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return (today if today <= local else today - timedelta(days=1)).timestamp()


def next_appointment(now: float, hour: int) -> float:
    """Return the next moment after `now` at which the local clock shows the full `hour`, in Unix seconds."""
    local = datetime.fromtimestamp(now)  # noqa: DTZ006 (the local clock is meant)
    # fold: in the night when the clock is set back an hour occurs twice, and the first one counts.
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    return (today if today > local else today + timedelta(days=1)).timestamp()


def due(now: float, hour: int, newest: float | None, oldest_row: float | None) -> bool:
    """Return whether the night's backup is missing.

    `newest` is the time of the last nightly one, `oldest_row` when the library began.

    A library that began after the appointment gets its first backup at the next one.
    """
    reference = newest if newest is not None else oldest_row
    return reference is not None and reference < last_appointment(now, hour)


def dispensable(rows: Iterable[R], *, keep: int, now: float) -> list[R]:
    """Return the backups to delete. An unreadable one is deleted once as many newer readable ones exist as are kept."""
    listed = sorted(rows, key=lambda row: row.created_at, reverse=True)
    nightly = _without_the_last([row for row in listed if row.kind == "nightly"], keep)
    side = [row for kind in SIDE_KINDS for row in _beyond([r for r in listed if r.kind == kind], SIDE_KEEP)]
    return [*nightly, *(row for row in side if row.created_at < now - SIDE_DAYS * DAY)]


def has_shrunk(row: BackupRow, before: BackupRow) -> bool:
    """Return whether a backup holds less than half of another: of the episodes if both count them, or of the bytes."""
    counted = "episodes" in row.counts and "episodes" in before.counts
    fewer = counted and row.counts["episodes"] < SHRUNK * before.counts["episodes"]
    return fewer or row.bytes < SHRUNK * before.bytes


def _without_the_last(newest_first: Sequence[R], keep: int) -> list[R]:
    """Keep the last backup with content, so that nights with an empty library, or another one, do not displace it."""
    gone = _beyond(newest_first, keep)
    kept = [row for row in newest_first if row.error is None and row not in gone]
    readable = [row for row in gone if row.error is None]
    full = next((row for row in readable if kept and all(has_shrunk(each, row) for each in kept)), None)
    libraries = {row.library for row in kept}
    last: dict[str, R] = {}
    for row in readable:
        if row.library and row.library not in libraries and row.counts.get("episodes"):
            last.setdefault(row.library, row)
    return [row for row in gone if row is not full and row is not last.get(row.library)]


def _beyond(newest_first: Sequence[R], keep: int) -> list[R]:
    good = 0
    gone = []
    for row in newest_first:
        if good >= keep:
            gone.append(row)
        good += row.error is None
    return gone
