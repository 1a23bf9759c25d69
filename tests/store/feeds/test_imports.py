"""Imports and their lines."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.feeds.imports import FeedCandidate, LineState
from core.errors import NotFound
from core.store.db.database import Store
from core.store.feeds import imports


def add(store: Store, *urls: str, kind: str = "opml", now: float = 1.0) -> int:
    values = {"kind": kind, "name": "mine.opml", "auto_transcribe": 1, "backlog": 2}
    return store.write(partial(imports.add, values=values, lines=[(url, "", "", None) for url in urls], now=now))


def lines(store: Store, import_id: int, *states: LineState) -> list[str]:
    return [line.url for line in imports.lines(store.read(), import_id, states)]


def test_lines_are_numbered_from_one_and_more_come_behind_them(store: Store) -> None:
    number = add(store, "a", "b")
    store.write(lambda db: imports.add_lines(db, number, [("c", "C", "News", "sealed")], anyway=True))
    found = imports.lines(store.read(), number)
    assert [(line.number, line.url, line.anyway) for line in found] == [(1, "a", False), (2, "b", False), (3, "c", True)]
    assert (found[2].title, found[2].folder) == ("C", "News")
    assert [imports.sealed_credentials(store.read(), line.id) for line in found] == [None, None, "sealed"]
    assert [line.url for line in imports.lines(store.read(), number, limit=1, offset=1)] == ["b"]


def test_counts_say_how_far_it_is_and_it_ends_with_its_last_line(store: Store) -> None:
    number = add(store, "a", "b")
    first, second = imports.lines(store.read(), number)
    store.write(lambda db: imports.change_line(db, first.id, {"state": "added"}))
    store.write(lambda db: imports.finish(db, number, now=5.0))
    found = imports.get(store.read(), number)
    assert (found.total, found.done, found.running) == (2, 1, True)
    assert [each.id for each in imports.unfinished(store.read())] == [number]
    store.write(lambda db: imports.change_line(db, second.id, {"state": "failed", "error": {"code": "x"}}))
    store.write(lambda db: imports.finish(db, number, now=6.0))
    store.write(lambda db: imports.finish(db, number, now=7.0))
    assert (imports.get(store.read(), number).finished_at, imports.unfinished(store.read())) == (6.0, [])


def test_a_line_that_does_not_wait_any_more_is_left_as_it_is(store: Store) -> None:
    number = add(store, "a")
    (line,) = imports.lines(store.read(), number)
    offers = [FeedCandidate("https://a.example/feed", "A", episodes=3)]
    assert store.write(lambda db: imports.change_line(db, line.id, {"state": "choice", "offers": offers}))
    assert not store.write(lambda db: imports.change_line(db, line.id, {"state": "added"}))
    found = imports.line(store.read(), line.id)
    assert (found.state, found.offers) == (LineState.CHOICE, tuple(offers))


def test_a_retry_forgets_why_it_failed(store: Store) -> None:
    number = add(store, "a", "b")
    first, second = imports.lines(store.read(), number)
    failed = {"state": "failed", "error": {"code": "x"}, "tries": 3, "not_before": 99.0}
    store.write(lambda db: imports.change_line(db, first.id, failed))
    store.write(lambda db: imports.change_line(db, second.id, {"state": "added"}))
    assert store.write(lambda db: imports.set_states(db, number, [LineState.FAILED], LineState.WAITING)) == 1
    found = imports.line(store.read(), first.id)
    assert (found.state, found.error, found.tries, found.not_before) == (LineState.WAITING, None, 0, 0.0)
    assert lines(store, number, LineState.WAITING) == ["a"]


def test_typed_addresses_go_before_files_and_what_failed_waits_its_time(store: Store) -> None:
    add(store, "from a file")
    add(store, "typed", kind="address")
    assert [url for _, url in imports.due(store.read(), now=5.0)] == ["typed", "from a file"]
    (typed,) = (number for number, url in imports.due(store.read(), now=5.0) if url == "typed")
    store.write(lambda db: imports.change_line(db, typed, {"tries": 1, "not_before": 9.0}))
    assert [url for _, url in imports.due(store.read(), now=8.9)] == ["from a file"]
    assert len(imports.due(store.read(), now=9.0)) == 2


def test_old_ones_go_with_their_lines_and_what_runs_stays(store: Store) -> None:
    old, running = add(store), add(store, "a")
    (line,) = imports.lines(store.read(), running)
    store.write(lambda db: imports.finish(db, old, now=2.0))
    store.write(lambda db: imports.delete_old(db, before=3.0, addresses_before=3.0))
    assert [each.id for each in imports.listing(store.read())] == [running]
    store.write(lambda db: imports.delete(db, running))
    for missing in (lambda: imports.get(store.read(), running), lambda: imports.line(store.read(), line.id)):
        with pytest.raises(NotFound):
            missing()
