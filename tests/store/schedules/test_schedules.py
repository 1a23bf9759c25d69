"""Rows of schedules: what is due, in which order; what is removed and comes back."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.domain.schedules.schedule import Missed, SchedulePriority
from core.errors import NotFound
from core.store.db.database import Store
from core.store.schedules import schedules


def put(store: Store, **values: Any) -> int:
    return store.write(partial(schedules.add, values={"kind": "refresh", "cron": "0 3 * * *"} | values, now=1.0))


def test_a_row_comes_back_as_it_was_written(store: Store) -> None:
    number = put(store, name="Night", parameters={"feeds": [3]}, priority="high", missed="skip", retries=2, next_at=50.0)
    row = schedules.get(store.read(), number)
    assert (row.name, row.parameters, row.priority, row.missed) == ("Night", {"feeds": [3]}, SchedulePriority.HIGH, Missed.SKIP)
    assert (row.retries, row.next_at, row.paused, row.created_at) == (2, 50.0, False, 1.0)
    store.write(partial(schedules.change, schedule_id=number, values={"paused": True, "parameters": {"feeds": []}}))
    assert schedules.get(store.read(), number).paused and schedules.get(store.read(), number).parameters == {"feeds": []}
    store.write(partial(schedules.change, schedule_id=number, values={}))


def test_those_that_are_due_come_by_priority_and_then_by_time(store: Store) -> None:
    names = {
        put(store, next_at=10.0): "normal",
        put(store, next_at=20.0, priority="high"): "high",
        put(store, next_at=5.0): "earlier",
        put(store, next_at=21.0): "not yet",
        put(store, next_at=1.0, paused=1): "paused",
        put(store): "never",
        put(store, next_at=99.0, retry_at=7.0): "again",
    }
    assert [names[row.id] for row in schedules.due(store.read(), now=20.0)] == ["high", "earlier", "normal", "again"]


def test_what_is_removed_is_hidden_and_can_come_back(store: Store) -> None:
    number = put(store, next_at=1.0, retry_at=2.0)
    store.write(partial(schedules.remove, schedule_id=number, now=100.0))
    assert schedules.listing(store.read()) == [] and schedules.due(store.read(), now=9.0) == []
    with pytest.raises(NotFound):
        schedules.get(store.read(), number)
    store.write(partial(schedules.forget_removed, before=100.0))
    store.write(partial(schedules.change, schedule_id=number, values={"deleted_at": None}))
    assert [row.id for row in schedules.listing(store.read())] == [number]
    assert schedules.get(store.read(), number).retry_at is None
    store.write(partial(schedules.remove, schedule_id=number, now=100.0))
    store.write(partial(schedules.forget_removed, before=100.5))
    assert schedules.find(store.read(), number) is None


def test_a_built_in_one_is_there_once_and_known_by_its_name(store: Store) -> None:
    mine, builtin = put(store), put(store, builtin="trash")
    assert [row.id for row in schedules.listing(store.read())] == [builtin, mine]
    assert not schedules.paused(store.read(), "trash") and not schedules.paused(store.read(), "")
    store.write(partial(schedules.change, schedule_id=builtin, values={"paused": True}))
    store.write(partial(schedules.change, schedule_id=mine, values={"paused": True}))
    assert schedules.paused(store.read(), "trash") and not schedules.paused(store.read(), "")
    with pytest.raises(Exception, match="UNIQUE"):
        put(store, builtin="trash")
