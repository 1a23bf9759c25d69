"""What failed is tried again, and nothing else."""

from __future__ import annotations

from functools import partial

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.store.jobs import jobs
from tests.services.schedules.kinds.conftest import Room


def test_what_failed_is_queued_again(room: Room) -> None:
    failed, fine = room.episode("One"), room.episode("Two")
    for number in (failed, fine):
        room.store.write(partial(jobs.enqueue, episode_id=number, priority=0, now=1.0))
    room.store.write(lambda db: db.execute("UPDATE jobs SET state = 'done' WHERE episode_id = ?", [fine]))
    room.store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id = ? AND stage = 'fetch'", [failed]))
    assert room.run("retry_failed").did == {"episodes": 1}
    counts = room.app.queue.episode_counts(OWNER)
    assert (counts.get(State.FAILED), counts[State.QUEUED], counts[State.DONE]) == (None, 1, 1)
    assert room.run("retry_failed").did == {"episodes": 0}
