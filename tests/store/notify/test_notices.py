from __future__ import annotations

import pytest

from core.domain.notify.pacing import Waiting
from core.store.db.database import Store
from core.store.notify import notices
from tests.store.notify.conftest import AddChannel


def add(store: Store, channel: int, subject: str, *, kind: str = "notes.ready", now: float = 1.0, **item: object) -> None:
    store.write(lambda db: notices.add(db, channel, kind, subject, item, now=now))


def test_the_same_thing_waits_once_with_its_newest_facts(store: Store, add_channel: AddChannel) -> None:
    channel = add_channel().id
    add(store, channel, "episode:1", title="old", now=5.0)
    add(store, channel, "episode:1", title="new", now=9.0)
    add(store, channel, "episode:2", title="other", now=9.0)
    add(store, channel, "disk", kind="disk.low", now=7.0)
    assert sorted(notices.waiting(store.read())[channel], key=lambda each: each.kind) == [
        Waiting("disk.low", 1, 7.0),
        Waiting("notes.ready", 2, 5.0),
    ]
    count, items = store.write(lambda db: notices.take(db, channel, "notes.ready", 1))
    assert (count, items) == (2, [{"title": "new"}])
    assert [each.kind for each in notices.waiting(store.read())[channel]] == ["disk.low"]
    assert store.write(lambda db: notices.take(db, channel, "notes.ready", 1)) == (0, [])


def test_what_is_over_is_not_told(store: Store, add_channel: AddChannel) -> None:
    for channel in (add_channel().id, add_channel().id):
        add(store, channel, "feed:1", kind="feed.failing")
        add(store, channel, "feed:2", kind="feed.failing")
    assert store.write(lambda db: notices.drop(db, "feed.failing", "feed:1"))
    assert not store.write(lambda db: notices.drop(db, "feed.failing", "feed:1"))
    assert [group[0].count for group in notices.waiting(store.read()).values()] == [1, 1]


def test_what_waits_is_bounded(store: Store, add_channel: AddChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MOST", 3)
    channel = add_channel().id
    for number in range(5):
        add(store, channel, f"episode:{number}", n=number)
    assert store.write(lambda db: notices.take(db, channel, "notes.ready", 10)) == (3, [{"n": 2}, {"n": 3}, {"n": 4}])


def test_a_channel_that_is_paused_forgets(store: Store, add_channel: AddChannel) -> None:
    channel, other = add_channel().id, add_channel().id
    add(store, channel, "a"), add(store, other, "a")
    store.write(lambda db: notices.delete_of(db, channel))
    assert list(notices.waiting(store.read())) == [other]
