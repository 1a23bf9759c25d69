"""Rules of feeds, the rows that they decide on, and the record of deletions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.domain.episodes.retention import RetentionChoice, RetentionReason
from core.domain.jobs.job import PRIORITY_USER
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import episodes, retention, tags
from core.store.text import notes
from tests.store.conftest import add_feed

WHY = next(iter(RetentionReason))


def test_a_choice_that_was_not_made_is_none_of_its_fields(store: Store) -> None:
    feed, other = add_feed(store), add_feed(store, "https://example.org/other")
    assert retention.choice(store.read(), feed) == RetentionChoice()
    store.write(lambda db: retention.choose(db, feed, {"publisher_transcript": "never"}))
    store.write(lambda db: retention.choose(db, feed, {"publisher_transcript": "prefer"}))
    read = store.read()
    assert [retention.publisher_transcript(read, number) for number in (feed, other, None)] == ["prefer", None, None]
    assert list(retention.choices(read)) == [feed] and retention.choices(read, [other]) == {}


def test_what_a_person_did_to_an_episode_is_seen(store: Store, add_episode: Callable[..., int]) -> None:
    number = add_episode(media_path="media/a.mp3", bytes=9)
    plain = retention.rows_of(store.read(), [number])[0]
    assert (plain.noted, plain.busy, plain.asked, plain.fetchable, plain.has_text) == (False,) * 5
    store.write(partial(jobs.enqueue, episode_id=number, priority=PRIORITY_USER, now=0.0))
    store.write(lambda db: notes.set_own(db, number, "Mine.", now=1.0))
    found = retention.rows_of(store.read(), [number])[0]
    assert (found.noted, found.busy, found.asked, found.bytes) == (True, True, True, 9)
    store.write(lambda db: notes.set_own(db, number, "", now=2.0))
    assert not retention.rows_of(store.read(), [number])[0].noted
    store.write(lambda db: tags.put(db, tags.named(db, "Keep", now=1.0), [number]))
    assert retention.rows_of(store.read(), [number])[0].noted


def test_only_episodes_with_audio_or_of_a_feed_are_decided_on(store: Store, add_episode: Callable[..., int]) -> None:
    add_episode("an upload without audio")
    own, of_feed = add_episode("own", media_path="uploads/a.mp3"), add_episode("new", feed_id=add_feed(store), guid="a")
    assert {each.id for each in retention.rows(store.read())} == {own, of_feed}


def let_go(store: Store, episode_id: int, now: float) -> None:
    episode = episodes.get(store.read(), episode_id)
    store.write(lambda db: retention.let_audio_go(db, episode, WHY, now=now))


def test_the_file_of_two_episodes_goes_with_the_second(store: Store, add_episode: Callable[..., int]) -> None:
    one, two = (add_episode(str(n), media_path="media/a.mp3", bytes=9) for n in range(2))
    let_go(store, one, 5.0)
    assert retention.pending(store.read()) == []
    let_go(store, two, 6.0)
    ((record, episode_id, file),) = retention.pending(store.read())
    assert (episode_id, file) == (two, "media/a.mp3")
    assert [each.bytes for each in retention.records(store.read(), limit=9)] == [9, 0]
    store.write(lambda db: retention.settle(db, [record]))
    assert retention.pending(store.read()) == []
    gone = episodes.get(store.read(), two)
    assert (gone.media_path, gone.audio_dropped_at, gone.audio_dropped_why) == (None, 6.0, WHY.value)


def test_old_records_go_but_not_one_whose_file_is_still_there(
    store: Store, add_episode: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_RECORDS", 1)
    for n in range(3):
        let_go(store, add_episode(str(n), media_path=f"media/{n}.mp3"), float(n))
    first, second, _ = (record for record, _, _ in retention.pending(store.read()))
    store.write(lambda db: retention.settle(db, [second]))
    store.write(retention.forget_old)
    assert [each.title for each in retention.records(store.read(), limit=9)] == ["2", "0"]
    assert first in {record for record, _, _ in retention.pending(store.read())}
