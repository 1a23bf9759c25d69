"""Events of a transaction over a real store: told after COMMIT, dropped at ROLLBACK."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import events
from core.background.batched_writes import BatchedWrites
from core.errors import Conflict
from core.events import Event, FeedAdded, JobsQueued
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from tests.events.conftest import record, setting, told
from tests.runner_fixture import Rig, until


def test_events_are_told_in_the_order_of_the_commits(store: Store, heard: list[Event]) -> None:
    committed: list[int] = []

    def change(db: Database, first: int) -> None:
        record(db, first, first + 1)
        committed.extend((first, first + 1))

    writers = [threading.Thread(target=store.write, args=(partial(change, first=10 * n),)) for n in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert told(store, heard) == [setting(number) for number in committed]
    assert len(committed) == 40


def test_an_event_is_told_after_its_row_can_be_read(store: Store) -> None:
    titles: list[str] = []
    store.events.listen("test", lambda event: titles.append(feeds.get(store.read(), event.feed_id).title), FeedAdded)
    store.write(lambda db: feeds.add(db, {"url": "https://example.org/feed", "title": "A show"}, now=0.0))
    assert store.events.settle()
    assert titles == ["A show"]


def test_what_is_rolled_back_is_not_told(store: Store, heard: list[Event]) -> None:
    def change(db: Database) -> None:
        record(db, 1)
        raise Conflict("No.")

    with pytest.raises(Conflict):
        store.write(change)
    store.write(lambda db: record(db, 2))
    assert told(store, heard) == [setting(2)]


def test_of_changes_written_together_only_that_which_failed_tells_nothing(store: Store, heard: list[Event]) -> None:
    together = BatchedWrites(store)
    inside, entered = threading.Event(), threading.Event()

    def first(_db: Database) -> None:
        entered.set()
        assert inside.wait(30.0)

    def fails(db: Database) -> None:
        record(db, 2)
        raise Conflict("No.")

    outcomes: list[BaseException | None] = []

    def write(change: Any) -> None:
        try:
            together.write(change)
        except Conflict as error:
            outcomes.append(error)

    leader = threading.Thread(target=write, args=(first,))
    leader.start()
    assert entered.wait(30.0)
    changes = (lambda db: record(db, 1), fails, lambda db: record(db, 3))
    others = [threading.Thread(target=write, args=(change,)) for change in changes]
    for other in others:
        other.start()
    inside.set()
    for thread in (leader, *others):
        thread.join()
    assert len(outcomes) == 1
    assert sorted(event.to_json()["name"] for event in told(store, heard)) == ["1", "3"]


def test_an_event_twice_in_a_row_is_told_once(store: Store, heard: list[Event]) -> None:
    store.write(lambda db: record(db, 1, 1, 2, 1))
    assert told(store, heard) == [setting(1), setting(2), setting(1)]


def test_recording_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"jobs\.queued"):
        events.record(JobsQueued())


KILLED_BEFORE_TELLING = """
import os, signal, sys
from pathlib import Path
import core.pipeline.graph  # noqa: F401 (registers the steps)
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import episodes

store = Store(Path(sys.argv[1]))
store.open()
store.events.publish_all = lambda _: os.kill(os.getpid(), signal.SIGKILL)

def change(db):
    jobs.enqueue(db, episodes.add(db, {"title": "A talk", "source": "upload"}, now=0.0), priority=0, now=0.0)

store.write(change)
"""


def test_a_kill_between_commit_and_telling_loses_the_event_and_no_work(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    ended = subprocess.run([sys.executable, "-c", KILLED_BEFORE_TELLING, str(path)], check=False, timeout=120)
    assert ended.returncode == -9
    store = Store(path)
    store.open()
    rig = Rig(store, tmp_path)
    rig.runner.start()
    until(lambda: rig.states(1) == "dddd")
    rig.runner.stop()
    rig.fetcher.close()
    store.close()
