"""Episodes without work, the newest first; no statement walks the library."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import tags
from core.store.schedules import untranscribed
from tests.store.conftest import add_feed


def test_the_newest_without_work_are_found(store: Store, add_episode: Callable[..., int]) -> None:
    feed = add_feed(store)
    old, new = (add_episode(f"{n}", feed_id=feed, source="feed", published_at=float(n)) for n in (1, 2))
    upload, ordered, deleted = add_episode("mine", now=9.0), add_episode("ordered"), add_episode("deleted", deleted_at=5.0)
    store.write(partial(jobs.enqueue, episode_id=ordered, priority=0, now=1.0))
    tag = store.write(partial(tags.named, name="night", now=1.0))
    store.write(partial(tags.put, tag_id=tag, episode_ids=[old, ordered, deleted]))
    find = partial(untranscribed.newest, store.read(), limit=10)
    assert find() == [upload, new, old]
    assert (find(feed_id=feed), find(feed_id=feed, limit=1), find(tag_id=tag)) == ([new, old], [new], [old])
    assert find(feed_id=feed, tag_id=tag) == [old]
