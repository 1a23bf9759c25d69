from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.background.batched_writes import BatchedWrites
from core.errors import DiskFull, NotFound
from core.store.db.database import Store
from core.store.feeds import feeds
from tests.runner_fixture import until


class Slow:
    """A store whose first transaction waits until the test lets it go on; `transactions` counts them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.transactions = 0
        self.entered, self.go_on = threading.Event(), threading.Event()

    def write(self, change: Callable[[Any], Any]) -> Any:
        self.transactions += 1
        if self.transactions == 1:
            self.entered.set()
            assert self.go_on.wait(30)
        return self._store.write(change)


def subscribe(number: int) -> Callable[[Any], int]:
    return lambda db: feeds.add(db, {"url": f"https://a.example/{number}", "title": "A"}, now=0.0)


def in_threads(*calls: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def test_what_comes_meanwhile_is_one_transaction_and_each_has_its_own_outcome(store: Store) -> None:
    slow, found = Slow(store), dict[int, object]()
    together = BatchedWrites(slow)  # type: ignore[arg-type]

    def one(number: int) -> Callable[[], None]:
        def call() -> None:
            found[number] = together.write(subscribe(number))

        return call

    def lost() -> None:
        with pytest.raises(NotFound):
            together.write(lambda db: (subscribe(99)(db), feeds.change(db, 12345, {"title": "B"})))
        found[99] = "not found"

    (first,) = in_threads(one(0))
    assert slow.entered.wait(30)
    others = in_threads(*(one(n) for n in range(1, 8)), lost)
    until(lambda: len(together._line) == 8)
    slow.go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert slow.transactions == 2
    urls = {feed.id: feed.url for feed in feeds.listing(store.read())}
    assert sorted(found) == [*range(8), 99]
    assert [urls[found[n]] for n in range(8)] == [f"https://a.example/{n}" for n in range(8)]  # type: ignore[index]
    assert "https://a.example/99" not in urls.values(), "what raised is taken back whole"


def test_one_that_breaks_off_the_transaction_leaves_the_others_theirs(store: Store) -> None:
    slow, together_found = Slow(store), list[int]()
    together = BatchedWrites(slow)  # type: ignore[arg-type]

    def broken() -> None:
        with pytest.raises(ZeroDivisionError):
            together.write(lambda db: subscribe(99)(db) // 0)

    (first,) = in_threads(lambda: together.write(subscribe(0)))
    assert slow.entered.wait(30)
    others = in_threads(lambda: together_found.append(together.write(subscribe(1))), broken)
    until(lambda: len(together._line) == 2)
    slow.go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert len(together_found) == 1
    assert [feed.url for feed in feeds.listing(store.read())] == ["https://a.example/0", "https://a.example/1"]


def test_a_transaction_that_fails_tells_all_of_it_and_the_next_goes_on(tmp_path: Path, store: Store) -> None:
    class Full:
        full = True

        def write(self, change: Callable[[Any], Any]) -> Any:
            if self.full:
                raise DiskFull("no room")
            return store.write(change)

    full = Full()
    together = BatchedWrites(full)  # type: ignore[arg-type]
    for number in (1, 2):
        with pytest.raises(DiskFull):
            together.write(subscribe(number))
    full.full = False
    assert together.write(subscribe(3)) == 1
