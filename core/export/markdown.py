"""An episode as one Markdown file that Obsidian reads: front matter, notes with their evidence, transcript.

episode, feed ─► front matter, title
notes         ─► gist, key points (quote, time, a mark when unverified), chapters, terms, actions
own notes     ─► as the user wrote them
transcript    ─► paragraphs, each with its time

Whatever a feed or a model wrote goes through `escaping`; only the user's own notes are Markdown of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from core.domain.episode import Episode
from core.domain.note import Action, Notes, Point, Term
from core.domain.transcript import Segment, Transcript, join_text
from core.export.cues import stamp
from core.export.escaping import address, prose, scalar
from core.export.headings import Headings, headings

# A paragraph ends at a pause or another speaker, and after about a minute.
PAUSE_SECONDS = 2.5
PARAGRAPH_SECONDS = 60.0


def markdown(
    episode: Episode,
    transcript: Transcript | None,
    notes: Notes | None,
    *,
    feed_title: str | None = None,
    own_notes: str = "",
    audio_address: str | None = None,
) -> str:
    """The whole episode. `audio_address` (http, https or a relative path) makes times into links that start there."""
    audio = address(audio_address)
    language = (notes.language if notes else None) or (transcript.language if transcript else None) or "en"
    words = headings(language)
    blocks = [_front_matter(episode, transcript, notes, feed_title, audio), f"# {prose(episode.title)}"]
    if audio:
        blocks.append(f"[{words.listen}]({audio})")
    if notes:
        blocks += _notes(notes, audio)
    if own_notes.strip():
        blocks += [f"## {words.own_notes}", own_notes.strip()]
    if transcript:
        blocks += _transcript(transcript, audio, words)
    return "\n\n".join(blocks) + "\n"


def summary_markdown(notes: Notes) -> str:
    """The notes alone, without front matter; times are plain text."""
    return "\n\n".join(_notes(notes, None)) + "\n"


# --- front matter ---------------------------------------------------------------------------------


def _front_matter(
    episode: Episode, transcript: Transcript | None, notes: Notes | None, feed_title: str | None, audio: str | None
) -> str:
    duration = episode.duration or (transcript.duration if transcript else None)
    when = datetime.fromtimestamp(episode.published_at or episode.created_at, UTC).date()
    rows: dict[str, str | None] = {
        "title": scalar(episode.title),
        "feed": scalar(feed_title) if feed_title else None,
        "date": when.isoformat(),
        "duration": scalar(stamp(duration)) if duration else None,
        "duration_seconds": str(round(duration)) if duration else None,
        "language": scalar(transcript.language) if transcript else None,
        "source": scalar(str(episode.source)),
        "link": _quoted(address(episode.link)),
        "audio": _quoted(audio),
        "speech_model": scalar(transcript.engine.model) if transcript else None,
        "notes_by": scalar(notes.model or notes.engine) if notes else None,
        "castmind_id": str(episode.id) if episode.id else None,
        "tags": "\n  - castmind" + ("\n  - podcast" if feed_title else ""),
    }
    lines = [f"{key}:{'' if value.startswith(chr(10)) else ' '}{value}" for key, value in rows.items() if value is not None]
    return "\n".join(["---", *lines, "---"])


def _quoted(text: str | None) -> str | None:
    return scalar(text) if text else None


# --- notes ----------------------------------------------------------------------------------------


def _notes(notes: Notes, audio: str | None) -> Iterator[str]:
    words = headings(notes.language)
    if notes.tldr.strip():
        yield f"> {prose(notes.tldr)}"
    yield f"*{_byline(notes, words)}*"
    if notes.points:
        yield f"## {words.points}"
        yield _list(_with_evidence(prose(p.text), p, audio, words) for p in notes.points)
    if notes.chapters:
        yield f"## {words.chapters}"
        yield _list(
            f"{_time(c.start, audio)} **{prose(c.title)}**" + (f": {prose(c.summary)}" if c.summary.strip() else "")
            for c in notes.chapters
        )
    if notes.terms:
        yield f"## {words.terms}"
        yield _list(_with_evidence(_term(t), t, audio, words) for t in notes.terms)
    if notes.actions:
        yield f"## {words.actions}"
        yield _list((_with_evidence(prose(a.text), a, audio, words) for a in notes.actions), bullet="- [ ]")


def _byline(notes: Notes, words: Headings) -> str:
    by = words.extractive if notes.engine == "extractive" else words.written_by.format(model=prose(notes.model or notes.engine))
    return f"{by} {words.coverage.format(share=int(notes.coverage * 100))}"


def _term(term: Term) -> str:
    return f"**{prose(term.text)}**" + (f": {prose(term.explanation)}" if term.explanation.strip() else "")


def _with_evidence(text: str, item: Point | Term | Action, audio: str | None, words: Headings) -> str:
    """The item, and below it its quote, with the time where it was found, or the mark that it was not."""
    place = f"{_time(item.start, audio)} " if item.start is not None else ""
    mark = "" if item.verified else f"⚠ **{words.unverified}** "
    quote = f"“{prose(item.quote)}”" if item.quote.strip() else ""
    evidence = f"{place}{mark}{quote}".strip()
    return f"{text}\n  > {evidence}" if evidence else text


def _list(items: Iterable[str], bullet: str = "-") -> str:
    return "\n".join(f"{bullet} {item}" for item in items)


def _time(seconds: float, audio: str | None) -> str:
    """`[02:03]`, which is also a link when the audio has an address (media fragments, https://www.w3.org/TR/media-frags/)."""
    return f"[{stamp(seconds)}]" + (f"({audio.partition('#')[0]}#t={int(seconds)})" if audio else "")


# --- transcript -----------------------------------------------------------------------------------


def _transcript(transcript: Transcript, audio: str | None, words: Headings) -> Iterator[str]:
    yield f"## {words.transcript}"
    spoken = [s for s in transcript.segments if s.text.strip()]
    if not spoken:
        yield words.silence
    for paragraph in paragraphs(spoken):
        speaker = f"**{prose(paragraph[0].speaker)}:** " if paragraph[0].speaker else ""
        yield f"{_time(paragraph[0].start, audio)} {speaker}{prose(join_text(s.text for s in paragraph))}"


def paragraphs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Segments joined into stretches that are pleasant to read; every segment is in exactly one."""
    gathered: list[Segment] = []
    for segment in segments:
        if gathered and _ends(gathered, segment):
            yield gathered
            gathered = []
        gathered.append(segment)
    if gathered:
        yield gathered


def _ends(gathered: Sequence[Segment], following: Segment) -> bool:
    return (
        following.speaker != gathered[0].speaker
        or following.start - gathered[-1].end > PAUSE_SECONDS
        or following.end - gathered[0].start > PARAGRAPH_SECONDS
    )
