"""The built-in schedules: a row each, which a person can move, pause and run, but not delete.

One with an empty `cron` follows its own clock: polls come when each feed publishes, the index follows the library. What the
settings already said (the nightly backup) they go on saying: the row shows it, and a change of the row changes the setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.schedules.cron import Cron
from core.domain.schedules.schedule import Missed
from core.errors import UserError
from core.settings import Settings
from core.store.db.sqlite import Database
from core.store.schedules import schedules


@dataclass(frozen=True, slots=True)
class BuiltinSchedule:
    """`settings` returns the columns that the settings decide; `saved` the settings that stand for a change of columns."""

    kind: str
    cron: str = ""
    missed: Missed = Missed.SKIP
    retries: int = 0
    retry_seconds: float = 60.0
    settings: Callable[[Settings], dict[str, Any]] | None = None
    saved: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


_NIGHTLY_HOUR = "The nightly backup is made every day at a full hour of this computer's clock, such as “0 3 * * *”."


def _nightly(values: Settings) -> dict[str, Any]:
    return {"cron": f"0 {values.backup_hour} * * *", "paused": not values.backup_nightly, "zone": ""}


def _nightly_saved(changes: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if "paused" in changes:
        said["backup_nightly"] = not changes["paused"]
    if "cron" in changes:
        minute, hour, *days = Cron.of(changes["cron"]).fields
        if minute != "0" or not hour.isdigit() or days != ["*", "*", "*"]:
            raise UserError(
                "The nightly backup is made every day at a full hour, such as “0 3 * * *”. Nothing was changed.",
                case="nightly_hour",
            )
        said["backup_hour"] = int(hour)
    if changes.get("zone"):
        raise UserError(f"{_NIGHTLY_HOUR} Nothing was changed.", case="nightly_hour")
    return said


BUILTIN: dict[str, BuiltinSchedule] = {
    "nightly_backup": BuiltinSchedule(
        "nightly_backup",
        missed=Missed.ONCE,
        retries=24,
        retry_seconds=3600.0,
        settings=_nightly,
        saved=_nightly_saved,
    ),
    "polls": BuiltinSchedule("polls"),
    "index": BuiltinSchedule("index"),
    "trash": BuiltinSchedule("trash", "10 * * * *"),
    "retention": BuiltinSchedule("retention", "*/15 * * * *"),
    "orphans": BuiltinSchedule("orphans", "20 * * * *"),
    "covers": BuiltinSchedule("covers", "30 * * * *"),
    "exports": BuiltinSchedule("exports", "40 * * * *"),
    "removed_feeds": BuiltinSchedule("removed_feeds", "50 * * * *"),
    "waveforms": BuiltinSchedule("waveforms", "15 4 * * *", missed=Missed.ONCE),
}
"""By the name that is stored in `schedules.builtin`."""


def ensure(db: Database, *, now: float) -> None:
    """Add the rows that are missing."""
    there = {row.builtin for row in schedules.listing(db)}
    for name, spec in BUILTIN.items():
        if name not in there:
            row = {"kind": spec.kind, "builtin": name, "cron": spec.cron, "missed": spec.missed.value}
            schedules.add(db, row | {"retries": spec.retries, "retry_seconds": spec.retry_seconds}, now=now)
