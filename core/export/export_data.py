"""Hold the data of an export: everything that is known about one episode, as plain values.

Material ─► markdown, jsonform                     ─► txt, srt, vtt (the transcript alone)
        └─► document (blocks of text) ─► webpage, word, pdf
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.domain.episodes.episode import Episode
from core.domain.notes.note import Chapter, Notes
from core.domain.transcripts.annotation import Highlight
from core.domain.transcripts.transcript import Segment, Transcript
from core.export.layout.cues import one_line
from core.export.layout.escaping import address
from core.export.layout.labels import Headings, headings

# A paragraph ends at a pause or another speaker, and after about a minute.
PAUSE_SECONDS = 2.5
PARAGRAPH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Material:
    """`chapters` are those of the publisher or of the file; without any the notes' own are used.

    `page_address` is the episode's page in the app: a time is a link to `…&t=83` there. Where there is none, it is a link into
    `audio_address` (http, https or a relative path), if that is given.
    """

    episode: Episode
    transcript: Transcript | None = None
    notes: Notes | None = None
    feed_title: str | None = None
    own_notes: str = ""
    highlights: tuple[Highlight, ...] = ()
    tags: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    audio_address: str | None = None
    page_address: str | None = None

    @property
    def language(self) -> str:
        spoken = self.transcript.language if self.transcript else ""
        return (self.notes.language if self.notes else "") or (spoken if spoken != "und" else "") or "en"

    @property
    def words(self) -> Headings:
        return headings(self.language)

    @property
    def duration(self) -> float | None:
        return self.episode.duration or (self.transcript.duration if self.transcript else None)

    @property
    def spoken(self) -> list[Segment]:
        return [s for s in self.transcript.segments if one_line(s.text)] if self.transcript else []

    @property
    def people(self) -> list[str]:
        """Return the speakers named in the transcript, by first appearance; then other people whom the publisher names."""
        names = [*(s.speaker or "" for s in self.spoken), *(p.name for p in self.episode.people)]
        return list(dict.fromkeys(one_line(name) for name in names if one_line(name)))

    @property
    def all_chapters(self) -> list[Chapter]:
        own = self.chapters or (self.notes.chapters if self.notes else ())
        return sorted((c for c in own if one_line(c.title)), key=lambda c: c.start)

    def place(self, seconds: float) -> str | None:
        """Return the address at which the episode plays from there; None when no known address plays it."""
        if page := address(self.page_address):
            return f"{page}{'&' if urlsplit(page).query else '?'}t={int(seconds)}"
        if audio := address(self.audio_address):
            # Media fragments, https://www.w3.org/TR/media-frags/
            return f"{audio.partition('#')[0]}#t={int(seconds)}"
        return None


@dataclass(frozen=True, slots=True)
class TranscriptParagraph:
    """A paragraph of the transcript. `chapter` is the one that begins with it."""

    segments: tuple[Segment, ...]
    chapter: Chapter | None = None

    @property
    def start(self) -> float:
        return self.segments[0].start

    @property
    def speaker(self) -> str | None:
        return one_line(self.segments[0].speaker or "") or None


def stretches(material: Material) -> Iterator[TranscriptParagraph]:
    """Yield the transcript in paragraphs that are pleasant to read, cut where a chapter begins too."""
    spoken = material.spoken
    chapters = material.all_chapters
    opened = -1
    for group in _by_chapter(spoken, [c.start for c in chapters]):
        at = _chapter_at(chapters, group[0])
        for number, paragraph in enumerate(paragraphs(group)):
            begins = number == 0 and at > opened
            yield TranscriptParagraph(tuple(paragraph), chapters[at] if begins else None)
        opened = max(opened, at)


def paragraphs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Join segments into stretches that are pleasant to read; every segment is in exactly one."""
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


def _by_chapter(segments: Sequence[Segment], starts: Sequence[float]) -> Iterator[list[Segment]]:
    group: list[Segment] = []
    for segment in segments:
        if group and bisect_right(starts, _middle(group[-1])) != bisect_right(starts, _middle(segment)):
            yield group
            group = []
        group.append(segment)
    if group:
        yield group


def _chapter_at(chapters: Sequence[Chapter], segment: Segment) -> int:
    return bisect_right([c.start for c in chapters], _middle(segment)) - 1


def _middle(segment: Segment) -> float:
    """Return the segment's middle. Marks of chapters are imprecise: half a sentence off counts as its beginning."""
    return (segment.start + segment.end) / 2


def marked(material: Material) -> dict[int, list[tuple[int, int, str]]]:
    """Map a segment's id → the parts of its text that are highlighted: (from, up to, colour), in order, none over another."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    ids = [s.id for s in material.spoken]
    texts = {s.id: s.text for s in material.spoken}
    for highlight in (h for h in material.highlights if h.anchored):
        span = highlight.span
        for segment_id in (i for i in ids if span.start_segment <= i <= span.end_segment):
            begin = span.start_offset if segment_id == span.start_segment else 0
            stop = span.end_offset if segment_id == span.end_segment else len(texts[segment_id])
            found.setdefault(segment_id, []).append((begin, stop, highlight.colour.value))
    return {segment_id: _apart(parts) for segment_id, parts in found.items()}


def _apart(parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for begin, stop, colour in sorted(parts):
        since = max(begin, kept[-1][1]) if kept else begin
        if since < stop:
            kept.append((since, stop, colour))
    return kept
