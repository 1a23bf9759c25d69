"""What the supervisor looks after: a name, whether it is ill, and how it is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ops.healing.supervisor import Mended

if TYPE_CHECKING:
    from core.app import CastMind


def mended(app: CastMind) -> tuple[Mended, ...]:
    runner, scheduler = app._runner, app._scheduler
    return (
        # The first: the others may write, and would wait for it.
        Mended("database", app._store.writer_is_dead, app._store.revive_writer),
        Mended("pipeline", lambda: bool(runner.threads.dead()), runner.threads.revive),
        Mended("scheduler", lambda: bool(scheduler.threads.dead()), scheduler.threads.revive),
        Mended("tasks", lambda: app._tasks.started() and bool(app._tasks.dead()), app._tasks.revive),
        Mended("listeners", app.events.dead, app.events.revive),
        Mended("inbox", app._inbox.dead, app._inbox.revive),
        Mended("jobs", runner.stuck, runner.free_stuck),
    )
