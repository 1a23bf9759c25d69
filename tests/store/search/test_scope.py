"""The part of the library that filters leave."""

from __future__ import annotations

from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import tags
from tests.store.search.conftest import DAY, Add, find, transcribe


def test_filters_of_feed_tag_episode_and_time(store: Store, add_episode: Add) -> None:
    feed = store.write(lambda db: feeds.add(db, {"url": "https://e.example", "title": "科技早知道 Daily"}, now=0.0))
    first = add_episode("one", feed_id=feed, published_at=100 * DAY)
    second = add_episode("two", published_at=200 * DAY)
    for number in (first, second):
        transcribe(store, number, "gpu")
    store.write(lambda db: tags.put(db, tags.named(db, "Arbeit", now=1.0), [second]))
    answers = {
        "feed:早知道 gpu": [first],
        'feed:"daily" gpu': [first],
        "-feed:daily gpu": [second],
        "tag:arbeit gpu": [second],
        "tag:arb gpu": [],
        "-tag:arbeit gpu": [first],
        f"episode:{second} gpu": [second],
        "after:1970-05-01 gpu": [second],
        "before:1970-05-01 gpu": [first],
        "after:1970-05 before:1970-06 gpu": [],
        "feed:daily": [first],
        "after:1970-05": [second],
    }
    assert {query: [group.episode_id for group in find(store, query).groups] for query in answers} == answers
