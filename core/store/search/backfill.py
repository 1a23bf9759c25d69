"""Fill the full-text index in steps: after an upgrade, after a feed's first poll, or as a complete rebuild.

    prepare (at the start) ─▶ other rules? ─▶ an empty generation, used at once ──────────┐
    begin_rebuild          ─▶ the next generation, while the present one serves ─────────────┴▶ step ─▶ step ─▶ exchange ─▶ deletion

Each step is short, so that other writers get their turn. Changes in between go into both generations (index.py).
"""

from __future__ import annotations

from core.domain.episodes.search_result import BackfillProgress
from core.store.db.sqlite import Database
from core.store.search import documents as search_documents
from core.store.search import tables, text_folding

STEP_DOCUMENTS = 1500


def prepare(db: Database) -> None:
    """Replace an index that was written by other rules by an empty one; call it before anything else is written."""
    stamp = f"{text_folding.stamp()}-{search_documents.RULES}"
    if db.execute("SELECT stamp FROM search_state").fetchone()[0] == stamp:
        return
    fresh = tables.create(db)
    db.execute("UPDATE search_state SET live = ?, building = NULL, stamp = ?", [fresh, stamp])
    db.execute("DELETE FROM search_episodes")


def begin_rebuild(db: Database) -> BackfillProgress:
    """Create the next generation for `step` to fill. A rebuild in progress continues."""
    if tables.building(db) is None:
        db.execute("UPDATE search_state SET building = ?", [tables.create(db)])
    return progress(db)


def step(db: Database) -> bool:
    """Index the next few episodes, or delete part of an old generation; return whether there is more to do."""
    building = tables.building(db)
    generation = building or tables.live(db)
    documents = 0
    for episode_id in _missing(db, generation):
        base = search_documents.base(db, episode_id)
        assert base is not None
        documents += tables.write(db, generation, episode_id, base)
        if documents >= STEP_DOCUMENTS:
            return True
    if documents:
        return True
    if building:
        db.execute("UPDATE search_state SET live = building, building = NULL")
        db.execute("DELETE FROM search_episodes WHERE generation <> ?", [building])
        return True
    return tables.clear_away(db)


def _missing(db: Database, generation: int) -> list[int]:
    rows = db.execute(
        "SELECT id FROM episodes WHERE id NOT IN (SELECT episode_id FROM search_episodes WHERE generation = ?) "
        "ORDER BY coalesce(published_at, created_at) DESC LIMIT ?",
        [generation, STEP_DOCUMENTS],
    )
    return [row[0] for row in rows]


def progress(db: Database) -> BackfillProgress:
    building = tables.building(db)
    # Every search asks: all rows are of the live generation then, and without a condition SQLite counts whole pages of them.
    of_one, values = (" WHERE generation = ?", [building]) if building else ("", [])
    done = db.execute(f"SELECT count(*) FROM search_episodes{of_one}", values).fetchone()[0]
    total = db.execute("SELECT count(*) FROM episodes").fetchone()[0]
    return BackfillProgress(done, total, building is not None)
