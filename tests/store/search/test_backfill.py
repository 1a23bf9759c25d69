"""The index filled and rebuilt while it is searched."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from core.domain.episodes.search_result import BackfillProgress, DocumentKind
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.search import backfill
from tests.store.search.conftest import DAY, Add, build, find, hits, tables, transcribe, whole


def test_an_index_by_other_rules_is_filled_anew(stale: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)
    assert backfill.progress(stale.read()) == BackfillProgress(0, 3, rebuilding=False)
    assert hits(stale, "gpu") == []
    assert stale.write(backfill.step)
    assert len(hits(stale, "gpu")) == 1
    build(stale)
    assert len(hits(stale, "gpu")) == 3 and whole(stale)


def test_what_changes_before_the_index_is_filled_is_found_at_once(stale: Store) -> None:
    stale.write(lambda db: episodes.change(db, 2, {"title": "changed"}, now=1.0))
    assert hits(stale, "gpu") == [(2, DocumentKind.SEGMENT, 0)]
    stale.write(lambda db: episodes.delete(db, 1))
    build(stale)
    assert [number for number, _, _ in hits(stale, "gpu")] == [2, 3] and whole(stale)


def test_a_rebuild_serves_the_old_index_until_the_new_one_is_whole(
    store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)
    numbers = [add_episode(f"Number {n}", published_at=n * DAY) for n in range(4)]
    for number in numbers:
        transcribe(store, number, "gpu")
    store.write(backfill.begin_rebuild)
    store.write(backfill.step)
    assert backfill.progress(store.read()) == BackfillProgress(1, 4, rebuilding=True)
    assert len(hits(store, "gpu")) == 4
    # One that is in the new one already, one that is not, one more, and one less: both follow.
    transcribe(store, numbers[3], "显存")
    transcribe(store, numbers[0], "显存")
    transcribe(store, add_episode("Number 4"), "显存")
    store.write(lambda db: episodes.delete(db, numbers[1]))
    expected = hits(store, "显存"), hits(store, "gpu")
    assert list(map(len, expected)) == [3, 1]
    store.close()
    store.open()
    store.write(backfill.begin_rebuild)
    assert backfill.progress(store.read()).rebuilding
    build(store)
    assert (hits(store, "显存"), hits(store, "gpu")) == expected and whole(store)
    assert backfill.progress(store.read()) == BackfillProgress(4, 4, rebuilding=False)
    assert {name for name in tables(store) if name.startswith("search_1")} == set() and "search_2" in tables(store)


def test_an_older_database_is_filled_after_the_upgrade(tmp_path: Path) -> None:
    """Rows that were there before the step 0004 are found once the index has come to them."""
    store = Store(tmp_path / "castmind.db")
    store.open()
    number = store.write(partial(episodes.add, values={"title": "Old", "source": "upload"}, now=1.0))

    def forget(db: Database) -> None:
        db.execute("DELETE FROM search_episodes")
        db.execute("UPDATE search_state SET live = NULL, stamp = NULL")
        db.execute("DROP TABLE search_1")

    store.write(forget)
    store.close()
    store.open()
    assert find(store, "old").total == 0
    build(store)
    assert hits(store, "old") == [(number, DocumentKind.TITLE, 0)]
    store.close()
