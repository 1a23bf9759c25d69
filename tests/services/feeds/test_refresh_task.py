"""The task that reads feeds on request: each once, counted as it ends, and what is left after a stop read at the next start."""

from __future__ import annotations

import threading

import pytest

from core.background.scheduler import Scheduler
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import DiskFull
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.refresh_task import RefreshTask
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.services.feeds.conftest import RefreshDesk
from tests.subscriptions_fixture import House

FEED = "/feed.xml"


def test_a_cancel_leaves_the_rest_and_ends_what_is_being_fetched(
    refresh_desk: RefreshDesk, house: House, host: PodcastHost
) -> None:
    refresh_desk.add(host, 3)
    refresh_desk.refresh.ask(OWNER)
    refresh_desk.given(3)
    refresh_desk.handed[0]()
    host.play(FEED, Mode.SILENT)
    fetching = threading.Thread(target=refresh_desk.handed[1])
    fetching.start()
    until(lambda: len(host.requests()) == 5)
    assert not refresh_desk.refresh.cancel(OWNER).running
    fetching.join(timeout=30)
    assert not fetching.is_alive() and refresh_desk.ended() is State.CANCELLED
    refresh_desk.handed[2]()
    assert len(host.requests()) == 5
    assert (refresh_desk.refresh.state(OWNER).done, house.subscriptions.get(OWNER, refresh_desk.ids[1]).feed.failures) == (1, 0)


def test_what_a_stop_of_the_server_has_left_is_read_after_the_next_start(refresh_desk: RefreshDesk, host: PodcastHost) -> None:
    refresh_desk.add(host, 3)
    refresh_desk.refresh.ask(OWNER)
    refresh_desk.given(3)
    refresh_desk.handed[0]()
    until(lambda: refresh_desk.refresh.state(OWNER).done == 1)
    assert refresh_desk.tasks.stop()
    refresh_desk.handed[1]()
    asked = len(host.requests())
    refresh_desk.handed.clear()
    refresh_desk.tasks.start()
    refresh_desk.given(2)
    for read in refresh_desk.handed:
        read()
    assert refresh_desk.ended() is State.DONE
    assert (refresh_desk.refresh.state(OWNER).done, len(host.requests())) == (3, asked + 2)


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


def test_a_feed_that_was_removed_meanwhile_counts_as_read(refresh_desk: RefreshDesk, house: House, host: PodcastHost) -> None:
    refresh_desk.add(host, 2)
    refresh_desk.refresh.ask(OWNER)
    refresh_desk.given(2)
    house.unsubscribe.remove(OWNER, refresh_desk.ids[0])
    for read in refresh_desk.handed:
        read()
    assert refresh_desk.ended() is State.DONE
    state = refresh_desk.refresh.state(OWNER)
    assert (state.done, state.failed) == (2, 0)


def test_a_poll_that_raises_is_counted_and_its_error_goes_to_who_runs_it(
    refresh_desk: RefreshDesk, house: House, host: PodcastHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_desk.add(host, 2)
    refresh_desk.refresh.ask(OWNER)
    refresh_desk.given(2)

    def full(*_: object, **__: object) -> None:
        raise DiskFull()

    with monkeypatch.context() as patch:
        patch.setattr(house.subscriptions, "poll", full)
        with pytest.raises(DiskFull):
            refresh_desk.handed[0]()
    refresh_desk.handed[1]()
    assert refresh_desk.ended() is State.DONE
    state = refresh_desk.refresh.state(OWNER)
    assert (state.done, state.failed) == (2, 1)


def test_a_feed_is_asked_without_conditions_because_a_person_wants_to_know(
    refresh_desk: RefreshDesk, house: House, host: PodcastHost
) -> None:
    refresh_desk.add(host, 1)
    refresh_desk.refresh.ask(OWNER)
    refresh_desk.given(1)
    refresh_desk.handed[0]()
    assert refresh_desk.ended() is State.DONE
    assert host.requests()[-1].status == 200
