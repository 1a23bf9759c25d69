"""The form for a feed's URL."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open, faults


def test_a_feeds_address_is_changed_and_changed_back_in_its_card(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("show/page.py", id=str(number))
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    for typed, now, words in (
        (f"{host.url}/nowhere.xml", host.feed_url, "404"),
        (f"{host.feed_url}?new=1", f"{host.feed_url}?new=1", "new address"),
    ):
        page.text_input(key=f"feed.address.{number}.{host.feed_url}").set_value(typed)
        page.button(key=f"feed.address.{number}.save").click().run()
        assert castmind.subscriptions.get(OWNER, number).feed.url == now
        assert any(words in said for said in [*faults(page), *(toast.value for toast in page.toast)])
    page.button(key=f"feed.address.{number}.undo").click().run()
    assert castmind.subscriptions.get(OWNER, number).feed.url == host.feed_url
    assert not any(button.key == f"feed.address.{number}.undo" for button in page.button)
