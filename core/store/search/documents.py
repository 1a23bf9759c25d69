"""The searchable documents of an episode, each with an address in the full-text index.

    segments, title, notes, own notes, remarks, show notes, the publisher's transcript ─▶ documents(episode)
    values that a trigger kept of any of them                                          ─▶ before(place, text)

A document's rowid encodes its origin, and sorts by the episode's publication date:

    22 bits quarter of an hour since 1970 │ 21 bits episode │ 3 bits kind │ 17 bits place

A new kind of document goes into `DocumentKind`, `_documents`, `_WHOLE` if it consists of several parts, and the triggers of its
table; then increment RULES, so that every index is rebuilt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from core.domain.episodes import show_notes
from core.domain.episodes.search_result import DocumentKind
from core.domain.notes.note import Notes
from core.store.db.sqlite import Database

RULES = 2
QUARTER = 900
PLACES = 1 << 17
_EPISODES, _MOMENTS = 1 << 21, 1 << 22
ROWS_OF_EPISODE = 1 << 20
EPISODE_OF_ROWID = f"(rowid >> 20 & {_EPISODES - 1})"
KIND_OF_ROWID = "(rowid >> 17 & 7)"
FEW = 50
# Only the version of the notes that the episode shows is searchable; see notes.py.
_CURRENT_NOTES = (
    "SELECT content FROM notes WHERE episode_id = ? AND NOT outdated "
    "ORDER BY id = (SELECT notes_id FROM episodes WHERE id = ?) DESC, id DESC LIMIT 1"
)
# The publisher's transcript, unless it became the episode's own: its segments are indexed then.
_PUBLISHED = (
    "SELECT content FROM supplied WHERE episode_id = :episode AND kind = 'transcript' AND source = 'publisher' AND NOT EXISTS "
    "(SELECT 1 FROM transcripts WHERE episode_id = :episode AND json_extract(engine, '$.model') = 'publisher')"
)
_LINE_SIGN = re.compile(r"^[\s>]*(?:#{1,6} |[-*+] (?:\[[ xX]\] )?|\d{1,3}[.)] )?")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_TIME_LINK = re.compile(r"[?&]t=(\d+(?:\.\d+)?)")


_KINDS = tuple(DocumentKind)


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A text that is found on its own. `start` is seconds, None if it has no position in the audio."""

    text: str
    start: float | None = None
    speaker: str | None = None


# Keyed by the lower part of the rowid: kind and place.
Documents = dict[int, SearchDocument]


# --- addresses ----------------------------------------------------------------------------------------


def moment_key(seconds: float) -> int:
    """Return the part of a rowid that encodes the publication date."""
    return max(0, min(int(seconds // QUARTER), _MOMENTS - 1)) << 41


def base(db: Database, episode_id: int) -> int | None:
    """Return the upper part of the rowids of an episode's documents; None if it is gone."""
    row = db.execute("SELECT coalesce(published_at, created_at) FROM episodes WHERE id = ?", [episode_id]).fetchone()
    return moment_key(row[0]) | episode_id << 20 if row else None


def rowid(base: int, kind: DocumentKind, place: int) -> int:
    return base | slot(kind, place)


def slot(kind: DocumentKind, place: int) -> int:
    return kind << 17 | place


def address(row: int) -> tuple[int, DocumentKind, int]:
    """Return episode, kind and place of a rowid."""
    return row >> 20 & _EPISODES - 1, _KINDS[row >> 17 & 7], row & PLACES - 1


def episode_of(row: int) -> int:
    """Return the episode of a rowid; cheaper than `address`, because a search calls it for thousands of rowids."""
    return row >> 20 & _EPISODES - 1


# --- documents ----------------------------------------------------------------------------------------


def documents(
    db: Database, episode_id: int, kinds: Iterable[DocumentKind] = DocumentKind, places: Collection[int] | None = None
) -> Documents:
    """Return the searchable documents of an episode; of segments and remarks only those at `places`."""
    found = ((slot(kind, p), d) for kind in kinds for p, d in _documents(db, episode_id, kind, places) if p < PLACES)
    return {where: document for where, document in found if document.text}


def before(kind: DocumentKind, place: int, text: str | None, speaker: str | None) -> Documents:
    """Return the earlier documents at a place, from the values that a trigger kept."""
    if text is None:
        return {}
    parts = enumerate(_WHOLE[kind](text)) if kind in _WHOLE else [(place, SearchDocument(text, speaker=speaker))]
    return {slot(kind, p): document for p, document in parts if document.text and p < PLACES}


def _documents(
    db: Database, episode_id: int, kind: DocumentKind, places: Collection[int] | None
) -> Iterable[tuple[int, SearchDocument]]:
    match kind:
        case DocumentKind.SEGMENT:
            rows = _rows(db, "SELECT id, text, start, speaker FROM segments", episode_id, places)
            return ((row[0], SearchDocument(row[1], row[2], row[3])) for row in rows)
        case DocumentKind.REMARK:
            rows = _rows(db, "SELECT id, remark, start FROM highlights", episode_id, places)
            return ((row[0], SearchDocument(row[1], row[2])) for row in rows)
        case DocumentKind.TITLE:
            return _whole(db, kind, "SELECT title FROM episodes WHERE id = ?", [episode_id])
        case DocumentKind.SHOW_NOTE:
            return _whole(db, kind, "SELECT description FROM episodes WHERE id = ?", [episode_id])
        case DocumentKind.NOTE:
            return _whole(db, kind, _CURRENT_NOTES, [episode_id, episode_id])
        case DocumentKind.OWN_NOTE:
            return _whole(db, kind, "SELECT markdown FROM own_notes WHERE episode_id = ?", [episode_id])
        case DocumentKind.PUBLISHED:
            return _whole(db, kind, _PUBLISHED, {"episode": episode_id})


def _whole(db: Database, kind: DocumentKind, select: str, values: Any) -> Iterator[tuple[int, SearchDocument]]:
    """Yield the documents of a text that is stored as a whole."""
    row = db.execute(select, values).fetchone()
    return enumerate(_WHOLE[kind](row[0])) if row else enumerate(())


def _rows(db: Database, select: str, episode_id: int, places: Collection[int] | None) -> Iterable[Any]:
    """Return rows of an episode, queried one by one if there are only a few places."""
    if places is None or len(places) > FEW:
        rows = db.execute(f"{select} WHERE episode_id = ?", [episode_id])
        return (row for row in rows if places is None or row[0] in places)
    return chain.from_iterable(db.execute(f"{select} WHERE episode_id = ? AND id = ?", [episode_id, p]) for p in places)


# --- the parts of a text ------------------------------------------------------------------------------


def _of_title(title: str) -> Iterator[SearchDocument]:
    yield SearchDocument(title)


def _of_show_notes(description: str) -> Iterator[SearchDocument]:
    return map(SearchDocument, show_notes.lines(description))


def _of_published(content: str) -> Iterator[SearchDocument]:
    """Yield documents without building segments and words: there may be thousands, of which one is shown."""
    transcript = json.loads(content)
    timed = bool(transcript.get("timed", True))
    for segment in transcript["segments"]:
        yield SearchDocument(segment["text"], segment["start"] if timed else None, segment.get("speaker"))


def _of_notes(content: str) -> Iterator[SearchDocument]:
    notes = Notes.from_dict(json.loads(content))
    yield SearchDocument(notes.tldr)
    yield from (SearchDocument(point.text, point.start) for point in notes.points)
    yield from (SearchDocument(_both(chapter.title, chapter.summary), chapter.start) for chapter in notes.chapters)
    yield from (SearchDocument(_both(term.text, term.explanation), term.start) for term in notes.terms)
    yield from (SearchDocument(action.text, action.start) for action in notes.actions)


def _both(head: str, body: str) -> str:
    return f"{head} · {body}" if head and body else head or body


def _of_own_notes(markdown: str) -> Iterator[SearchDocument]:
    """Yield the lines of the user's own notes without Markdown syntax; a line that links to a moment gets that moment."""
    for line in markdown.splitlines():
        text = _LINK.sub(r"\1", _LINE_SIGN.sub("", line)).strip()
        if text:
            moment = _TIME_LINK.search(line)
            yield SearchDocument(text, float(moment[1]) if moment else None)


_WHOLE: Mapping[DocumentKind, Callable[[str], Iterator[SearchDocument]]] = {
    DocumentKind.TITLE: _of_title,
    DocumentKind.NOTE: _of_notes,
    DocumentKind.OWN_NOTE: _of_own_notes,
    DocumentKind.SHOW_NOTE: _of_show_notes,
    DocumentKind.PUBLISHED: _of_published,
}
