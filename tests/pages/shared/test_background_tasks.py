"""Long work on a page: its bar, its end in a sentence, and what stays until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import BackupDamaged, DiskFull
from core.services.library.bulk_actions import Done
from core.store.db.sqlite import Database
from core.store.jobs import tasks
from core.store.jobs.tasks import NewTask
from pages.shared import background_tasks
from pages.shared.escape_markdown import plain
from pages.text import texts
from tests.pages.conftest import Open


def test_what_was_stopped_or_failed_says_what_is_done(resting: CastMind) -> None:
    begun = Task(1, "bulk", what="read", total=1200, done=400)
    stopped = replace(begun, state=State.CANCELLED, detail={"changed": 390})
    assert background_tasks.outcome(stopped) == (
        "Stopped. 390 episodes updated. 10 were left unchanged; there was nothing to do. "
        "800 weren’t processed; what was finished is kept."
    )
    failed = replace(begun, state=State.FAILED, error=DiskFull("Full.").to_dict())
    assert background_tasks.outcome(failed).endswith("400 of 1,200 were processed; what was finished is kept.")
    assert background_tasks.outcome(failed).startswith(plain(texts("en")["error.disk_full"]))


def test_a_task_is_shown_with_a_way_to_stop_it_and_then_told(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(actor: Actor, action: str, which: Sequence[int]) -> Done:
        begun.set()
        assert go_on.wait(60)
        return Done(len(which), 0)

    monkeypatch.setattr(castmind.bulk_actions, "act", slowly)
    task = castmind.bulk_tasks.begin(OWNER, "retry", seven, batch=3)
    assert begun.wait(60)
    page = opened()
    page.button(key=f"task.stop.{task.id}").click().run()
    go_on.set()
    assert castmind._tasks.wait(task.id).state is State.CANCELLED
    page.run()
    assert [toast.value for toast in page.toast] == [
        "Stopped. 3 episodes updated. 4 weren’t processed; what was finished is kept."
    ]


ENDED = [
    (
        Task(1, "bulk", state=State.DONE, total=3, done=3, detail={"changed": 1}),
        "1 episode updated. 2 were left unchanged; there was nothing to do.",
    ),
    (
        Task(1, "export", state=State.DONE, total=5, detail={"exported": 3}),
        "The zip contains 3 of 5 episodes. See not-exported.txt inside for the others and the reasons.",
    ),
    (Task(1, "export", state=State.DONE, total=5, detail={"exported": 5}), "The zip contains 5 of 5 episodes."),
    (Task(1, "export", state=State.CANCELLED, total=5), "Export stopped. No zip was kept."),
    (
        Task(1, "refresh", state=State.DONE, done=4, detail={"new": 2, "failed": 1}),
        "Feeds checked: 4. New episodes: 2. Failed: 1.",
    ),
    (Task(1, "refresh", state=State.CANCELLED), "Check stopped. What was found is kept."),
    (Task(1, "pull", key="a*b", state=State.DONE), r"a\*b is ready."),
    (Task(1, "probe", state=State.DONE), ""),
    (Task(1, "import", key="99", what="address", state=State.DONE, detail={"name": "dismissed meanwhile"}), ""),
]


@pytest.mark.parametrize(("task", "said"), ENDED)
def test_each_kind_tells_its_own_end(resting: CastMind, task: Task, said: str) -> None:
    assert background_tasks.outcome(task) == said


def test_a_failure_that_counts_bytes_does_not_call_them_episodes(resting: CastMind) -> None:
    failed = Task(1, "verify", state=State.FAILED, total=10, done=4, error=BackupDamaged("Damaged.").to_dict())
    assert background_tasks.outcome(failed) == plain(texts("en")["error.backup_damaged"])


def _bars() -> None:
    from pages.shared import actions, background_tasks

    background_tasks.show(*background_tasks.KINDS)
    actions.tell()


def test_a_bar_says_how_far_its_task_is_in_its_own_unit(resting: CastMind) -> None:
    def begin(db: Database) -> int:
        verified = tasks.claim(db, tasks.add(db, NewTask("verify", {}, "a.zip"), now=1.0), now=2.0)
        read = tasks.claim(db, tasks.add(db, NewTask("refresh", {}), now=1.0), now=2.0)
        assert verified and read
        tasks.keep(db, verified, {"done": 1_000_000, "total": 4_000_000})
        tasks.keep(db, read, {"done": 1, "total": 3})
        return tasks.add(db, NewTask("index", {}), now=3.0)

    waiting = resting._store.write(begin)
    page = AppTest.from_function(_bars).run()
    assert not page.exception
    assert [(bar.proto.value, bar.proto.text.replace("\\", "")) for bar in page.get("progress")] == [
        (25, "Checking every byte of a.zip: 1.0 MB of 4.0 MB"),
        (33, "Checking feeds: 1 of 3"),
        (0, "Building the search index: waiting"),
    ]
    page.button(key=f"task.stop.{waiting}").click().run()
    assert not page.exception and resting.tasks.get(OWNER, waiting).state is State.CANCELLED


def test_failures_are_one_line_but_for_the_newest(resting: CastMind) -> None:
    def fail(db: Database) -> None:
        for number in range(3):
            task = tasks.claim(db, tasks.add(db, NewTask("refresh", {}), now=1.0), now=2.0)
            assert task
            tasks.finish(db, task, State.FAILED, DiskFull("Full.").to_dict(), now=3.0 + number)

    resting._store.write(fail)
    page = AppTest.from_function(_bars).run()
    assert len(page.error) == 1 and [each.label for each in page.expander] == ["2 earlier failures"]
    place = "-".join(background_tasks.KINDS)
    page.session_state[f"tasks.earlier.{place}"] = True
    assert len(page.run().error) == 3
    page.button(key=f"tasks.dismiss.{place}").click().run()
    assert [task.finished_at for task in resting.tasks.listing(OWNER)] == [5.0] and len(page.error) == 1
