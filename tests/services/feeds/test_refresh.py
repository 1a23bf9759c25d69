from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.background.scheduler import Scheduler
from core.errors import NotFound, ShuttingDown
from core.services.feeds.refresh import FeedRefresh
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.subscriptions_fixture import House

FEED = "/feed.xml"


class Desk:
    """Refreshes whose tasks run when the test says so."""

    def __init__(self, house: House, host: PodcastHost, feeds: int) -> None:
        self.ids = [house.subscriptions.add(f"{host.feed_url}?n={n}", backlog=0).feed.id for n in range(feeds)]
        self.tasks: list[Callable[[], None]] = []
        self.refresh = FeedRefresh(
            house.subscriptions, hand_out=lambda name, run, *, url: self.tasks.append(lambda: run(lambda: None))
        )


def test_all_feeds_are_read_and_counted(house: House, host: PodcastHost) -> None:
    desk = Desk(house, host, 3)
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    asked = desk.refresh.ask()
    assert (asked.running, asked.total, asked.waiting) == (True, 3, frozenset(desk.ids))
    host.play(FEED, Mode.ERROR)
    for task in desk.tasks:
        task()
    state = desk.refresh.state()
    assert (state.running, state.done, state.new, state.failed) == (False, 3, 2, 1)


def test_what_is_asked_for_twice_is_read_once(house: House, host: PodcastHost) -> None:
    desk = Desk(house, host, 2)
    desk.refresh.ask([desk.ids[0]])
    desk.refresh.ask(desk.ids)
    assert len(desk.tasks) == 2
    with pytest.raises(NotFound):
        desk.refresh.ask([77])


def test_a_cancel_leaves_the_rest_and_ends_what_is_being_fetched(house: House, host: PodcastHost) -> None:
    desk = Desk(house, host, 3)
    desk.refresh.ask()
    desk.tasks[0]()
    host.play(FEED, Mode.SILENT)
    fetching = threading.Thread(target=desk.tasks[1])
    fetching.start()
    until(lambda: len(host.requests()) == 5)
    assert not desk.refresh.cancel().running
    fetching.join(timeout=30)
    assert not fetching.is_alive()
    desk.tasks[2]()
    assert len(host.requests()) == 5
    assert (desk.refresh.state().done, house.subscriptions.get(desk.ids[1]).feed.failures) == (1, 0)


def test_a_stop_of_the_server_forgets_what_was_asked_for(house: House, host: PodcastHost) -> None:
    desk = Desk(house, host, 1)

    def ending(name: str, run: Callable[[Callable[[], None]], None], *, url: str) -> None:
        def check() -> None:
            raise ShuttingDown()

        with pytest.raises(ShuttingDown):
            run(check)

    refreshing = FeedRefresh(house.subscriptions, hand_out=ending)
    refreshing.ask()
    refreshing.start()
    assert not refreshing.state().running
    assert desk.ids


def test_the_scheduler_reads_them_beside_its_polls(house: House, host: PodcastHost) -> None:
    desk = Desk(house, host, 5)
    scheduler = Scheduler(house.subscriptions)
    refreshing = FeedRefresh(house.subscriptions, hand_out=scheduler.hand_out)
    scheduler.start()
    try:
        refreshing.ask(desk.ids)
        until(lambda: not refreshing.state().running)
    finally:
        scheduler.stop()
    assert refreshing.state().done == 5
