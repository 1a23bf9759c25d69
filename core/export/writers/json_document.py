"""Write the JSON that the HTTP contract promises for a transcript and for notes, also written to data/exports.

Times are seconds. Fields of a dataclass beyond the contract are left out, so that they can change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.domain.notes.note import Action, Notes, Term
from core.domain.transcripts.annotation import Highlight
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material
from core.export.layout.escaping import address


def episode_json(material: Material) -> dict[str, Any]:
    """Return everything: `{id, title, feed, published_at, duration, link, season, number, kind, people, tags, transcript,
    summary, chapters, highlights, own_notes}`. Missing parts are null or empty."""
    episode = material.episode
    return {
        "id": episode.id,
        "title": episode.title,
        "feed": material.feed_title,
        "published_at": moment(episode.published_at),
        "duration": material.duration,
        "link": address(episode.link),
        "season": episode.season,
        "number": episode.number,
        "kind": episode.kind,
        "people": [{"name": p.name, "role": p.role, "link": address(p.link)} for p in episode.people],
        "tags": list(material.tags),
        "transcript": transcript_json(material.transcript) if material.transcript else None,
        "summary": summary_json(material.notes) if material.notes else None,
        "chapters": [
            {"title": c.title, "start": c.start, "summary": c.summary, "link": address(c.link), "picture": address(c.picture)}
            for c in material.all_chapters
        ],
        "highlights": [_highlight(h) for h in material.highlights],
        "own_notes": material.own_notes,
    }


def moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _highlight(h: Highlight) -> dict[str, Any]:
    return {
        "start": h.start,
        "end": h.end,
        "quote": h.quote,
        "colour": h.colour.value,
        "remark": h.remark,
        "anchored": h.anchored,
    }


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """Return `{language, duration, engine, publisher, speech, segments: [{id, start, end, text, speaker, words?, language?}]}`.

    `engine` is the speech model, or publisher; `publisher` the result of comparing the publisher's transcript with the audio,
    null if there was none; `speech` which share of the speech has words, and which spans have none, null where that is not known.
    A word is `[start, end, text, probability]`.
    """
    return {
        "language": transcript.language,
        "duration": transcript.duration,
        "engine": transcript.engine.model,
        "publisher": transcript.checked.to_dict() if transcript.checked else None,
        "speech": transcript.speech_json,
        "segments": [s.to_dict() for s in transcript.segments],
    }


def summary_json(notes: Notes) -> dict[str, Any]:
    """Return `{tldr, points, chapters, terms, actions, coverage, engine, model, language}`; `start` is null for a missing
    quote.
    """
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
