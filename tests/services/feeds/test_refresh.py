from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from core.background.scheduler import Scheduler
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import NotFound
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.refresh_task import RefreshTask
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.subscriptions_fixture import House

FEED = "/feed.xml"


class Desk:
    """Refreshes whose feeds are read when the test says so."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ids: list[int] = []
        self.handed: list[Callable[[], None]] = []
        self.tasks = Tasks(house.store)
        self.tasks.register(
            RefreshTask(house.subscriptions, hand_out=lambda name, run, *, url: self.handed.append(lambda: run(lambda: None)))
        )
        self.tasks.start()
        self.refresh = FeedRefresh(house.subscriptions, self.tasks)

    def add(self, host: PodcastHost, feeds: int) -> None:
        self.ids = [self.house.subscriptions.add(OWNER, f"{host.feed_url}?n={n}", backlog=0).feed.id for n in range(feeds)]

    def given(self, count: int) -> None:
        until(lambda: len(self.handed) == count)

    def ended(self) -> State:
        return self.tasks.wait(self.tasks.listing("refresh")[-1].id).state


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    made = Desk(house)
    yield made
    assert made.tasks.stop()


def test_all_feeds_are_read_and_counted(desk: Desk, host: PodcastHost) -> None:
    desk.add(host, 3)
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    asked = desk.refresh.ask(OWNER)
    assert (asked.running, asked.total, asked.waiting) == (True, 3, frozenset(desk.ids))
    desk.given(3)
    host.play(FEED, Mode.ERROR)
    for read in desk.handed:
        read()
    assert desk.ended() is State.DONE
    state = desk.refresh.state(OWNER)
    assert (state.running, state.done, state.new, state.failed) == (False, 3, 2, 1)


def test_what_is_asked_for_twice_is_read_once(desk: Desk, host: PodcastHost) -> None:
    desk.add(host, 2)
    desk.refresh.ask(OWNER, [desk.ids[0]])
    assert desk.refresh.ask(OWNER, desk.ids).total == 2
    desk.given(2)
    with pytest.raises(NotFound):
        desk.refresh.ask(OWNER, [77])


def test_a_cancel_leaves_the_rest_and_ends_what_is_being_fetched(desk: Desk, house: House, host: PodcastHost) -> None:
    desk.add(host, 3)
    desk.refresh.ask(OWNER)
    desk.given(3)
    desk.handed[0]()
    host.play(FEED, Mode.SILENT)
    fetching = threading.Thread(target=desk.handed[1])
    fetching.start()
    until(lambda: len(host.requests()) == 5)
    assert not desk.refresh.cancel(OWNER).running
    fetching.join(timeout=30)
    assert not fetching.is_alive() and desk.ended() is State.CANCELLED
    desk.handed[2]()
    assert len(host.requests()) == 5
    assert (desk.refresh.state(OWNER).done, house.subscriptions.get(OWNER, desk.ids[1]).feed.failures) == (1, 0)


def test_what_a_stop_of_the_server_has_left_is_read_after_the_next_start(desk: Desk, host: PodcastHost) -> None:
    desk.add(host, 3)
    desk.refresh.ask(OWNER)
    desk.given(3)
    desk.handed[0]()
    until(lambda: desk.refresh.state(OWNER).done == 1)
    assert desk.tasks.stop()
    desk.handed[1]()
    asked = len(host.requests())
    desk.handed.clear()
    desk.tasks.start()
    desk.given(2)
    for read in desk.handed:
        read()
    assert desk.ended() is State.DONE
    assert (desk.refresh.state(OWNER).done, len(host.requests())) == (3, asked + 2)


def test_the_scheduler_reads_them_beside_its_polls(house: House, host: PodcastHost) -> None:
    scheduler, tasks = Scheduler(house.subscriptions), Tasks(house.store)
    tasks.register(RefreshTask(house.subscriptions, hand_out=scheduler.hand_out))
    refresh = FeedRefresh(house.subscriptions, tasks)
    ids = [house.subscriptions.add(OWNER, f"{host.feed_url}?n={n}", backlog=0).feed.id for n in range(5)]
    scheduler.start()
    tasks.start()
    try:
        refresh.ask(OWNER, ids)
        tasks.wait(tasks.listing("refresh")[-1].id)
    finally:
        tasks.stop()
        scheduler.stop()
    assert refresh.state(OWNER).done == 5
