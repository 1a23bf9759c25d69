"""Schedules for pages, routes and the command line (`castmind.schedules`).

    listing, get, runs, preview                 create, change, remove ─▶ restore
    run ─▶ ScheduleEngine.run_now               paused: asked by the loops that follow their own clock

A change of a built-in schedule that the settings decide is saved as a setting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.feeds.feed import Feed
from core.domain.feeds.folder_feed import is_local
from core.domain.schedules.cron import Cron
from core.domain.schedules.cron_words import reading
from core.domain.schedules.schedule import Schedule, ScheduleRun
from core.domain.schedules.timetable import replanned
from core.errors import Conflict, NotFound, UserError
from core.message import Message
from core.services.schedules.builtin import BUILTIN
from core.services.schedules.engine import ScheduleEngine
from core.services.schedules.zones import zone_of
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.schedules import schedule_runs, schedules

SHOWN_TIMES = 5
LONGEST_NAME = 100
MOST = 200
MOST_RETRIES = 24
LEAST_WAIT, MOST_WAIT = 10.0, 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as lists show it. `words` is its time in words, "" for one that follows its own clock."""

    schedule: Schedule
    words: Message
    last: ScheduleRun | None = None

    @property
    def running(self) -> bool:
        return self.last is not None and self.last.ended_at is None


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """The words of an expression, and its next times as Unix seconds."""

    words: Message
    times: tuple[float, ...]


class Schedules:
    """Thread-safe; all methods block."""

    def __init__(
        self,
        store: Store,
        settings: SettingsService,
        engine: ScheduleEngine,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._settings = settings
        self._engine = engine
        self._clock = clock

    # --- asking ---------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[ScheduleRow]:
        """Return all schedules: the built-in ones first, then a person's own."""
        db = self._store.read()
        return [_row(db, row) for row in schedules.listing(db)]

    def get(self, actor: Actor, schedule_id: int) -> ScheduleRow:
        """Return a schedule. Raises NotFound."""
        db = self._store.read()
        return _row(db, schedules.get(db, schedule_id))

    def runs(self, actor: Actor, schedule_id: int, *, limit: int = schedule_runs.KEPT) -> list[ScheduleRun]:
        """Return its history, newest first. Raises NotFound."""
        db = self._store.read()
        return schedule_runs.listing(db, schedules.get(db, schedule_id).id, limit=limit)

    def preview(self, actor: Actor, cron: str, zone: str = "") -> SchedulePreview:
        """Return what an expression means. Raises BadCron, and UserError for an unknown zone."""
        checked = Cron.of(cron)
        return SchedulePreview(reading(checked), tuple(checked.times(self._clock(), zone_of(zone), SHOWN_TIMES)))

    def own_kinds(self, actor: Actor) -> list[str]:
        """Return the kinds of which a person may add a schedule."""
        return [kind.name for kind in self._engine.kinds() if kind.own]

    def next_feeds(self, actor: Actor, *, limit: int = SHOWN_TIMES) -> list[Feed]:
        """Return the feeds that are polled next."""
        polled = [feed for feed in feeds.listing(self._store.read()) if not is_local(feed.url)]
        return sorted(polled, key=lambda feed: feed.next_poll_at or 0.0)[:limit]

    def paused(self, actor: Actor, builtin: str) -> bool:
        """Return whether a built-in schedule is paused: one that follows its own clock asks before each step."""
        return schedules.paused(self._store.read(), builtin)

    # --- changing -------------------------------------------------------------------------------

    def create(self, actor: Actor, kind: str, cron: str, **values: Any) -> ScheduleRow:
        """Add a schedule. `values` are those of `change`. Raises BadCron, UserError."""
        chosen = self._engine.kind(kind)
        if not chosen.own:
            raise UserError(f"A schedule of the kind {kind} is built in. Nothing was added.", case="schedule_values")
        row = self._checked({"cron": cron, "parameters": {}} | values, kind)
        row |= {"kind": kind, "next_at": None if row.get("paused") else self._first(row)}

        def add(db: Database) -> int:
            if len(schedules.listing(db)) >= MOST:
                raise Conflict(f"There are {MOST} schedules, and no room for more. Nothing was added.", case="schedules_many")
            return schedules.add(db, row, now=self._clock())

        return self.get(actor, self._store.write(add))

    def change(self, actor: Actor, schedule_id: int, **values: Any) -> ScheduleRow:
        """Set the given values: name, cron, zone, paused, priority, missed, retries, retry_seconds, parameters.

        Raises NotFound, BadCron, UserError, and SettingLocked where the environment fixes it.
        """
        row = schedules.get(self._store.read(), schedule_id)
        checked = self._checked(values, row.kind)
        if row.builtin:
            self._change_builtin(actor, row, checked)
        else:
            self._write(row, checked)
        self._engine.plan(self._clock())
        return self.get(actor, schedule_id)

    def _change_builtin(self, actor: Actor, row: Schedule, checked: dict[str, Any]) -> None:
        spec = BUILTIN.get(row.builtin)
        if {"name", "parameters"} & checked.keys() or ("cron" in checked and not row.cron):
            raise UserError("A built-in schedule keeps its name and its work. Nothing was changed.", case="schedule_builtin")
        if spec and spec.saved and spec.settings:
            for name, value in spec.saved(checked).items():
                self._settings.save(actor, name, value)
            decided = spec.settings(self._settings.values).keys()
            checked = {name: value for name, value in checked.items() if name not in decided}
        self._write(row, checked)

    def _write(self, row: Schedule, checked: Mapping[str, Any]) -> None:
        after = replace(row, **checked)
        values = dict(checked)
        if {"cron", "zone", "paused"} & checked.keys() and after.cron:
            anew = self._first({"cron": after.cron, "zone": after.zone}, last_at=row.last_at)
            values |= {"next_at": None if after.paused else anew, "retry_at": None, "tries": 0}
        self._store.write(lambda db: schedules.change(db, row.id, values))

    def remove(self, actor: Actor, schedule_id: int) -> None:
        """Delete a schedule of a person; `restore` brings it back for a day. Raises NotFound, UserError for a built-in one."""

        def change(db: Database) -> None:
            if schedules.get(db, schedule_id).builtin:
                raise UserError("A built-in schedule can be paused, not deleted. Nothing was changed.", case="schedule_builtin")
            schedules.remove(db, schedule_id, now=self._clock())

        self._store.write(change)

    def restore(self, actor: Actor, schedule_id: int) -> ScheduleRow:
        """Bring a deleted schedule back; times that passed meanwhile are not made up for. Raises NotFound."""

        def change(db: Database) -> None:
            row = schedules.find(db, schedule_id)
            if row is None:
                raise NotFound(f"There is no schedule {schedule_id} (any more).", id=schedule_id)
            if row.deleted_at is not None:
                next_at = None if row.paused else self._first({"cron": row.cron, "zone": row.zone})
                schedules.change(db, row.id, {"deleted_at": None, "next_at": next_at})

        self._store.write(change)
        return self.get(actor, schedule_id)

    def run(self, actor: Actor, schedule_id: int) -> ScheduleRun:
        """Run a schedule now, also a paused one. Raises NotFound, ScheduleRunning."""
        return self._engine.run_now(schedule_id)

    # --- checks ---------------------------------------------------------------------------------

    def _first(self, row: Mapping[str, Any], last_at: float | None = None) -> float | None:
        zone = zone_of(str(row.get("zone", "")))
        return replanned(Cron.of(row["cron"]), zone, next_at=None, last_at=last_at, now=self._clock())

    def _checked(self, values: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Return the columns as they are stored. Raises BadCron, UserError, KeyError for a name that is none."""
        checks: dict[str, Callable[[Any], Any]] = {
            "name": _name,
            "cron": lambda value: Cron.of(value).text,
            "zone": _zone,
            "paused": bool,
            "priority": str,
            "missed": str,
            "retries": lambda value: int(_between(value, 0, MOST_RETRIES)),
            "retry_seconds": lambda value: _between(value, LEAST_WAIT, MOST_WAIT),
            "parameters": self._engine.kind(kind).checked,
        }
        return {name: checks[name](value) for name, value in values.items()}


def _row(db: Database, row: Schedule) -> ScheduleRow:
    words = reading(Cron.of(row.cron)) if row.cron else Message("")
    return ScheduleRow(row, words, schedule_runs.last(db, row.id))


def _name(value: str) -> str:
    name = " ".join(value.split())
    if len(name) > LONGEST_NAME:
        raise UserError(
            f"A name has at most {LONGEST_NAME} characters. Nothing was changed.", case="schedule_name", most=LONGEST_NAME
        )
    return name


def _zone(value: str) -> str:
    zone_of(value)
    return value


def _between(value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        raise UserError(f"A number from {least:g} to {most:g} is needed. Nothing was changed.", case="schedule_values")
    return float(value)
