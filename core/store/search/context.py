"""The words around a hit, for one that says little by itself: "Yes." means nothing without its question.

hit ─▶ long enough? nothing : sentences and lines before and after it; what a note or remark is about ─▶ cut to the room that is left
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile

from core.domain.episodes.search_result import DocumentKind
from core.domain.shortening import ending, opening
from core.domain.transcripts.transcript import join_text
from core.store.db.sqlite import Database
from core.store.search.documents import SearchDocument, slot

# Characters: a hit and the words around it come to about this many.
ROOM = 160
REACH = 4
Texts = Mapping[DocumentKind, Mapping[int, SearchDocument]]
Around = tuple[Sequence[str], Sequence[str]]


def around(
    db: Database,
    episode_id: int,
    address: tuple[DocumentKind, int],
    document: SearchDocument,
    *,
    texts: Texts,
    found: Callable[[str], bool],
) -> tuple[str, str]:
    """Return (before, after), each a part of the text cut at word ends, or "". `texts`: those that were read as a whole.

    A neighbour that is `found` itself is a hit of its own: the context ends there.
    """
    kind, place = address
    room = ROOM - len(document.text)
    if room < ROOM // 4 or kind not in _AROUND:
        return "", ""
    before, after = _AROUND[kind](db, episode_id, place, document, texts)
    if kind in (DocumentKind.REMARK, DocumentKind.NOTE):
        return _cut("", join_text(after), room)
    near = [*_until(found, reversed(before))]
    return _cut(join_text(reversed(near)), join_text(_until(found, after)), room)


def _until(found: Callable[[str], bool], texts: Iterable[str]) -> Iterable[str]:
    return takewhile(lambda text: not found(text), texts)


def _cut(before: str, after: str, room: int) -> tuple[str, str]:
    """Give each side half of the room, and what the other leaves."""
    left = max(room // 2, room - len(after))
    right = max(room // 2, room - len(before))
    head = before if len(before) <= left else f"…{ending(before, left - 1)}"
    tail = after if len(after) <= right else f"{opening(after, right - 1)}…"
    return head, tail


def _sentences(db: Database, episode_id: int, place: int, _document: SearchDocument, _texts: Texts) -> Around:
    rows = db.execute(
        "SELECT id, text FROM segments WHERE episode_id = ? AND id BETWEEN ? AND ? ORDER BY id",
        [episode_id, place - REACH, place + REACH],
    ).fetchall()
    return [text for at, text in rows if at < place], [text for at, text in rows if at > place]


def _lines(kind: DocumentKind) -> Callable[[Database, int, int, SearchDocument, Texts], Around]:
    def lines(_db: Database, _episode_id: int, place: int, _document: SearchDocument, texts: Texts) -> Around:
        def at(places: range) -> list[str]:
            found = (texts[kind].get(slot(kind, near)) for near in places if near >= 0)
            return [document.text for document in found if document]

        return at(range(place - REACH, place)), at(range(place + 1, place + REACH + 1))

    return lines


def _marked(db: Database, episode_id: int, place: int, _document: SearchDocument, _texts: Texts) -> Around:
    row = db.execute("SELECT quote FROM highlights WHERE episode_id = ? AND id = ?", [episode_id, place]).fetchone()
    return [], [_quoted(row[0])] if row else []


def _said_there(db: Database, episode_id: int, _place: int, document: SearchDocument, _texts: Texts) -> Around:
    if document.start is None:
        return [], []
    rows = db.execute(
        "SELECT text FROM segments WHERE episode_id = ? AND end > ? ORDER BY id LIMIT 2", [episode_id, document.start]
    ).fetchall()
    return [], [_quoted(join_text(row[0] for row in rows))] if rows else []


def _quoted(text: str) -> str:
    return f"“{opening(text, ROOM // 2)}”"


_AROUND: Mapping[DocumentKind, Callable[[Database, int, int, SearchDocument, Texts], Around]] = {
    DocumentKind.SEGMENT: _sentences,
    DocumentKind.PUBLISHED: _lines(DocumentKind.PUBLISHED),
    DocumentKind.SHOW_NOTE: _lines(DocumentKind.SHOW_NOTE),
    DocumentKind.OWN_NOTE: _lines(DocumentKind.OWN_NOTE),
    DocumentKind.REMARK: _marked,
    DocumentKind.NOTE: _said_there,
}
