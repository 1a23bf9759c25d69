"""The data of a show's head: text of the publisher, made safe."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds import folder_feed
from core.store.feeds import feeds
from pages.show import show_head


def test_the_publishers_text_and_links_are_made_safe(resting: CastMind) -> None:
    values = {
        "url": "https://f/",
        "title": "Show",
        "author": "Anna",
        "description": "<p>About <b>cats</b></p><script>x</script>",
        "link": "javascript:alert(1)",
        "next_poll_at": 4e9,
    }
    number = resting.library._store.write(lambda db: feeds.add(db, values, now=1.0))
    data = show_head.data(resting.subscriptions.get(OWNER, number))
    assert (data["title"], data["author"], data["description"], data["link"]) == ("Show", "Anna", "About cats", None)
    assert data["cover"] == f"/api/v1/feeds/{number}/cover" and data["local"] is False


def test_a_folder_is_not_checked(resting: CastMind) -> None:
    values = {"url": folder_feed.address(("Mine",)), "title": "Mine"}
    number = resting.library._store.write(lambda db: feeds.add(db, values, now=1.0))
    assert show_head.data(resting.subscriptions.get(OWNER, number))["local"] is True
