"""Housekeeping that runs every few seconds or minutes, by the scheduler's clock. What a person may move is a schedule instead:
`core/services/schedules/builtin.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.domain.accounts.actor import SYSTEM

if TYPE_CHECKING:
    from core.app import CastMind


def _index(app: CastMind) -> None:
    if not app.schedules.paused(SYSTEM, "index"):
        app.search.look()


CHORES: tuple[tuple[float, str, Callable[[CastMind], None], bool], ...] = (
    (5.0, "unload the idle speech model", lambda app: app._speech.step(), False),
    (5.0, "look whether heavy work rests", lambda app: app.quiet_hours.step(), False),
    (15.0, "wake waiting jobs whose condition is met", lambda app: app._waiting_jobs.step(), False),
    (15.0, "update the marker of the running server", lambda app: app._last_run.note(), False),
    (60.0, "look after imports", lambda app: app.imports.step(), False),
    (3600.0, "forget old imports", lambda app: app.imports.forget_old(), False),
    (300.0, "look for damage of the database", lambda app: app._nightly_check.step(time.time()), False),
    (60.0, "note the history of the status page", lambda app: app.trends.step(), False),
    (60.0, "make room of the trash while the disk is short", lambda app: app.trash.make_room(), True),
    (60.0, "look after tasks", lambda app: app._tasks.step(), False),
    (60.0, "look after unfinished uploads", lambda app: app.ingest.step(), False),
    (10.0, "bring back recordings that no episode names", lambda app: app._strays.step(), False),
    (10.0, "follow recordings that go on growing", lambda app: app._growing_files.step(), False),
    (60.0, "fetch publishers' chapters and transcripts", lambda app: app._intake.unless_paused(app.publisher_extras.step), False),
    (2.0, "fetch covers that were looked at", lambda app: app._intake.unless_paused(app.covers.step), False),
    (1.0, "measure waveforms that were looked at", lambda app: app.waveforms.step(), False),
    (3600.0, "delete sessions that have ended", lambda app: app.sessions.step(), False),
    (24 * 3600.0, "prune the audit log", lambda app: app.audit.step(), False),
    (10.0, "look for incidents", lambda app: app._incident_keeper.step(), False),
    (5.0, "index new episodes", _index, False),
    (1.0, "begin schedules that are due", lambda app: app._schedule_engine.step(), False),
    (60.0, "tidy the logs", lambda app: app.logs.step(), False),
    (2.0, "send notifications", lambda app: app._sending.step(), False),
    (60.0, "watch for what is notified", lambda app: app._state_watch.step(), False),
    (2.0, "count the disk use of the data folder", lambda app: app.statistics.step(), False),
)
"""Seconds between two runs, a name for logs, the work, and whether it is careful: a careful one deletes, and pauses while the
library holds much less than its backups.
"""
