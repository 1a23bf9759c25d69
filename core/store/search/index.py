"""Keep the full-text index in step with its source tables.

    any change of these tables ─▶ triggers ─▶ search_pending (the old values)
    before every COMMIT        ─▶ settle   ─▶ deleted documents are removed from the index, new ones added

The first old value that a transaction keeps of a place is the one in the index. Functions that change these tables need not know
the index. Many new episodes at once, as from a feed's first poll, are left to `backfill.step`.

Episodes in the trash stay in the index, so that they come back at once; searches exclude them. The documents are defined in
documents.py, the tables of the index in tables.py.
"""

from __future__ import annotations

from core.domain.episodes.search_result import DocumentKind
from core.store.db.sqlite import Database
from core.store.search import documents as search_documents
from core.store.search import tables
from core.store.search.documents import Documents, SearchDocument, documents

# More new episodes than this in one transaction would keep other writers waiting.
FEW_NEW = 20

# Place → its text before the transaction, with the speaker; None: there was none.
Touched = dict[tuple[DocumentKind, int], tuple[str | None, str | None]]


def settle(db: Database) -> None:
    """Apply this transaction's changes to the index. The store calls it before every COMMIT."""
    rows = db.execute("SELECT episode_id, kind, place, text, speaker FROM search_pending ORDER BY id").fetchall()
    if not rows:
        return
    db.execute("DELETE FROM search_pending")
    touched: dict[int, Touched] = {}
    for episode_id, kind, place, text, speaker in rows:
        touched.setdefault(episode_id, {}).setdefault((DocumentKind(kind), place), (text, speaker))
    live = tables.live(db)
    for generation in tables.followed(db):
        new = []
        for episode_id, places in touched.items():
            if tables.written(db, generation, episode_id) is not None:
                _follow(db, generation, episode_id, places)
            elif generation == live:
                new.append(episode_id)
            # The generation being filled reaches the episode by itself.
        _take_up(db, generation, new)


def _take_up(db: Database, generation: int, episode_ids: list[int]) -> None:
    """Index new episodes, unless they are many."""
    if len(episode_ids) > FEW_NEW:
        return
    for episode_id in episode_ids:
        base = search_documents.base(db, episode_id)
        if base is not None:
            tables.write(db, generation, episode_id, base)


def _follow(db: Database, generation: int, episode_id: int, touched: Touched) -> None:
    old, new = tables.written(db, generation, episode_id), search_documents.base(db, episode_id)
    assert old is not None
    before: Documents = {}
    for (kind, place), (text, speaker) in touched.items():
        before |= search_documents.before(kind, place, text, speaker)
    after = _touched_now(db, episode_id, touched)
    if old == new:
        tables.forget(db, generation, old, {slot: d for slot, d in before.items() if not _same(after.get(slot), d)})
        tables.insert(db, generation, old, {slot: d for slot, d in after.items() if not _same(before.get(slot), d)})
        return
    elsewhere = {slot: d for slot, d in documents(db, episode_id).items() if slot not in after}
    tables.forget(db, generation, old, elsewhere | before)
    db.execute("DELETE FROM search_episodes WHERE generation = ? AND episode_id = ?", [generation, episode_id])
    if new is not None:
        tables.write(db, generation, episode_id, new)


def _touched_now(db: Database, episode_id: int, touched: Touched) -> Documents:
    found: Documents = {}
    for kind in {kind for kind, _ in touched}:
        found |= documents(db, episode_id, [kind], {p for k, p in touched if k == kind})
    return found


def _same(one: SearchDocument | None, other: SearchDocument) -> bool:
    return one is not None and (one.text, one.speaker) == (other.text, other.speaker)
