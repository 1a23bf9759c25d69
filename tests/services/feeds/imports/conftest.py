"""A desk of imports whose lines run when the test says so, over real subscriptions and a real host of feeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import Import, Outline
from core.sources import opml
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import until
from tests.subscriptions_fixture import House, ImportDesk

FEED = "/feed.xml"


class Desk(ImportDesk):
    def __init__(self, house: House) -> None:
        super().__init__(house.store, house.subscriptions, clock=lambda: house.now)
        self.house = house

    def add(self, *urls: str, **wishes: bool | int) -> Import:
        body = opml.write([Outline(url, f"Title {n}") for n, url in enumerate(urls)], title="Mine", now=0.0)
        return self.imports.add_opml(OWNER, body, **wishes)  # type: ignore[arg-type]

    def given(self, count: int) -> None:
        """Wait until so many lines are handed out; another look hands out no more."""
        until(lambda: len(self.handed) >= count)
        self.queue.hand_out()
        assert len(self.handed) == count


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    with Desk(house) as made:
        yield made


def at(host: PodcastHost, n: int) -> str:
    return f"{host.feed_url}?n={n}"
