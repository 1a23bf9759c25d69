"""The tables of the index."""

from __future__ import annotations

import pytest

from core.store.db.database import Store
from core.store.search import backfill
from core.store.search import tables as search_tables
from tests.store.search.conftest import Add, build, hits, tables, transcribe, whole


def test_a_generation_that_has_served_goes_some_of_it_at_a_time(
    store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_tables, "CLEARED", {"data": 2, "docsize": 3})
    for n in range(5):
        transcribe(store, add_episode(f"Number {n}"), "gpu")
    store.write(backfill.begin_rebuild)
    while backfill.progress(store.read()).rebuilding:
        store.write(backfill.step)
    left = store.read().execute("SELECT count(*) FROM search_1_docsize").fetchone()[0]
    assert left == 10 and len(hits(store, "gpu")) == 5
    store.close()  # a stop in between: the next start goes on
    store.open()
    assert build(store) > 4
    assert "search_1_docsize" not in tables(store) and len(hits(store, "gpu")) == 5 and whole(store)
