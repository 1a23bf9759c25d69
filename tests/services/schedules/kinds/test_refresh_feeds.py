"""Chosen podcasts are checked, or all; by hand, the built-in polls check all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from core.store.feeds import feeds
from tests.fakes.podcast_host import PodcastHost
from tests.services.schedules.kinds.conftest import Room


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


def test_chosen_ones_are_checked_or_all(room: Room, host: PodcastHost, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = room.app._tasks._kinds["refresh"]
    monkeypatch.setattr(kind, "_hand_out", lambda _, run, url: run(lambda: None))
    urls = (host.feed_url, f"{host.url}/no-such-feed.xml")
    first, second = (room.store.write(partial(feeds.add, values={"url": url, "title": url}, now=1.0)) for url in urls)
    assert room.run("refresh", parameters={"feeds": [first, 99]}).did == {"feeds": 1, "new": 5, "failed": 0}
    assert feeds.get(room.store.read(), second).last_polled_at is None
    assert room.run_builtin("polls").did == {"feeds": 2, "new": 0, "failed": 1}
    run = room.run("refresh", parameters={"feeds": [99]})
    assert (run.outcome.value, run.did, run.task_id) == ("done", {}, None)
