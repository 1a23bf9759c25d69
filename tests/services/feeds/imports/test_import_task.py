"""The task that works an import off: it ends with the last line, is cancelled with the import, and goes on after a restart."""

from __future__ import annotations

import pytest

from core.background.scheduler import Scheduler
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import LineState, Outline
from core.domain.jobs.job import State
from core.errors import DiskFull
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.import_task import ImportTask, new_task
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import AT_ONCE, LineQueue
from core.sources import opml
from core.store.feeds import imports as rows
from core.store.jobs import tasks as task_rows
from tests.fakes.podcast_host import PodcastHost
from tests.services.feeds.imports.conftest import Desk, at
from tests.subscriptions_fixture import House


def test_an_import_goes_on_after_a_restart_and_nothing_comes_twice(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(*(at(host, n) for n in range(6)))
    desk.run(3)
    assert desk.imports.get(OWNER, begun.id).done == 3
    assert desk.tasks.stop()
    assert (desk.task_of(begun).state, desk.task_of(begun).done) == (State.QUEUED, 3)
    with Desk(house) as after:
        after.run()
        task = after.tasks.wait(after.task_of(begun).id)
        assert after.states(begun) == [LineState.ADDED] * 6
    assert len(house.subscriptions.listing(OWNER)) == 6
    assert not after.imports.get(OWNER, begun.id).running
    assert [(each.state, each.done) for each in after.tasks.listing()] == [(State.DONE, 6)] == [(task.state, task.done)]


def test_the_scheduler_works_an_import_off_beside_its_polls(house: House, host: PodcastHost) -> None:
    scheduler, tasks = Scheduler(house.subscriptions), Tasks(house.store)
    lines = LineImporter(house.store, house.subscriptions, discover=lambda actor, url, check: ())
    queue = LineQueue(house.store, lines, hand_out=scheduler.hand_out)
    tasks.register(ImportTask(house.store, queue))
    imports = Imports(house.store, tasks, queue)
    scheduler.start()
    tasks.start()
    try:
        begun = imports.add_opml(OWNER, opml.write([Outline(at(host, n)) for n in range(12)], title="x", now=0.0))
        task = tasks.wait(tasks.listing()[0].id)
    finally:
        tasks.stop()
        scheduler.stop()
    assert imports.get(OWNER, begun.id).counts == {LineState.ADDED: 12}
    assert (task.kind, task.key, task.what, task.state, task.done, task.total) == ("import", "1", "opml", State.DONE, 12, 12)
    assert (task.detail["name"], task.detail["added"], task.detail["failed"]) == ("x", 12, 0)


def test_a_cancelled_task_cancels_its_import_also_before_it_began(desk: Desk, house: House, host: PodcastHost) -> None:
    going = desk.add(*(at(host, n) for n in range(4)))
    desk.run(1)
    desk.tasks.cancel(desk.task_of(going).id)
    assert desk.tasks.wait(desk.task_of(going).id).state is State.CANCELLED
    assert desk.states(going) == [LineState.ADDED] + [LineState.CANCELLED] * 3
    assert desk.imports.get(OWNER, going.id).cancelled_at == house.now
    assert desk.tasks.stop()
    waiting = desk.add(at(host, 9))
    desk.tasks.cancel(desk.task_of(waiting).id)
    assert desk.states(waiting) == [LineState.CANCELLED] and not desk.imports.get(OWNER, waiting.id).running


def test_an_import_without_a_task_is_given_one(desk: Desk, house: House, host: PodcastHost) -> None:
    """As in a library of an older version, whose imports had no tasks, and in one that was restored."""
    assert desk.tasks.stop()
    begun = desk.add(at(host, 1))
    house.store.write(lambda db: task_rows.delete(db, [desk.task_of(begun).id]))
    for _ in range(2):
        desk.imports.start()
        assert [task.key for task in desk.tasks.listing()] == [str(begun.id)]
    desk.tasks.start()
    desk.run()
    assert desk.states(begun) == [LineState.ADDED]
    desk.imports.step()
    assert len(desk.tasks.listing()) == 1


def test_what_is_added_while_an_import_ends_has_a_task_of_its_own(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(f"{host.url}/nowhere", at(host, 1))
    desk.run(1)
    desk.imports.retry(OWNER, begun.id)
    assert [task.state for task in desk.tasks.listing()] == [State.RUNNING, State.QUEUED]
    desk.run()
    assert desk.tasks.wait(desk.task_of(begun).id).state is State.DONE
    assert desk.states(begun) == [LineState.FAILED, LineState.ADDED]


def test_a_task_names_its_import_and_counts_its_lines(desk: Desk, host: PodcastHost) -> None:
    begun = desk.add(at(host, 1), f"{host.url}/nowhere")
    new = new_task(desk.imports.get(OWNER, begun.id))
    assert (new.kind, new.key, new.what, new.total) == ("import", str(begun.id), "opml", 2)
    assert new.detail == {"name": "Mine", "waiting": 2, "added": 0, "known": 0, "choice": 0, "failed": 0, "cancelled": 0}


def test_an_import_that_is_deleted_meanwhile_ends_its_task(desk: Desk, house: House) -> None:
    begun = desk.add("https://a.invalid/1")
    task = desk.task_of(begun)
    house.store.write(lambda db: rows.delete(db, begun.id))
    desk.queue.tell(begun.id)
    assert desk.tasks.wait(task.id).state is State.DONE


def test_progress_that_cannot_be_written_keeps_no_line_from_running(
    desk: Desk, house: House, host: PodcastHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = task_rows.keep
    refused: list[object] = []

    def full(*given: object, **more: object) -> bool:
        values = given[2]
        assert isinstance(values, dict)
        if "state" not in values and not refused:
            refused.append(values)
            raise DiskFull()
        return kept(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(task_rows, "keep", full)
    monkeypatch.setattr("core.background.task_kind.REPORT_SECONDS", 0.0)
    begun = desk.add(at(host, 1), at(host, 2))
    desk.run()
    task = desk.tasks.wait(desk.task_of(begun).id)
    assert refused and desk.states(begun) == [LineState.ADDED] * 2
    assert (task.state, task.done, task.detail["added"]) == (State.DONE, 2, 2)


def test_as_many_imports_have_a_thread_as_lines_run_at_once(desk: Desk) -> None:
    kind = ImportTask(desk.store, desk.queue)
    assert desk.tasks.stop()
    tasks = [desk.task_of(desk.add(f"https://{n}.invalid/")) for n in range(AT_ONCE + 1)]
    assert kind.may_run(tasks[-1], tasks[: AT_ONCE - 1])
    assert not kind.may_run(tasks[-1], tasks[:AT_ONCE])
    assert not kind.may_run(tasks[0], tasks[:1]), "two tasks of one import"
