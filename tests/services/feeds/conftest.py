"""Refreshes whose feeds are read when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.refresh_task import RefreshTask
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import until
from tests.subscriptions_fixture import House


class RefreshDesk:
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
def refresh_desk(house: House) -> Iterator[RefreshDesk]:
    made = RefreshDesk(house)
    yield made
    assert made.tasks.stop()
