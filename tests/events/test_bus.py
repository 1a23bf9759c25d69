"""The bus over a real store: delivered events, their order, and isolation from faulty listeners."""

from __future__ import annotations

import logging
import threading
from functools import partial
from pathlib import Path

import pytest

from core import events
from core.events import Event, FeedAdded, JobsQueued, SettingChanged
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from tests.events.conftest import record, setting, told
from tests.runner_fixture import until


def record_one(db: Database, number: int) -> None:
    record(db, number)


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
    # The listener's write comes first, then the events of that write.
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_whose_thread_died_hears_the_next_event_again(store: Store) -> None:
    some: list[Event] = []

    def dies_once(event: Event) -> None:
        if not some:
            some.append(event)
            raise SystemExit
        some.append(event)

    store.events.listen("mortal", dies_once, JobsQueued)
    store.events.publish(JobsQueued())
    until(store.events.dead)
    store.events.publish(JobsQueued())
    assert store.events.revive() == ["mortal"] and not store.events.dead()
    assert store.events.settle() and len(some) == 2
