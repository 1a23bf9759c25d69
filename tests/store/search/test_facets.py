"""The feeds and tags of the episodes that a search has found."""

from __future__ import annotations

from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import tags
from core.store.search import facets
from tests.store.search.conftest import Add, find, transcribe


def test_the_most_frequent_come_first(store: Store, add_episode: Add) -> None:
    daily, weekly = (
        store.write(lambda db, name=name: feeds.add(db, {"url": f"https://{name}.example", "title": name}, now=0.0))
        for name in ("daily", "weekly")
    )
    found = [add_episode("one", feed_id=weekly), add_episode("two", feed_id=weekly), add_episode("three", feed_id=daily)]
    found.append(add_episode("without a feed"))
    store.write(lambda db: tags.put(db, tags.named(db, "work", now=1.0), found[1:3]))
    store.write(lambda db: tags.put(db, tags.named(db, "home", now=1.0), found[:1]))
    for number in found:
        transcribe(store, number, "gpu")
    with store.snapshot() as db:
        assert facets.of(db, found) == ((("weekly", 2), ("daily", 1)), (("work", 2), ("home", 1)))
        assert facets.of(db, []) == ((), ())
        assert facets.of(db, found[2:]) == ((("daily", 1),), (("work", 1),))
    answer = find(store, "tag:home gpu")
    assert (answer.feeds, answer.tags) == ((("weekly", 1),), (("home", 1),))


def test_a_long_list_is_cut(store: Store, add_episode: Add) -> None:
    episode = add_episode("one")
    for number in range(facets.MOST + 2):
        store.write(lambda db, number=number: tags.put(db, tags.named(db, f"tag {number:02}", now=1.0), [episode]))
    with store.snapshot() as db:
        _, found = facets.of(db, [episode])
    assert [name for name, _ in found] == [f"tag {number:02}" for number in range(facets.MOST)]
