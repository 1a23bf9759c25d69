"""The podcasts as a whole: checking all, and those that can be restored."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open
from tests.runner_fixture import until


def test_an_unsubscribe_is_undone_below_the_list(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    feed = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    castmind.unsubscribe.remove(OWNER, feed.id, episodes=True)
    page = opened("feeds/page.py")
    page.button(key=f"gone.back.{feed.id}").click().run()
    assert castmind.subscriptions.get(OWNER, feed.id).episodes == 5


def test_all_podcasts_are_checked(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    castmind.subscriptions.add(OWNER, host.feed_url, backlog=0)
    page = opened("feeds/page.py")
    page.button(key="feeds.read_all").click().run()
    until(lambda: not castmind.refresh.state(OWNER).running)
    assert castmind.refresh.state(OWNER).done == 1
