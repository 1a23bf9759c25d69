"""The pages above an episode: the library, and its show."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes
from tests.pages.conftest import Open, given


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("1", [("Library", "/"), ("The *show*", "/show?id=1")]),
        ("2", [("Library", "/")]),
        ("77", [("Library", "/")]),
        ("x", [("Library", "/")]),
    ],
)
def test_an_episode_stands_below_the_library_and_its_show(
    castmind: CastMind, opened: Open, asked: str, expected: list[tuple[str, str]]
) -> None:
    def fill(db: Database) -> None:
        feed_id = feeds.add(db, {"url": "https://f/", "title": "The *show*", "next_poll_at": 4e9}, now=1.0)
        episodes.add(db, {"title": "One", "source": "feed", "feed_id": feed_id, "guid": "1"}, now=1.0)
        episodes.add(db, {"title": "Two", "source": "upload"}, now=1.0)

    castmind.library._store.write(fill)
    crumbs = given(opened("episode/page.py", id=asked), "castmind_navigation")["crumbs"]
    assert crumbs == [{"title": title, "href": href} for title, href in expected]


def test_a_show_stands_below_the_podcasts(castmind: CastMind, opened: Open) -> None:
    values = {"url": "https://f/", "title": "Show", "next_poll_at": 4e9}
    castmind.library._store.write(lambda db: feeds.add(db, values, now=1.0))
    crumbs = given(opened("show/page.py", id="1"), "castmind_navigation")["crumbs"]
    assert crumbs == [{"title": "Podcasts", "href": "/feeds"}]
    assert given(opened("show/page.py", id="7"), "castmind_navigation")["crumbs"] == crumbs
