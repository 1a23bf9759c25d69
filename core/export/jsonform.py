"""The JSON that the HTTP contract promises for a transcript and for notes, also written to data/exports.

Times are seconds. What a dataclass holds beyond the contract stays out of it, so that it can change.
"""

from __future__ import annotations

from typing import Any

from core.domain.note import Action, Notes, Term
from core.domain.transcript import Transcript


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """`{language, duration, segments: [{id, start, end, text, speaker, words?}]}`.

    A word is `[start, end, text, probability]`.
    """
    return {
        "language": transcript.language,
        "duration": transcript.duration,
        "segments": [s.to_dict() for s in transcript.segments],
    }


def summary_json(notes: Notes) -> dict[str, Any]:
    """`{tldr, points, chapters, terms, actions, coverage, engine, model, language}`; `start` is null for a quote not found."""
    return {
        "tldr": notes.tldr,
        "points": [{"text": p.text, "quote": p.quote, "start": p.start, "verified": p.verified} for p in notes.points],
        "chapters": [{"title": c.title, "start": c.start, "summary": c.summary} for c in notes.chapters],
        "terms": [{"explanation": t.explanation, **_evidence(t)} for t in notes.terms],
        "actions": [_evidence(a) for a in notes.actions],
        "coverage": notes.coverage,
        "engine": notes.engine,
        "model": notes.model,
        "language": notes.language,
    }


def _evidence(item: Term | Action) -> dict[str, Any]:
    return {"text": item.text, "quote": item.quote, "start": item.start, "verified": item.verified}
