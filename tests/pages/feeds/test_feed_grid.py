"""The data of the grid: folders in their order, a tile a podcast, failing and private ones."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds import folder_feed
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from pages.feeds import feed_grid


def add(castmind: CastMind, title: str, **more: object) -> int:
    def write(db: Database) -> int:
        values = {"url": f"https://{title}.example/", "title": title, "next_poll_at": 4e9}
        number = feeds.add(db, values, now=1.0)
        if more:
            feeds.change(db, number, more)
        return number

    return castmind._store.write(write)


def drawn(castmind: CastMind, *waiting: int) -> list[tuple[str, list[str]]]:
    data = feed_grid.data(castmind.subscriptions.listing(OWNER), waiting)
    return [(folder["title"], [tile["title"] for tile in folder["tiles"]]) for folder in data["folders"]]


def test_podcasts_stand_in_their_folders_as_soon_as_one_has_one(resting: CastMind) -> None:
    numbers = [add(resting, title) for title in ("B", "A", "C")]
    assert drawn(resting) == [("", ["A", "B", "C"])]
    resting.subscriptions.change(OWNER, numbers[0], folder="News/*Tech*")
    resting.subscriptions.change(OWNER, numbers[2], folder="news")
    assert drawn(resting) == [("news", ["C"]), ("News/*Tech*", ["B"]), ("No folder", ["A"])]


def test_a_tile_says_what_its_podcast_is(resting: CastMind) -> None:
    bad = add(resting, "Bad", error={"code": "feed_gone", "detail": "Gone."}, author="Anna")
    resting._store.write(lambda db: feeds.add(db, {"url": folder_feed.address(("Mine",)), "title": "Mine"}, now=1.0))
    data = feed_grid.data(resting.subscriptions.listing(OWNER), {bad})
    first, mine = data["folders"][0]["tiles"]
    assert (first["failing"], first["busy"], first["sign"], first["words"]) == (True, True, "", "bad anna ")
    assert (first["href"], first["cover"], first["facts"]) == (f"/show?id={bad}", f"/api/v1/feeds/{bad}/cover", "0 episodes")
    assert (mine["failing"], mine["sign"]) == (False, "A folder on this computer")
    assert data["failing"] == 1
