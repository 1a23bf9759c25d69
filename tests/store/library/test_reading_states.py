from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.domain.accounts.actor import OWNER, SYSTEM
from core.domain.episodes.episode import Filter
from core.domain.episodes.reading_state import ReadingState
from core.domain.episodes.retention import RetentionRow
from core.errors import NotFound
from core.store.db.database import Store
from core.store.library import episodes, listing, reading_states, retention
from core.store.library.episodes import Listed

Add = Callable[..., int]
ANNA = 7


@pytest.fixture(autouse=True)
def anna(store: Store) -> None:
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (?, 'member', 0)", [ANNA]))


def mark(store: Store, user_id: int, *numbers: int, column: str = "read_at", at: float | None = 5.0) -> int:
    return store.write(lambda db: reading_states.mark(db, user_id, list(numbers), column=column, at=at))


def stop_at(store: Store, user_id: int, number: int, seconds: float, now: float = 1.0) -> None:
    store.write(lambda db: reading_states.set_position(db, user_id, number, seconds, now=now))


def seen(store: Store, number: int, user_id: int | None = OWNER.user_id) -> ReadingState:
    return episodes.listed(store.read(), number, user_id=user_id).reading


def row(store: Store, number: int) -> RetentionRow:
    return retention.rows_of(store.read(), [number])[0]


def test_what_one_user_marks_another_does_not_see(store: Store, episode_id: int) -> None:
    mark(store, OWNER.user_id, episode_id)
    mark(store, ANNA, episode_id, column="starred_at", at=6.0)
    stop_at(store, ANNA, episode_id, 9.0, now=7.0)
    assert seen(store, episode_id) == ReadingState(read_at=5.0)
    assert seen(store, episode_id, ANNA) == ReadingState(starred_at=6.0, position=9.0, played_at=7.0)
    assert seen(store, episode_id, None) == seen(store, episode_id, SYSTEM.user_id) == ReadingState()


def test_lists_are_filtered_by_the_marks_of_who_asks(store: Store, add_episode: Add) -> None:
    one, two = add_episode(), add_episode()
    mark(store, OWNER.user_id, one)
    mark(store, ANNA, two, column="starred_at")
    stop_at(store, ANNA, one, 9.0)

    def ids(user_id: int, **wanted: bool) -> list[int]:
        found = listing.ids(store.read(), Filter(**wanted), user_id=user_id)
        assert listing.count(store.read(), Filter(**wanted), user_id=user_id) == len(found)
        return found

    assert (ids(OWNER.user_id, unread=True), ids(ANNA, unread=True)) == ([two], [two, one])
    assert (ids(OWNER.user_id, starred=True), ids(ANNA, starred=True)) == ([], [two])

    def unfinished(user_id: int) -> list[Listed]:
        return listing.unfinished(store.read(), user_id=user_id, limit=5)

    assert unfinished(OWNER.user_id) == []
    assert [listed.episode.id for listed in unfinished(ANNA)] == [one] and unfinished(ANNA)[0].reading.position == 9.0


def test_only_what_changes_is_counted_and_the_trash_stays_as_it_is(store: Store, add_episode: Add) -> None:
    one, two, gone = add_episode(), add_episode(), add_episode(deleted_at=1.0)
    assert mark(store, OWNER.user_id, one, gone) == 1
    assert mark(store, OWNER.user_id, one, two, gone, at=8.0) == 1
    assert (seen(store, one).read_at, seen(store, two).read_at, seen(store, gone).read_at) == (5.0, 8.0, None)
    assert mark(store, OWNER.user_id, one, two, gone, at=None) == 2
    assert mark(store, OWNER.user_id, one, two, gone, at=None) == 0


def test_what_is_read_begins_anew(store: Store, episode_id: int) -> None:
    stop_at(store, OWNER.user_id, episode_id, 9.0, now=3.0)
    mark(store, OWNER.user_id, episode_id)
    assert seen(store, episode_id) == ReadingState(read_at=5.0, position=0.0, played_at=3.0)
    mark(store, OWNER.user_id, episode_id, column="starred_at", at=6.0)
    stop_at(store, OWNER.user_id, episode_id, 2.0, now=7.0)
    assert seen(store, episode_id) == ReadingState(read_at=5.0, starred_at=6.0, position=2.0, played_at=7.0)


def test_a_position_in_what_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        stop_at(store, OWNER.user_id, 99, 1.0)


def test_marks_go_with_the_episode_and_with_the_user(store: Store, add_episode: Add) -> None:
    one, two = add_episode(), add_episode()
    for user_id in (OWNER.user_id, ANNA):
        mark(store, user_id, one, two)
    store.write(partial(episodes.delete, episode_id=one))
    store.write(lambda db: db.execute("DELETE FROM users WHERE id = ?", [ANNA]))
    left = store.read().execute("SELECT user_id, episode_id FROM reading_states").fetchall()
    assert [tuple(each) for each in left] == [(OWNER.user_id, two)]


def test_of_two_episodes_that_are_one_the_older_marks_stay(store: Store, add_episode: Add) -> None:
    old, new = add_episode(position=4.0, played_at=1.0), add_episode(position=9.0, played_at=2.0, starred_at=3.0)
    mark(store, ANNA, new)
    store.write(partial(reading_states.merge, old=old, new=new))
    assert seen(store, old) == ReadingState(position=4.0, played_at=1.0, starred_at=3.0)
    assert seen(store, old, ANNA) == ReadingState(read_at=5.0)


def test_retention_counts_the_stars_of_any_user_and_the_reading_of_all(store: Store, add_episode: Add) -> None:
    number = add_episode(media_path="media/x.mp3")
    assert (row(store, number).starred, row(store, number).read_at) == (False, None)
    mark(store, OWNER.user_id, number)
    assert row(store, number).read_at is None, "the other user has not read it"
    mark(store, ANNA, number, at=8.0)
    assert row(store, number).read_at == 8.0
    mark(store, ANNA, number, column="starred_at")
    stop_at(store, ANNA, number, 3.0, now=9.0)
    found = row(store, number)
    assert (found.starred, found.position, found.played_at) == (True, 3.0, 9.0)
    assert retention.rows(store.read()) == [found]
