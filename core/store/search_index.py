"""The full-text index: what it holds, and how it follows the tables it was made from.

    segments, title, notes, own notes, remarks ─▶ documents ─▶ folding.indexed ─▶ search_<n> (FTS5, holds no text)

    any change of these tables ─▶ triggers ─▶ search_pending (what stood there before)
    before every COMMIT         ─▶ settle   ─▶ what is no longer there is taken out of the index, what is new put in

FTS5 forgets a text only when it is given the text once more: that is why the triggers keep what stood there before. The first
that a transaction keeps of a place is what the index holds of it. No function that changes these tables needs to know of the
index; a new kind of document goes into `_documents`, `_before` and the triggers of its table.

A document's rowid says where it is from, and sorts by when its episode was published:

    22 bits quarter of an hour since 1970 │ 21 bits episode │ 3 bits kind │ 17 bits place

`search_episodes` remembers with which of them an episode was written. A rebuild fills a second table, the next generation, by
steps; until it is whole, searches use the first, and changes go into both. Episodes in the trash stay in the index, so that
they come back at once; searches leave them out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain
from typing import Any

from core.domain.note import Notes
from core.store import folding

QUARTER = 900
PLACES = 1 << 17
_EPISODES, _MOMENTS = 1 << 21, 1 << 22
ROWS_OF_EPISODE = 1 << 20
EPISODE_OF_ROWID = f"(rowid >> 20 & {_EPISODES - 1})"
STEP_DOCUMENTS = 1500
FEW = 50
# Of the notes, what is found is the version that the episode shows; see notes.py.
_CURRENT_NOTES = (
    "SELECT content FROM notes WHERE episode_id = ? AND NOT outdated "
    "ORDER BY id = (SELECT notes_id FROM episodes WHERE id = ?) DESC, id DESC LIMIT 1"
)
_LINE_SIGN = re.compile(r"^[\s>]*(?:#{1,6} |[-*+] (?:\[[ xX]\] )?|\d{1,3}[.)] )?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_TIME_LINK = re.compile(r"[?&]t=(\d+(?:\.\d+)?)")


class Kind(IntEnum):
    """What a document is. `place` within its kind: a segment's or highlight's id, else its number in order."""

    SEGMENT = 0
    TITLE = 1
    NOTE = 2
    OWN_NOTE = 3
    REMARK = 4


@dataclass(frozen=True, slots=True)
class Document:
    """A text that is found on its own. `start` is seconds, None where the audio has no place for it."""

    text: str
    start: float | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many episodes are in the index, of how many; `rebuilding` while another generation serves."""

    done: int
    total: int
    rebuilding: bool

    @property
    def whole(self) -> bool:
        return not self.rebuilding and self.done >= self.total


Documents = dict[int, Document]
# Place → what stood there before the transaction, with the speaker; None: nothing.
Touched = dict[tuple[Kind, int], tuple[str | None, str | None]]


# --- rowids -------------------------------------------------------------------------------------------


def moment_key(seconds: float) -> int:
    """The part of a rowid that says when an episode was published."""
    return max(0, min(int(seconds // QUARTER), _MOMENTS - 1)) << 41


def rowid(base: int, kind: Kind, place: int) -> int:
    return base | kind << 17 | place


def address(row: int) -> tuple[int, Kind, int]:
    """Episode, kind and place of a rowid."""
    return row >> 20 & _EPISODES - 1, Kind(row >> 17 & 7), row & PLACES - 1


def _slot(kind: Kind, place: int) -> int:
    return kind << 17 | place


# --- documents ----------------------------------------------------------------------------------------


def documents(db: Any, episode_id: int, kinds: Iterable[Kind] = Kind, places: Collection[int] | None = None) -> Documents:
    """What of an episode can be found, by the lower part of its rowid; of segments and remarks only those at `places`."""
    found = ((_slot(kind, p), d) for kind in kinds for p, d in _documents(db, episode_id, kind, places) if p < PLACES)
    return {slot: document for slot, document in found if document.text}


def _documents(db: Any, episode_id: int, kind: Kind, places: Collection[int] | None) -> Iterator[tuple[int, Document]]:
    match kind:
        case Kind.SEGMENT:
            for row in _rows(db, "SELECT id, text, start, speaker FROM segments", episode_id, places):
                yield row[0], Document(row[1], row[2], row[3])
        case Kind.TITLE:
            for row in db.execute("SELECT title FROM episodes WHERE id = ?", [episode_id]):
                yield 0, Document(row[0])
        case Kind.NOTE:
            for row in db.execute(_CURRENT_NOTES, [episode_id, episode_id]):
                yield from enumerate(_of_notes(row[0]))
        case Kind.OWN_NOTE:
            for row in db.execute("SELECT markdown FROM own_notes WHERE episode_id = ?", [episode_id]):
                yield from enumerate(_lines(row[0]))
        case Kind.REMARK:
            for row in _rows(db, "SELECT id, remark, start FROM highlights", episode_id, places):
                yield row[0], Document(row[1], row[2])


def _rows(db: Any, select: str, episode_id: int, places: Collection[int] | None) -> Iterable[Any]:
    """Rows of an episode, one by one where only a few are asked for."""
    if places is None or len(places) > FEW:
        rows = db.execute(f"{select} WHERE episode_id = ?", [episode_id])
        return (row for row in rows if places is None or row[0] in places)
    return chain.from_iterable(db.execute(f"{select} WHERE episode_id = ? AND id = ?", [episode_id, p]) for p in places)


def _of_notes(content: str) -> Iterator[Document]:
    notes = Notes.from_dict(json.loads(content))
    yield Document(notes.tldr)
    yield from (Document(point.text, point.start) for point in notes.points)
    yield from (Document(_both(chapter.title, chapter.summary), chapter.start) for chapter in notes.chapters)
    yield from (Document(_both(term.text, term.explanation), term.start) for term in notes.terms)
    yield from (Document(action.text, action.start) for action in notes.actions)


def _both(head: str, body: str) -> str:
    return f"{head} · {body}" if head and body else head or body


def _lines(markdown: str) -> Iterator[Document]:
    """Lines of the user's own notes, without the signs of Markdown; one that links to a moment is found at that moment."""
    for line in markdown.splitlines():
        text = _LINK.sub(r"\1", _LINE_SIGN.sub("", line)).strip()
        if text:
            moment = _TIME_LINK.search(line)
            yield Document(text, float(moment[1]) if moment else None)


# --- following ----------------------------------------------------------------------------------------


def settle(db: Any) -> None:
    """Brings the index up to date with what this transaction changed. The store calls it before every COMMIT."""
    rows = db.execute("SELECT episode_id, kind, place, text, speaker FROM search_pending ORDER BY id").fetchall()
    if not rows:
        return
    db.execute("DELETE FROM search_pending")
    touched: dict[int, Touched] = {}
    for episode_id, kind, place, text, speaker in rows:
        touched.setdefault(episode_id, {}).setdefault((Kind(kind), place), (text, speaker))
    generations = _generations(db)
    for episode_id, places in touched.items():
        for generation in generations:
            _follow(db, generation, episode_id, places)


def _follow(db: Any, generation: int, episode_id: int, touched: Touched) -> None:
    old, new = _written(db, generation, episode_id), _base(db, episode_id)
    if old is None:
        # The generation that is being filled comes to the episode by itself.
        if new is not None and generation == live(db):
            _write(db, generation, episode_id, new)
        return
    before = {slot: document for where, what in touched.items() for slot, document in _before(where, what)}
    if old == new:
        after = _touched_now(db, episode_id, touched)
        _forget(db, generation, old, {slot: d for slot, d in before.items() if not _same(after.get(slot), d)})
        _insert(db, generation, old, {slot: d for slot, d in after.items() if not _same(before.get(slot), d)})
        return
    elsewhere = documents(db, episode_id)
    for slot in _touched_now(db, episode_id, touched):
        del elsewhere[slot]
    _forget(db, generation, old, elsewhere | before)
    db.execute("DELETE FROM search_episodes WHERE generation = ? AND episode_id = ?", [generation, episode_id])
    if new is not None:
        _write(db, generation, episode_id, new)


def _before(where: tuple[Kind, int], what: tuple[str | None, str | None]) -> Iterator[tuple[int, Document]]:
    """What the index holds of a place, from what a trigger kept."""
    (kind, place), (text, speaker) = where, what
    if text is None:
        return
    whole: Mapping[Kind, Callable[[str], Iterator[Document]]] = {Kind.NOTE: _of_notes, Kind.OWN_NOTE: _lines}
    parts = enumerate(whole[kind](text)) if kind in whole else [(place, Document(text, speaker=speaker))]
    yield from ((_slot(kind, p), document) for p, document in parts if document.text and p < PLACES)


def _touched_now(db: Any, episode_id: int, touched: Touched) -> Documents:
    kinds = {kind for kind, _ in touched}
    found: Documents = {}
    for kind in kinds:
        found |= documents(db, episode_id, [kind], {p for k, p in touched if k == kind})
    return found


def _same(one: Document | None, other: Document) -> bool:
    return one is not None and (one.text, one.speaker) == (other.text, other.speaker)


def _written(db: Any, generation: int, episode_id: int) -> int | None:
    """The upper part of the rowids that an episode was written with; None when it is not in the generation."""
    row = db.execute(
        "SELECT base FROM search_episodes WHERE generation = ? AND episode_id = ?", [generation, episode_id]
    ).fetchone()
    return row[0] if row else None


def _base(db: Any, episode_id: int) -> int | None:
    """The upper part of the rowids of an episode's documents now; None when it is gone."""
    row = db.execute("SELECT coalesce(published_at, created_at) FROM episodes WHERE id = ?", [episode_id]).fetchone()
    return moment_key(row[0]) | episode_id << 20 if row else None


def _write(db: Any, generation: int, episode_id: int, base: int) -> int:
    """All of an episode; gives the number of its documents."""
    found = documents(db, episode_id)
    db.execute("INSERT INTO search_episodes (generation, episode_id, base) VALUES (?, ?, ?)", [generation, episode_id, base])
    _insert(db, generation, base, found)
    return len(found)


def _insert(db: Any, generation: int, base: int, found: Mapping[int, Document]) -> None:
    db.conn.executemany(
        f"INSERT INTO search_{generation} (rowid, text, speaker) VALUES (?, ?, ?)",
        ((base | slot, *_folded(document)) for slot, document in found.items()),
    )


def _forget(db: Any, generation: int, base: int, found: Mapping[int, Document]) -> None:
    db.conn.executemany(
        f"INSERT INTO search_{generation} (search_{generation}, rowid, text, speaker) VALUES ('delete', ?, ?, ?)",
        ((base | slot, *_folded(document)) for slot, document in found.items()),
    )


def _folded(document: Document) -> tuple[str, str]:
    return folding.indexed(document.text), folding.indexed(document.speaker) if document.speaker else ""


# --- generations --------------------------------------------------------------------------------------


def live(db: Any) -> int:
    return int(db.execute("SELECT live FROM search_state").fetchone()[0])


def _building(db: Any) -> int | None:
    found: int | None = db.execute("SELECT building FROM search_state").fetchone()[0]
    return found


def _generations(db: Any) -> list[int]:
    return [generation for generation in db.execute("SELECT live, building FROM search_state").fetchone() if generation]


def prepare(db: Any) -> None:
    """Before anything else is written: an index that was written by other rules of folding is thrown away, and filled anew."""
    if db.execute("SELECT stamp FROM search_state").fetchone()[0] == folding.stamp():
        return
    old = _generations(db)
    fresh = max(old, default=0) + 1
    _create(db, fresh)
    db.execute("UPDATE search_state SET live = ?, building = NULL, stamp = ?", [fresh, folding.stamp()])
    for generation in old:
        _drop(db, generation)


def begin_rebuild(db: Any) -> Progress:
    """Opens the next generation, for `step` to fill. A rebuild that is under way goes on where it is."""
    if _building(db) is None:
        fresh = live(db) + 1
        _create(db, fresh)
        db.execute("UPDATE search_state SET building = ?", [fresh])
    return progress(db)


def step(db: Any) -> bool:
    """Puts the next few episodes into the generation that is being filled; whether there is more to do."""
    generation = _building(db) or live(db)
    written = 0
    for episode_id in _missing(db, generation):
        base = _base(db, episode_id)
        assert base is not None
        written += _write(db, generation, episode_id, base)
        if written >= STEP_DOCUMENTS:
            return True
    if _building(db):
        old = live(db)
        db.execute("UPDATE search_state SET live = building, building = NULL")
        _drop(db, old)
    return False


def _missing(db: Any, generation: int) -> list[int]:
    rows = db.execute(
        "SELECT id FROM episodes WHERE id NOT IN (SELECT episode_id FROM search_episodes WHERE generation = ?) "
        "ORDER BY coalesce(published_at, created_at) DESC LIMIT ?",
        [generation, STEP_DOCUMENTS],
    )
    return [row[0] for row in rows]


def progress(db: Any) -> Progress:
    building = _building(db)
    done = db.execute("SELECT count(*) FROM search_episodes WHERE generation = ?", [building or live(db)]).fetchone()[0]
    total = db.execute("SELECT count(*) FROM episodes").fetchone()[0]
    return Progress(done, total, building is not None)


def _create(db: Any, generation: int) -> None:
    # Tokens come ready made, with spaces between them; to this tokeniser all beyond ASCII is a letter.
    db.execute(
        f"CREATE VIRTUAL TABLE search_{generation} USING fts5(text, speaker, content='', tokenize=\"ascii tokenchars '+#'\")"
    )


def _drop(db: Any, generation: int) -> None:
    db.execute(f"DROP TABLE IF EXISTS search_{generation}")
    db.execute("DELETE FROM search_episodes WHERE generation = ?", [generation])
