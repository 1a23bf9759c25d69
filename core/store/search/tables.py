"""The tables of the full-text index, one set per generation: `search_<n>` (FTS5, stores no text).

    documents ─▶ folding.indexed ─▶ insert, forget   search_episodes stores the rowids with which an episode was indexed
    an episode ─▶ write    an old generation ─▶ clear_away, a part at a time

FTS5 can delete a text only if it receives the same text again.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.store.db.sqlite import Database
from core.store.search import text_folding
from core.store.search.documents import SearchDocument, documents

# The cost of dropping a table grows with its size, and other writers wait for it: rows deleted at a time.
CLEARED = {"data": 4000, "docsize": 100_000}
# Rows of `data` that FTS5 needs to open, and so to drop, a table: its statistics and its list of segments.
HEADS = (1, 10)


# --- generations --------------------------------------------------------------------------------------


def live(db: Database) -> int:
    """Return the generation that searches use."""
    return int(db.execute("SELECT live FROM search_state").fetchone()[0])


def building(db: Database) -> int | None:
    """Return the next generation while it is being filled."""
    found: int | None = db.execute("SELECT building FROM search_state").fetchone()[0]
    return found


def followed(db: Database) -> list[int]:
    """Return the generations that receive changes."""
    return [generation for generation in db.execute("SELECT live, building FROM search_state").fetchone() if generation]


def create(db: Database) -> int:
    """Create the next generation, empty."""
    generation = max(_all(db), default=0) + 1
    make(db, generation)
    return generation


def make(db: Database, generation: int) -> None:
    """Create the tables of a generation."""
    # Tokens are prepared, separated by spaces; this tokeniser treats all characters beyond ASCII as letters.
    db.execute(
        f"CREATE VIRTUAL TABLE search_{generation} USING fts5(text, speaker, content='', tokenize=\"ascii tokenchars '+#'\")"
    )


def clear_away(db: Database) -> bool:
    """Delete part of an old generation; return whether there may be more of it."""
    served = [generation for generation in _all(db) if generation not in followed(db)]
    if not served:
        return False
    for part, count in CLEARED.items():
        table = f"search_{served[0]}_{part}"
        heads = HEADS if part == "data" else ()
        rows = f"SELECT id FROM {table} WHERE id NOT IN ({', '.join('?' * len(heads))}) LIMIT ?"
        if db.execute(f"DELETE FROM {table} WHERE id IN ({rows})", [*heads, count]).rowcount:
            return True
    db.execute(f"DROP TABLE search_{served[0]}")
    return True


def _all(db: Database) -> list[int]:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'search_[0-9]*'")
    return [int(number) for (name,) in names if (number := name.removeprefix("search_")).isdecimal()]


# --- episodes and documents ---------------------------------------------------------------------------


def written(db: Database, generation: int, episode_id: int) -> int | None:
    """Return the upper part of the rowids with which an episode was indexed; None if it is not in the generation."""
    row = db.execute(
        "SELECT base FROM search_episodes WHERE generation = ? AND episode_id = ?", [generation, episode_id]
    ).fetchone()
    return row[0] if row else None


def write(db: Database, generation: int, episode_id: int, base: int) -> int:
    """Index all documents of an episode; return their number."""
    found = documents(db, episode_id)
    db.execute("INSERT INTO search_episodes (generation, episode_id, base) VALUES (?, ?, ?)", [generation, episode_id, base])
    insert(db, generation, base, found)
    return len(found)


def insert(db: Database, generation: int, base: int, found: Mapping[int, SearchDocument]) -> None:
    db.conn.executemany(
        f"INSERT INTO search_{generation} (rowid, text, speaker) VALUES (?, ?, ?)",
        ((base | slot, *_folded(document)) for slot, document in found.items()),
    )


def forget(db: Database, generation: int, base: int, found: Mapping[int, SearchDocument]) -> None:
    db.conn.executemany(
        f"INSERT INTO search_{generation} (search_{generation}, rowid, text, speaker) VALUES ('delete', ?, ?, ?)",
        ((base | slot, *_folded(document)) for slot, document in found.items()),
    )


def _folded(document: SearchDocument) -> tuple[str, str]:
    return text_folding.indexed(document.text), text_folding.indexed(document.speaker) if document.speaker else ""
