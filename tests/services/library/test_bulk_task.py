"""Bulk actions in the background: batch after batch, to the end, or as far as they came."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER, Actor
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.errors import DiskFull
from core.services.library.bulk_actions import BulkActions, Done
from core.services.library.bulk_task import BulkTask, BulkTasks
from core.store.library import listing
from tests.runner_fixture import Rig


@pytest.fixture
def selection(rig: Rig) -> BulkActions:
    return BulkActions(rig.store, rig.trash)


@pytest.fixture
def tasks(rig: Rig, selection: BulkActions) -> Iterator[Tasks]:
    made = Tasks(rig.store)
    made.register(BulkTask(selection))
    made.start()
    yield made
    assert made.stop()


def starred(rig: Rig) -> int:
    return len(listing.ids(rig.store.read(), Filter(starred=True), user_id=OWNER.user_id))


def test_batch_after_batch_is_done_and_counted(rig: Rig, tasks: Tasks, selection: BulkActions) -> None:
    ids = [rig.add() for _ in range(5)]
    task = tasks.wait(BulkTasks(tasks).begin(OWNER, "star", [*ids, ids[0], 99], batch=2).id)
    assert (task.what, task.state, task.done, task.total, task.detail) == ("star", State.DONE, 6, 6, {"changed": 5})
    assert starred(rig) == 5


def test_what_an_action_needs_besides_goes_with_it(rig: Rig, tasks: Tasks, selection: BulkActions) -> None:
    ids = [rig.add() for _ in range(3)]
    tasks.wait(BulkTasks(tasks).begin(OWNER, "tag", ids, batch=2, tag="work").id)
    (tag,) = selection.tags(OWNER)
    assert (tag.name, tag.episodes) == ("work", 3)
    tasks.wait(BulkTasks(tasks).begin(OWNER, "untag", ids, tag_id=tag.id).id)
    assert selection.tags(OWNER)[0].episodes == 0


class Slow:
    """The first batch waits to be let go."""

    def __init__(self, selection: BulkActions) -> None:
        self.real = selection.act
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, actor: Actor, action: str, which: list[int], **named: str | int) -> Done:
        done = self.real(actor, action, which, **named)  # type: ignore[arg-type]
        self.begun.set()
        assert self.go_on.wait(60)
        return done


@pytest.fixture
def slow(selection: BulkActions, monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow(selection)
    monkeypatch.setattr(selection, "act", made)
    return made


def test_one_that_is_cancelled_ends_after_its_batch(rig: Rig, tasks: Tasks, slow: Slow) -> None:
    begun = BulkTasks(tasks).begin(OWNER, "star", [rig.add() for _ in range(10)], batch=4)
    assert slow.begun.wait(60)
    tasks.cancel(begun.id)
    slow.go_on.set()
    task = tasks.wait(begun.id)
    assert (task.state, task.done, task.detail, starred(rig)) == (State.CANCELLED, 4, {"changed": 4}, 4)


def test_one_that_a_stop_has_ended_goes_on_with_the_next_start(rig: Rig, tasks: Tasks, slow: Slow) -> None:
    begun = BulkTasks(tasks).begin(OWNER, "star", [rig.add() for _ in range(10)], batch=4)
    assert slow.begun.wait(60)
    stopping = threading.Thread(target=tasks.stop)
    stopping.start()
    tasks._stopping.wait()
    slow.go_on.set()
    stopping.join()
    assert (tasks.get(begun.id).state, starred(rig)) == (State.QUEUED, 4)
    tasks.start()
    task = tasks.wait(begun.id)
    assert (task.state, task.done, task.detail, starred(rig)) == (State.DONE, 10, {"changed": 10}, 10)


def test_what_takes_an_action_back_waits_for_its_end(rig: Rig, tasks: Tasks, slow: Slow) -> None:
    ids = [rig.add() for _ in range(4)]
    begun = BulkTasks(tasks).begin(OWNER, "star", ids, batch=2)
    assert slow.begun.wait(60)
    back = BulkTasks(tasks).begin(OWNER, "unstar", ids, batch=2)
    assert tasks.get(back.id).state is State.QUEUED
    slow.go_on.set()
    assert tasks.wait(back.id).detail == {"changed": 4}
    assert (tasks.get(begun.id).state, starred(rig)) == (State.DONE, 0)


def test_what_goes_wrong_is_kept_with_what_was_done(
    rig: Rig, tasks: Tasks, selection: BulkActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, ids = selection.act, [rig.add() for _ in range(3)]

    def full(actor: Actor, action: str, which: list[int]) -> Done:
        if ids[1] in which:
            raise DiskFull()
        return real(actor, action, which)

    monkeypatch.setattr(selection, "act", full)
    task = tasks.wait(BulkTasks(tasks).begin(OWNER, "read", ids, batch=1).id)
    assert (task.state, task.done, (task.error or {})["code"]) == (State.FAILED, 1, DiskFull.code)
