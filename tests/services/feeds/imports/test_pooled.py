"""Imports without a scheduler, as the command line runs them: in a pool of threads, for as long as it is entered."""

from __future__ import annotations

from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import LineState, Outline
from core.services.feeds.imports.pooled import PooledImports
from core.sources import opml
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.services.feeds.imports.conftest import FEED, at
from tests.subscriptions_fixture import House


def file_of(*urls: str) -> bytes:
    return opml.write([Outline(url) for url in urls], title="Mine", now=0.0)


def test_lines_run_while_it_is_entered_and_wait_otherwise(house: House, host: PodcastHost) -> None:
    pooled = PooledImports(house.store, house.subscriptions)
    begun = pooled.imports.add_opml(OWNER, file_of(*(at(host, n) for n in range(3)), f"{host.url}/nowhere"), backlog=0)
    assert not host.requests() and pooled.imports.get(OWNER, begun.id).done == 0
    with pooled as imports:
        until(lambda: not imports.get(OWNER, begun.id).running)
    assert pooled.imports.get(OWNER, begun.id).counts == {LineState.ADDED: 3, LineState.FAILED: 1}


def test_leaving_ends_fetches_and_keeps_what_waits_for_the_next_one(house: House, host: PodcastHost) -> None:
    host.play(FEED, Mode.SILENT, Mode.SILENT)
    with PooledImports(house.store, house.subscriptions) as imports:
        begun = imports.add_opml(OWNER, file_of(*(at(host, n) for n in range(4))), backlog=0)
        until(lambda: len(host.requests()) == 2)
    assert imports.get(OWNER, begun.id).counts == {LineState.WAITING: 4}
    host.calm()
    with PooledImports(house.store, house.subscriptions) as imports:
        until(lambda: not imports.get(OWNER, begun.id).running)
    assert imports.get(OWNER, begun.id).counts == {LineState.ADDED: 4}


def test_a_web_page_is_not_searched_for_feeds(house: House, host: PodcastHost) -> None:
    with PooledImports(house.store, house.subscriptions) as imports:
        begun = imports.add_address(OWNER, host.audio_url("en_short.wav"))
        until(lambda: not imports.get(OWNER, begun.id).running)
        (line,) = imports.lines(OWNER, begun.id)
    assert line.state is LineState.FAILED and line.error and line.error["code"] == "not_a_feed"
