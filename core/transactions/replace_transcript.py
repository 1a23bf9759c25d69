"""Replace a transcript, inside the transaction that the caller opened, and keep the reader's work.

    replace_transcript ─▶ re-apply edits to equal sentences of the new one ─▶ anchor highlights again by their quotes
    add_heard ─▶ insert words where the present transcript has none; keep all that it has
    renames (before) ─▶ rename_again (after): give speakers the names that the reader gave those of the old one

Edits and highlights that no longer fit stay readable: edits as `outdated`, highlights as not `anchored`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.domain.transcripts.annotation import EditKind
from core.domain.transcripts.carry_over import carried
from core.domain.transcripts.hearing_again import HearAgain, Merged, merge
from core.domain.transcripts.text_anchor import find_quote
from core.domain.transcripts.transcript import Segment, Transcript, Window
from core.domain.transcripts.word_timing import retime
from core.store.db.sqlite import Database
from core.store.text import edits, highlights, transcripts
from core.transactions import transcript_edit


def replace_transcript(db: Database, episode_id: int, transcript: Transcript, *, now: float) -> None:
    """Save a new transcript in the place of the old one; carry the reader's edits and highlights over where possible."""
    wanted = carried(transcripts.edited(db, episode_id), transcript.segments)
    edits.outdate(db, episode_id)
    transcripts.save(db, episode_id, transcript, now=now)
    for segment_id, text in wanted.items():
        transcript_edit.write(db, episode_id, transcript.segments[segment_id], text, now=now)
    _find_highlights(db, episode_id, now=now)


def add_heard(
    db: Database, episode_id: int, wishes: Sequence[HearAgain], windows: Sequence[Window], *, now: float
) -> Merged | None:
    """Merge windows decoded again into the present transcript; None when they bring no words. Speakers keep their names."""
    found = transcripts.find(db, episode_id)
    if found is None or found.spoken is None:
        return None
    merged = merge(found, wishes, windows)
    if not merged.seconds:
        return None
    # Edited sentences get the reader's wording once more, so that the first wording can still be looked up.
    first = tuple(_first_wording(s) for s in merged.transcript.segments)
    replace_transcript(db, episode_id, replace(merged.transcript, segments=first), now=now)
    return merged


def _first_wording(segment: Segment) -> Segment:
    if segment.original is None:
        return segment
    words = retime(segment.words, segment.original, segment.start, segment.end)
    return replace(segment, text=segment.original, words=words, original=None)


def _find_highlights(db: Database, episode_id: int, *, now: float) -> None:
    kept = highlights.of_episode(db, episode_id)
    segments = list(transcripts.segments(db, episode_id)) if kept else []
    for highlight in kept:
        span = find_quote(segments, highlight.quote, highlight.start)
        found = {"anchored": 0} if span is None else transcript_edit.marked(segments, span) | {"anchored": 1}
        highlights.change(db, highlight.id, found, now=now)


def renames(db: Database, episode_id: int) -> dict[str, str]:
    """Map the first name of a speaker → the one that the reader gave, for the present transcript."""
    given: dict[str, str] = {}
    for edit in reversed(edits.of_episode(db, episode_id)):
        if edit.kind is EditKind.SPEAKER and not edit.undone and not edit.outdated:
            (old,), (new,) = edit.before["speakers"], edit.after["speakers"]
            given = {first: new if name == old else name for first, name in given.items()}
            given.setdefault(old, new)
    return given


def rename_again(db: Database, episode_id: int, given: Mapping[str, str], *, now: float) -> None:
    """Give the speakers of a new transcript the names that the reader gave those of the old."""
    found = {name: transcripts.segments_of_speaker(db, episode_id, name) for name in given}
    for name, ids in found.items():
        if ids and given[name] != name:
            transcript_edit.rename(db, episode_id, name, ids, given[name], now=now)
