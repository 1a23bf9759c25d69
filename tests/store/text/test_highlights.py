"""Highlights as rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.domain.transcripts.annotation import Colour, Span
from core.errors import NotFound
from core.store.db.database import Store
from core.store.text import highlights

SPAN = Span(1, 2, 3, 4)


def add(store: Store, episode_id: int, start: float) -> int:
    values: dict[str, Any] = {"start": start, "end": start + 1, "quote": "声", "colour": "pink", "remark": "!"}
    row = {**highlights.span_columns(SPAN), **values}
    return store.write(partial(highlights.add, episode_id=episode_id, values=row, now=5.0))


def test_a_highlight_comes_back_with_its_span(store: Store, episode_id: int) -> None:
    found = highlights.get(store.read(), add(store, episode_id, 7.0))
    assert (found.span, found.start, found.end, found.quote, found.remark) == (SPAN, 7.0, 8.0, "声", "!")
    assert (found.colour, found.anchored, found.created_at, found.updated_at) == (Colour.PINK, True, 5.0, 5.0)


def test_they_stand_in_the_order_of_the_audio(store: Store, episode_id: int) -> None:
    late, early, as_early = (add(store, episode_id, start) for start in (9.0, 1.0, 1.0))
    assert [each.id for each in highlights.of_episode(store.read(), episode_id)] == [early, as_early, late]


def test_each_change_raises_the_version(store: Store, episode_id: int) -> None:
    number = add(store, episode_id, 1.0)
    before = highlights.get(store.read(), number).version
    store.write(lambda db: highlights.change(db, number, {"remark": "?", "anchored": 0}, now=9.0))
    found = highlights.get(store.read(), number)
    assert (found.remark, found.anchored, found.version, found.updated_at) == ("?", False, before + 1, 9.0)


def test_what_was_deleted_is_not_found(store: Store, episode_id: int) -> None:
    number = add(store, episode_id, 1.0)
    store.write(lambda db: highlights.delete(db, number))
    with pytest.raises(NotFound):
        highlights.get(store.read(), number)
