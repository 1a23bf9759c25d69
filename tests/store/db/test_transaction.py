"""A change in its transaction, and who waits for it."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from core.errors import DatabaseBusy
from core.store.db.database import Store
from core.store.db.transaction import GivenUp, answer_of, grow, patience, touch, waiting_at_most


def test_who_has_no_patience_left_is_told_and_the_change_does_not_happen() -> None:
    waiting: Future[int] = Future()
    with pytest.raises(DatabaseBusy), waiting_at_most(0.0):
        answer_of(waiting)
    assert waiting.cancelled()
    assert patience.get() is None, "the next change waits its turn again"


def test_a_change_that_has_begun_is_waited_for_without_patience() -> None:
    begun: Future[int] = Future()
    assert begun.set_running_or_notify_cancel()
    asked = threading.Event()
    answers: list[int] = []

    def wait() -> None:
        with waiting_at_most(0.0):
            asked.set()
            answers.append(answer_of(begun))

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert asked.wait(30.0)
    begun.set_result(7)
    waiter.join(30.0)
    assert answers == [7]


def number(store: Store) -> int:
    (found,) = store.read().execute("PRAGMA user_version").fetchone()
    return int(found)


def test_a_touch_writes_and_changes_nothing_that_is_read(store: Store, episode_id: int) -> None:
    before = number(store)
    store.write(touch)
    assert number(store) == before + 1
    assert store.read().execute("SELECT id FROM episodes").fetchone()[0] == episode_id


def test_room_that_is_tried_is_given_back(store: Store) -> None:
    def tables() -> set[str]:
        return {row[0] for row in store.read().execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    before = tables()

    with pytest.raises(GivenUp):
        store.write(grow)
    assert tables() == before and "room" not in before
    store.write(touch)
