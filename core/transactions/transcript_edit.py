"""Save one edit of a transcript, inside the transaction that the caller opened: text, words and highlights.

edit ─▶ write: retimed words, a row in edits, the segment ─▶ follow: highlights on it move along     rename: speakers
turn ─▶ put the other side of a row in place (undo, redo) ─▶ follow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.domain.transcripts.annotation import Edit, EditKind, Span
from core.domain.transcripts.text_anchor import excerpt, find_quote, moved
from core.domain.transcripts.transcript import Segment, Word
from core.domain.transcripts.word_timing import retime
from core.errors import NotFound
from core.store.db.sqlite import Database
from core.store.text import edits, highlights, transcripts


def segment(db: Database, episode_id: int, segment_id: int) -> Segment:
    """Return the segment. Raises NotFound."""
    found = transcripts.between(db, episode_id, segment_id, segment_id)
    if not found:
        raise NotFound(f"The transcript of episode {episode_id} has no sentence {segment_id}.", id=segment_id)
    return found[0]


def edit(db: Database, episode_id: int, before: Segment, text: str, *, now: float) -> Segment:
    """Change a segment's text; the transcript gets a new version."""
    after = write(db, episode_id, before, text, now=now)
    transcripts.touch(db, episode_id, now=now)
    _follow(db, episode_id, before, after, now=now)
    return segment(db, episode_id, before.id)


def write(db: Database, episode_id: int, before: Segment, text: str, *, now: float) -> Segment:
    """Save the edit alone: highlights stay as they are."""
    after = replace(before, text=text, words=retime(before.words, text, before.start, before.end))
    edits.add(
        db,
        episode_id,
        EditKind.TEXT,
        segment_id=before.id,
        start=before.start,
        before=_wording(before),
        after=_wording(after),
        now=now,
    )
    transcripts.reword(db, episode_id, after.id, after.text, after.words)
    return after


def turn(db: Database, done: Edit, *, undone: bool, now: float) -> None:
    """Undo an edit, or redo it."""
    wording = done.before if undone else done.after
    if done.kind is EditKind.SPEAKER:
        for name, ids in wording["speakers"].items():
            transcripts.set_speaker(db, done.episode_id, ids, name)
    else:
        _reword(db, done, wording, now=now)
    transcripts.touch(db, done.episode_id, now=now)
    edits.set_undone(db, done.id, undone)


def rename(db: Database, episode_id: int, name: str, ids: list[int], new: str, *, now: float) -> None:
    before, after = {"speakers": {name: ids}}, {"speakers": {new: ids}}
    edits.add(db, episode_id, EditKind.SPEAKER, before=before, after=after, now=now)
    transcripts.set_speaker(db, episode_id, ids, new)
    transcripts.touch(db, episode_id, now=now)


def place(db: Database, episode_id: int, span: Span) -> dict[str, Any]:
    """Return the columns of a highlight at a span of the present transcript. Raises ValueError for an invalid span."""
    return marked(transcripts.between(db, episode_id, span.start_segment, span.end_segment), span)


def marked(segments: Sequence[Segment], span: Span) -> dict[str, Any]:
    quote, start, end = excerpt(segments, span)
    return {**highlights.span_columns(span), "quote": quote, "start": start, "end": end}


def _reword(db: Database, done: Edit, wording: Mapping[str, Any], *, now: float) -> None:
    assert done.segment_id is not None
    before = segment(db, done.episode_id, done.segment_id)
    after = replace(before, text=wording["text"], words=tuple(Word(*w) for w in wording["words"]))
    transcripts.reword(db, done.episode_id, after.id, after.text, after.words)
    _follow(db, done.episode_id, before, after, now=now)


def _follow(db: Database, episode_id: int, before: Segment, after: Segment, *, now: float) -> None:
    for highlight in highlights.of_episode(db, episode_id):
        if not highlight.anchored:
            # Its quote may be back: the edit that removed it was undone.
            back = find_quote([after], highlight.quote, highlight.start)
            if back:
                highlights.change(db, highlight.id, _replaced(db, episode_id, back) | {"anchored": 1}, now=now)
        elif highlight.span.start_segment <= after.id <= highlight.span.end_segment:
            span = _moved(highlight.span, before, after.text)
            highlights.change(db, highlight.id, _replaced(db, episode_id, span), now=now)


def _moved(span: Span, before: Segment, text: str) -> Span:
    if span.start_segment == before.id:
        span = replace(span, start_offset=moved(before.text, text, span.start_offset, ends=False))
    if span.end_segment == before.id:
        span = replace(span, end_offset=moved(before.text, text, span.end_offset, ends=True))
    return span


def _replaced(db: Database, episode_id: int, span: Span) -> dict[str, Any]:
    """Return the columns of a highlight whose segment was edited; its quote may be gone altogether."""
    try:
        return place(db, episode_id, span)
    except ValueError:
        return {"anchored": 0}


def _wording(of: Segment) -> dict[str, Any]:
    return {"text": of.text, "words": [[w.start, w.end, w.text, w.probability] for w in of.words]}
