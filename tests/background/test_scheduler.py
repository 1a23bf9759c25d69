from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from core import settings
from core.background.crew import Crew
from core.background.scheduler import Scheduler
from core.domain.accounts.actor import OWNER
from core.net.web import Fetcher
from core.services.feeds.subscriptions import Subscriptions
from core.services.settings.settings_service import SettingsService
from core.store.db.database import Store
from core.store.feeds import feeds
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until

SOON = 0.001


@pytest.fixture
def everywhere() -> Iterator[PodcastHost]:
    """One that answers under every address of this computer: many hosts."""
    with PodcastHost(host="0.0.0.0") as running:
        yield running


@pytest.fixture
def subscriptions(store: Store) -> Iterator[Subscriptions]:
    fetcher = Fetcher(lambda: [f"127.0.0.{n}" for n in range(1, 40)])
    preferences = SettingsService(settings.load({}, environ={}), store, environ={})
    yield Subscriptions(store, preferences, fetcher)
    fetcher.close()


@pytest.fixture
def scheduler(subscriptions: Subscriptions) -> Iterator[Scheduler]:
    made = Scheduler(subscriptions, look_seconds=SOON)
    yield made
    made.stop(timeout=10.0)


def subscribe(store: Store, url: str) -> int:
    """A feed that was never fetched, and so is due."""
    return store.write(lambda db: feeds.add(db, {"url": url, "title": url}, now=0.0))


def test_due_feeds_are_polled_and_then_wait_their_time(
    store: Store, host: PodcastHost, subscriptions: Subscriptions, scheduler: Scheduler
) -> None:
    feed_id = subscribe(store, host.feed_url)
    scheduler.start()
    until(lambda: subscriptions.get(OWNER, feed_id).episodes == 5)
    until(lambda: not scheduler._in_hand)
    scheduler.poll_due()
    assert subscriptions.due() == []
    assert len(host.requests("/feed.xml")) == 1


def test_a_feed_in_hand_is_not_polled_twice(store: Store, host: PodcastHost, scheduler: Scheduler) -> None:
    subscribe(store, f"{host.url}/as/silent/feed.xml")
    scheduler.start()
    until(lambda: len(host.requests()) == 1)
    for _ in range(5):
        scheduler.poll_due()
    feed_id = subscribe(store, host.feed_url)
    until(lambda: feeds.get(store.read(), feed_id).last_success_at is not None)
    assert len(host.requests("/as/silent/feed.xml")) == 1


def test_no_more_than_sixteen_feeds_are_polled_at_once(store: Store, everywhere: PodcastHost, scheduler: Scheduler) -> None:
    for number in range(20):
        subscribe(store, f"http://127.0.0.{number + 1}:{everywhere.port}/as/silent/feed.xml")
    scheduler.start()
    until(lambda: len(everywhere.requests()) == 16)
    scheduler.stop(timeout=10.0)
    assert len(everywhere.requests()) == 16


def test_hosts_that_are_waited_for_are_under_way_together_without_patience_running_out(
    store: Store, everywhere: PodcastHost, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.background.scheduler.Crew", partial(Crew, patience=1e6))
    ways = [Mode.SILENT, Mode.STALL, Mode.DRIP, Mode.SILENT]
    for number in range(16):
        subscribe(store, f"http://127.0.0.{number + 1}:{everywhere.port}/as/{ways[number % 4]}/feed.xml")
    scheduler.start()
    until(lambda: len(everywhere.requests()) == 16)


def test_feeds_that_take_no_waiting_are_handed_out_one_after_the_other(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.background.scheduler.Crew", partial(Crew, patience=1e6))
    scheduler.start()
    under_way, most, done = 0, 0, list[int]()

    def task(number: int, check: Callable[[], None]) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        check()
        time.sleep(0)
        done.append(number)
        under_way -= 1

    for number in range(300):
        scheduler.hand_out(f"read {number}", partial(task, number), url=f"http://127.0.0.{number % 50}/")
    until(lambda: len(done) == 300)
    assert most == 1
    assert sorted(done) == list(range(300))


def test_two_at_once_ask_one_host_and_the_others_keep_no_thread(store: Store, host: PodcastHost, scheduler: Scheduler) -> None:
    for number in range(20):
        subscribe(store, f"{host.url}/as/silent/feed.xml?{number}")
    elsewhere = subscribe(store, f"http://127.0.0.2:{host.port}/feed.xml")
    scheduler.start()
    until(lambda: len(host.requests()) == 2)
    until(lambda: feeds.get(store.read(), elsewhere).last_polled_at is not None)
    assert len(host.requests()) == 2


def test_a_host_that_hangs_does_not_keep_the_housekeeping_waiting(
    store: Store, everywhere: PodcastHost, scheduler: Scheduler
) -> None:
    for number in range(16):
        subscribe(store, f"http://127.0.0.{number + 1}:{everywhere.port}/as/silent/feed.xml")
    ran = threading.Event()
    scheduler.every(SOON, "prune", ran.set)
    scheduler.start()
    until(lambda: len(everywhere.requests()) == 16)
    ran.clear()
    until(ran.is_set)


def test_what_was_polled_since_the_list_was_read_is_not_polled_again(
    store: Store, host: PodcastHost, subscriptions: Subscriptions, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(store, host.feed_url)
    read_before = subscriptions.due()
    scheduler.start()
    until(lambda: not subscriptions.due())
    until(lambda: not scheduler.busy())
    monkeypatch.setattr(subscriptions, "due", lambda: read_before)
    scheduler.poll_due()
    until(lambda: not scheduler.busy())
    assert len(host.requests("/feed.xml")) == 1


def test_all_that_is_due_is_handed_out_and_each_once(
    store: Store, host: PodcastHost, subscriptions: Subscriptions, scheduler: Scheduler
) -> None:
    for number in range(100):
        subscribe(store, f"{host.url}/feed.xml?{number}")
    scheduler.start()
    until(lambda: not subscriptions.due())
    assert sorted(r.path for r in host.requests()) == sorted(f"/feed.xml?{n}" for n in range(100))


def test_a_feed_that_a_wrong_clock_put_far_ahead_is_polled(
    store: Store, host: PodcastHost, subscriptions: Subscriptions, scheduler: Scheduler
) -> None:
    feed_id = subscribe(store, host.feed_url)
    store.write(lambda db: feeds.change(db, feed_id, {"next_poll_at": time.time() + 10 * 365 * 86400.0}))
    scheduler.start()
    until(lambda: subscriptions.get(OWNER, feed_id).episodes == 5)
    assert subscriptions.get(OWNER, feed_id).feed.next_poll_at < time.time() + 2 * 86400.0


def test_stopping_ends_polls_that_hang_and_counts_no_failure(store: Store, host: PodcastHost, scheduler: Scheduler) -> None:
    ids = [subscribe(store, f"{host.url}/as/{mode}/feed.xml") for mode in (Mode.SILENT, Mode.DRIP)]
    scheduler.start()
    until(lambda: len(host.requests()) == 2)
    scheduler.stop(timeout=10.0)
    assert not [t for t in threading.enumerate() if t.name.startswith(("poll-", "chore-", "scheduler"))]
    assert [feeds.get(store.read(), i).failures for i in ids] == [0, 0]


@pytest.mark.long
def test_stopping_leaves_behind_what_cannot_be_ended(scheduler: Scheduler) -> None:
    release, entered = threading.Event(), threading.Event()

    def hang() -> None:
        entered.set()
        release.wait(60)

    scheduler.every(SOON, "hang", hang)
    scheduler.start()
    until(entered.is_set)
    scheduler.stop(timeout=0.1)
    hanging = [t for t in threading.enumerate() if t.name.startswith(("poll-", "chore-"))]
    assert len(hanging) == 1
    assert hanging[0].daemon
    release.set()


def test_a_task_that_raises_is_logged_and_the_rest_goes_on(scheduler: Scheduler, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []

    def broken() -> None:
        ran.append("broken")
        raise RuntimeError("no luck")

    scheduler.every(SOON, "backup", broken)
    scheduler.every(SOON, "prune", lambda: ran.append("prune"))
    with caplog.at_level(logging.ERROR):
        scheduler.start()
        until(lambda: {"broken", "prune"} <= set(ran))
        ran.clear()
        until(lambda: {"broken", "prune"} <= set(ran))
    assert "backup stumbled" in caplog.text


def test_housekeeping_waits_its_time_and_not_for_the_clock_to_catch_up(scheduler: Scheduler) -> None:
    ran = threading.Event()
    scheduler.every(600.0, "prune", ran.set)
    scheduler.start()
    scheduler.step()
    assert not ran.is_set()
    for job in scheduler._timetable.jobs:
        job.next_run += timedelta(hours=1)  # as seen after the clock was put back by an hour
    until(ran.is_set)


def test_a_poll_that_cannot_be_written_rests(
    store: Store, host: PodcastHost, subscriptions: Subscriptions, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(store, host.feed_url)
    tried: list[int] = []

    def full(feed_id: int, **_: object) -> None:
        tried.append(feed_id)
        raise OSError("disk full")

    monkeypatch.setattr(subscriptions, "poll", full)
    scheduler.start()
    until(lambda: len(tried) == 1)
    until(lambda: not scheduler._in_hand)
    scheduler.poll_due()
    assert not scheduler._in_hand
    assert len(tried) == 1
