"""Feeds as rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.domain.feeds import folder_feed
from core.domain.feeds.polling import IMPOSSIBLE
from core.errors import NotFound
from core.store.db.database import Store
from core.store.feeds import feeds, removed_feeds
from core.store.library import episode_trash


def add(store: Store, title: str = "A show", **values: object) -> int:
    row = {"url": f"https://example.org/{title}", "title": title, **values}
    return store.write(partial(feeds.add, values=row, now=1.0))


def test_an_id_of_a_removed_feed_is_not_given_again_while_that_may_come_back(store: Store) -> None:
    add(store, "one")
    last = add(store, "two")
    store.write(lambda db: removed_feeds.keep(db, last, trash=False, now=2.0))
    store.write(lambda db: feeds.delete(db, last))
    assert add(store, "three") == last + 1


def test_flags_are_flags_and_an_error_is_a_record(store: Store) -> None:
    number = add(store, auto_transcribe=1, complete=0)
    error = {"code": "feed_unavailable", "detail": "Nö.", "params": {"status": 503}}
    store.write(lambda db: feeds.change(db, number, {"error": error}))
    found = feeds.get(store.read(), number)
    assert (found.auto_transcribe, found.complete, found.error) == (True, False, error)
    store.write(lambda db: feeds.change(db, number, {"error": None}))
    assert feeds.get(store.read(), number).error is None


def test_an_error_of_an_earlier_version_is_its_sentence(store: Store) -> None:
    number = add(store, error="The server said no.")
    assert feeds.get(store.read(), number).error == {"code": "", "detail": "The server said no.", "params": {}}


def test_what_is_not_there_is_not_found_and_not_changed(store: Store) -> None:
    with pytest.raises(NotFound):
        feeds.get(store.read(), 9)
    with pytest.raises(NotFound):
        store.write(lambda db: feeds.change(db, 9, {"title": "x"}))
    assert feeds.with_url(store.read(), "https://example.org/none") is None


def test_the_longest_overdue_is_polled_first_and_a_folder_never(store: Store) -> None:
    now = 1e9
    late, later = add(store, "late", next_poll_at=now - 9), add(store, "later", next_poll_at=now - 1)
    add(store, "not yet", next_poll_at=now + 1)
    lost = add(store, "by a clock that was ahead", next_poll_at=now + IMPOSSIBLE + 1)
    add(store, "own files", url=f"{folder_feed.SCHEME}Talks", next_poll_at=0.0)
    assert [number for number, _ in feeds.due(store.read(), now=now)] == [late, later, lost]
    assert len(feeds.due(store.read(), now=now, limit=2)) == 2


def test_titles_are_in_order_whatever_their_case(store: Store) -> None:
    for title in ("beta", "Alpha", "Gamma", "alpha"):
        add(store, title)
    assert [feed.title for feed in feeds.listing(store.read())] == ["Alpha", "alpha", "beta", "Gamma"]


def test_a_folder_is_given_only_to_a_feed_without_one(store: Store) -> None:
    free, sorted_in = add(store, "free"), add(store, "sorted", folder="Mine")
    store.write(lambda db: [feeds.sort_in(db, number, "News") for number in (free, sorted_in)])
    assert [feeds.get(store.read(), number).folder for number in (free, sorted_in)] == ["News", "Mine"]


def test_episodes_in_the_trash_do_not_count(store: Store, add_episode: Callable[..., int]) -> None:
    number = add(store)
    first, _, _ = (add_episode(feed_id=number, guid=str(n)) for n in range(3))
    add_episode("of no feed")
    store.write(lambda db: episode_trash.put_in_trash(db, [first], now=2.0))
    assert feeds.episode_counts(store.read()) == {number: 2}
