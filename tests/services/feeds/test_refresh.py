from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import NotFound
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.services.feeds.conftest import RefreshDesk

FEED = "/feed.xml"


def test_all_feeds_are_read_and_counted(refresh_desk: RefreshDesk, host: PodcastHost) -> None:
    refresh_desk.add(host, 3)
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    asked = refresh_desk.refresh.ask(OWNER)
    assert (asked.running, asked.total, asked.waiting) == (True, 3, frozenset(refresh_desk.ids))
    refresh_desk.given(3)
    host.play(FEED, Mode.ERROR)
    for read in refresh_desk.handed:
        read()
    assert refresh_desk.ended() is State.DONE
    state = refresh_desk.refresh.state(OWNER)
    assert (state.running, state.done, state.new, state.failed) == (False, 3, 2, 1)


def test_what_is_asked_for_twice_is_read_once(refresh_desk: RefreshDesk, host: PodcastHost) -> None:
    refresh_desk.add(host, 2)
    refresh_desk.refresh.ask(OWNER, [refresh_desk.ids[0]])
    assert refresh_desk.refresh.ask(OWNER, refresh_desk.ids).total == 2
    refresh_desk.given(2)
    with pytest.raises(NotFound):
        refresh_desk.refresh.ask(OWNER, [77])
