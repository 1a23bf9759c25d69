"""The bus over a real store: what is told, in which order, and what a listener cannot harm."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import app, events, settings
from core.background.batched_writes import BatchedWrites
from core.domain.jobs.job import Stage
from core.errors import Conflict
from core.events import Event, FeedAdded, JobsQueued, SettingChanged, StepWaiting
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes
from tests.runner_fixture import Rig, until

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "castmind.db")
    made.open()
    yield made
    made.close()


@pytest.fixture
def heard(store: Store) -> list[Event]:
    found: list[Event] = []
    store.events.listen("test", found.append, Event)
    return found


def told(store: Store, heard: list[Event]) -> list[Event]:
    assert store.events.settle()
    return heard


def setting(number: int) -> SettingChanged:
    return SettingChanged(name=str(number))


def record(_db: Any, *numbers: int) -> None:
    for number in numbers:
        events.record(setting(number))


def record_one(db: Any, number: int) -> None:
    record(db, number)


def test_events_are_told_in_the_order_of_the_commits(store: Store, heard: list[Event]) -> None:
    committed: list[int] = []

    def change(db: Any, first: int) -> None:
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
    def change(db: Any) -> None:
        record(db, 1)
        raise Conflict("No.")

    with pytest.raises(Conflict):
        store.write(change)
    store.write(lambda db: record(db, 2))
    assert told(store, heard) == [setting(2)]


def test_of_changes_written_together_only_that_which_failed_tells_nothing(store: Store, heard: list[Event]) -> None:
    together = BatchedWrites(store)
    inside, entered = threading.Event(), threading.Event()

    def first(_db: Any) -> None:
        entered.set()
        assert inside.wait(30.0)

    def fails(db: Any) -> None:
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


def test_a_listener_hears_the_kinds_that_it_asked_for(store: Store, heard: list[Event]) -> None:
    some: list[Event] = []
    store.events.listen("some", some.append, JobsQueued, FeedAdded)
    store.events.publish(JobsQueued(), setting(1), FeedAdded(feed_id=1))
    assert told(store, heard) == [JobsQueued(), setting(1), FeedAdded(feed_id=1)]
    assert some == [JobsQueued(), FeedAdded(feed_id=1)]


def test_a_listener_that_fails_harms_neither_the_change_nor_the_others(
    store: Store, heard: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        raise ValueError(event)

    store.events.listen("clumsy", fail, Event)
    with caplog.at_level(logging.ERROR, logger="core.events.bus"):
        assert store.write(lambda db: record(db, 1)) is None
        store.write(lambda db: record(db, 2))
        assert told(store, heard) == [setting(1), setting(2)]
    assert [r.getMessage() for r in caplog.records] == ["the listener clumsy failed at setting.changed"] * 2
    assert all(r.exc_info for r in caplog.records)


def test_a_listener_that_hangs_holds_up_neither_the_writer_nor_the_others(store: Store, heard: list[Event]) -> None:
    opened = threading.Event()
    store.events.listen("stuck", lambda _: opened.wait(), Event)
    try:
        for number in range(100):
            store.write(partial(record_one, number=number))
        until(lambda: len(heard) == 100)
    finally:
        opened.set()


def test_a_listener_may_write_and_its_own_events_are_told(store: Store, heard: list[Event]) -> None:
    def subscribe(event: SettingChanged) -> None:
        store.write(lambda db: feeds.add(db, {"url": f"https://example.org/{event.name}", "title": "A show"}, now=0.0))

    store.events.listen("writes", subscribe, SettingChanged)
    store.write(lambda db: record(db, 1, 2))
    # First the listener has written, then what it wrote is told.
    assert store.events.settle()
    assert told(store, heard) == [setting(1), setting(2), FeedAdded(feed_id=1), FeedAdded(feed_id=2)]


def test_closing_waits_until_all_is_heard_and_lets_listeners_write(tmp_path: Path) -> None:
    store = Store(tmp_path / "other.db")

    def subscribe(event: SettingChanged) -> None:
        store.write(lambda db: feeds.add(db, {"url": f"https://example.org/{event.name}", "title": "A show"}, now=0.0))

    store.events.listen("writes", subscribe, SettingChanged)
    store.open()
    store.write(lambda db: record(db, *range(20)))
    store.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "listener-writes"]
    store.open()
    assert len(feeds.listing(store.read())) == 20
    store.close()


def test_what_is_published_before_the_start_is_heard_after_it() -> None:
    heard: list[Event] = []
    bus = events.Bus()
    bus.listen("test", heard.append, Event)
    bus.publish(setting(1))
    assert heard == []
    bus.start()
    bus.stop()
    assert heard == [setting(1)]


def test_a_listener_that_does_not_end_is_left_behind_and_named(caplog: pytest.LogCaptureFixture) -> None:
    opened = threading.Event()
    bus = events.Bus()
    bus.listen("stuck", lambda _: opened.wait(), Event)
    bus.start()
    bus.publish(setting(1))
    bus.stop(timeout=0.0)
    opened.set()
    assert "the listener stuck has not ended within its time" in caplog.text


def test_a_listener_that_does_not_keep_up_loses_events_not_memory(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("core.events.bus.MOST_WAITING", 3)
    heard: list[Event] = []
    bus = events.Bus()
    bus.listen("slow", heard.append, Event)
    bus.publish(*map(setting, range(5)))
    bus.start()
    bus.stop()
    assert heard == [setting(0), setting(1), setting(2)]
    assert caplog.text.count("the listener slow does not keep up") == 1


def test_an_event_is_json() -> None:
    waiting = StepWaiting(at=7.0, job_id=1, episode_id=2, step="fetch", code="offline", detail="No network.", until=9.0)
    assert json.loads(json.dumps(waiting.to_json())) == {
        "kind": "step.waiting",
        "at": 7.0,
        "job_id": 1,
        "episode_id": 2,
        "step": "fetch",
        "code": "offline",
        "detail": "No network.",
        "until": 9.0,
    }


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


# --- the listeners of the app ---------------------------------------------------------------------------

RECIPE = re.compile(r"## Add an event listener.*?```python\n(.*?)```", re.DOTALL)


def built(data: Path) -> app.CastMind:
    """Not started."""
    return app.CastMind(settings.load({}, environ={"CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"}))


def test_the_recipe_of_the_docs_hears_events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(app, "LISTENERS", app.LISTENERS)
    found = RECIPE.search((DOCS / "recipes.md").read_text(encoding="utf-8"))
    assert found
    names: dict[str, Any] = {}
    exec(compile(found[1], "recipe", "exec"), names)
    bus = built(tmp_path).events
    bus.start()
    bus.publish(events.StepFailed(job_id=1, episode_id=1, step="fetch", code="not_audio", detail=""))
    bus.stop()
    assert names["failures"] == {"not_audio": 1}


@pytest.mark.parametrize(
    "event",
    [
        JobsQueued(),
        events.QueuePaused(),
        events.QueueResumed(),
        events.StepRequeued(job_id=1, episode_id=1, step="fetch"),
        events.CancelRequested(job_id=1, episode_id=1, step="fetch"),
    ],
)
def test_work_wakes_the_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: Event) -> None:
    castmind, woken = built(tmp_path), threading.Event()
    monkeypatch.setattr(castmind._runner, "wake", woken.set)
    castmind.events.start()
    castmind.events.publish(event)
    castmind.events.stop()
    assert woken.is_set()


def test_notes_that_wait_for_a_model_go_on_when_one_is_there(tmp_path: Path) -> None:
    castmind = built(tmp_path)
    store = castmind._store
    store.open()

    def wait(db: Any) -> None:
        jobs.enqueue(db, episodes.add(db, {"title": "A talk", "source": "upload"}, now=0.0), priority=0, now=0.0)
        db.execute("UPDATE jobs SET state = 'waiting', not_before = 1e18 WHERE stage = 'summarise'")

    store.write(wait)
    castmind.events.publish(events.ModelPulled(model="llama3"))
    assert castmind.events.settle()
    assert {job.stage: job.not_before for job in jobs.of_episode(store.read(), 1)}[Stage.SUMMARISE] == 0
    store.close()


def test_the_docs_name_every_kind() -> None:
    text = (DOCS / "architecture" / "events.md").read_text(encoding="utf-8")
    kinds = {kind.kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind.kind}
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()
