"""Lay an episode out as blocks of text that every rich format draws in its own way.

Material ─► title, facts ─► gist, key points with their quotes, chapters, terms, actions ─► highlights ─► own notes
        └─► the transcript in paragraphs under its chapters, with highlights marked
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import floor

from core.domain.notes.note import Action, Notes, Point, Term
from core.domain.transcripts.spoken import without_words
from core.domain.transcripts.transcript import Transcript, is_cjk, join_text
from core.export.export_data import Material, TranscriptParagraph, marked, stretches
from core.export.layout.blocks import Block, BlockKind, TextRun
from core.export.layout.cues import one_line, stamp
from core.export.layout.escaping import address
from core.export.layout.labels import Headings
from core.export.layout.own_markdown import blocks_of

# How many spans without words are listed; those nearer to each other than this (seconds) count as one.
GAPS_NAMED = 5
GAP_JOIN = 0.5


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    language: str
    author: str
    blocks: tuple[Block, ...]


def document(material: Material) -> Document:
    """Return the whole episode."""
    title = one_line(material.episode.title) or "CastMind"
    blocks = [Block(BlockKind.TITLE, (TextRun(title),)), *_facts(material)]
    if material.notes:
        blocks += _notes(material, material.notes)
    if not (material.notes and material.notes.chapters and not material.chapters):
        blocks += _chapters(material)
    blocks += [*_highlights(material), *_own_notes(material), *_transcript(material)]
    return Document(title, material.language, one_line(material.feed_title or ""), tuple(blocks))


def facts(material: Material) -> list[str]:
    """Return the lines under the title: feed, day, length, speakers."""
    episode = material.episode
    day = datetime.fromtimestamp(episode.published_at or episode.created_at, UTC).date().isoformat()
    length = stamp(material.duration) if material.duration else ""
    return [fact for fact in (one_line(material.feed_title or ""), day, length, ", ".join(material.people)) if fact]


def _facts(material: Material) -> Iterator[Block]:
    yield Block(BlockKind.FACTS, (TextRun(" · ".join(facts(material)), muted=True),))
    tags = " ".join(f"#{one_line(tag)}" for tag in material.tags)
    link = address(material.episode.link)
    shown = link if link and link.startswith("http") else None
    runs = [TextRun(tags, muted=True)] if tags else []
    if shown:
        runs += [TextRun("  ")] * bool(runs) + [TextRun(shown, link=shown)]
    if runs:
        yield Block(BlockKind.FACTS, tuple(runs))


# --- notes ----------------------------------------------------------------------------------------


def _notes(material: Material, notes: Notes) -> Iterator[Block]:
    words = material.words
    if one_line(notes.tldr):
        yield Block(BlockKind.TEXT, (TextRun(one_line(notes.tldr)),))
    yield Block(BlockKind.TEXT, (TextRun(byline(notes, words), italic=True, muted=True),))
    yield from _section(words.points, (_evidence(material, (TextRun(one_line(p.text)),), p) for p in notes.points))
    if notes.chapters and not material.chapters:
        yield from _chapters(material)
    yield from _section(words.terms, (_evidence(material, _term(t, words), t) for t in notes.terms))
    yield from _section(words.actions, (_evidence(material, (TextRun(one_line(a.text)),), a, sign="☐") for a in notes.actions))


def byline(notes: Notes, words: Headings, safe: Callable[[str], str] = one_line) -> str:
    """Return who wrote the notes, and how much was read for them; `safe` makes the model's name harmless."""
    by = words.extractive if notes.engine == "extractive" else words.written_by.format(model=safe(notes.model or notes.engine))
    return join_text([by, words.coverage.format(share=int(notes.coverage * 100))])


def heard(transcript: Transcript, words: Headings) -> str:
    """Return which share of the speech has words, and where the longest spans without words are; "" where that is not known."""
    coverage = transcript.speech_coverage
    if coverage is None:
        return ""
    if coverage.share == 1:
        return words.speech_whole
    gaps = without_words(transcript.spoken or (), join=GAP_JOIN)
    longest = sorted(sorted(gaps, key=lambda s: -s.seconds)[:GAPS_NAMED], key=lambda s: s.start)
    places = [words.speech_place.format(seconds=_length(s.seconds), time=stamp(s.start)) for s in longest]
    more = ["…"] if len(gaps) > len(longest) else []
    return words.speech.format(share=f"{floor(coverage.share * 1000) / 10:g}", places=words.comma.join([*places, *more]))


def _length(seconds: float) -> str:
    return f"{max(seconds, 0.1):.1f}" if seconds < 9.95 else str(round(seconds))


def _section(title: str, items: Iterable[Iterable[Block]]) -> Iterator[Block]:
    blocks = [block for item in items for block in item]
    if blocks:
        yield Block(BlockKind.HEADING, (TextRun(title),), level=2)
        yield from blocks


def _term(term: Term, words: Headings) -> tuple[TextRun, ...]:
    explanation = one_line(term.explanation)
    return (TextRun(one_line(term.text), bold=True), *([TextRun(words.colon + explanation)] if explanation else []))


def _evidence(material: Material, runs: tuple[TextRun, ...], item: Point | Term | Action, sign: str = "•") -> Iterator[Block]:
    """Yield the item, and below it its quote, with the time where it was found, or the mark that it was not."""
    yield Block(BlockKind.ITEM, runs, level=1, sign=sign)
    mark = () if item.verified else (TextRun(f"⚠ {material.words.unverified} ", bold=True),)
    quote = (TextRun(f"“{one_line(item.quote)}”"),) if one_line(item.quote) else ()
    if item.start is not None or mark or quote:
        yield _at(material, item.start, Block(BlockKind.QUOTE, (*mark, *quote), level=1))


def _at(material: Material, start: float | None, block: Block) -> Block:
    return block if start is None else replace(block, start=start, place=material.place(start))


def _chapters(material: Material) -> Iterator[Block]:
    rows = []
    for chapter in material.all_chapters:
        summary = one_line(chapter.summary)
        runs = (TextRun(one_line(chapter.title), bold=True), *([TextRun(material.words.colon + summary)] if summary else []))
        for link in filter(None, (address(chapter.link), address(chapter.picture))):
            runs += (TextRun(" "), TextRun(link, link=link))
        rows.append([_at(material, chapter.start, Block(BlockKind.ITEM, runs, level=1))])
    yield from _section(material.words.chapters, rows)


# --- the reader's own -----------------------------------------------------------------------------


def _highlights(material: Material) -> Iterator[Block]:
    rows = []
    for highlight in sorted(material.highlights, key=lambda h: h.start):
        runs = (TextRun(f"“{one_line(highlight.quote)}”"),)
        rows.append([_at(material, highlight.start, Block(BlockKind.QUOTE, runs, colour=highlight.colour.value))])
        if highlight.remark.strip():
            rows.append([Block(BlockKind.TEXT, (TextRun(one_line(highlight.remark), italic=True),), level=1)])
    yield from _section(material.words.highlights, rows)


def _own_notes(material: Material) -> Iterator[Block]:
    yield from _section(material.words.own_notes, [blocks_of(material.own_notes, material.place)])


# --- the transcript -------------------------------------------------------------------------------


def _transcript(material: Material) -> Iterator[Block]:
    if material.transcript is None:
        return
    yield Block(BlockKind.HEADING, (TextRun(material.words.transcript),), level=2)
    if told := heard(material.transcript, material.words):
        yield Block(BlockKind.TEXT, (TextRun(told, italic=True, muted=True),))
    if not material.spoken:
        yield Block(BlockKind.TEXT, (TextRun(material.words.silence),))
    marks = marked(material)
    for stretch in stretches(material):
        if stretch.chapter:
            yield Block(BlockKind.HEADING, (TextRun(one_line(stretch.chapter.title)),), level=3)
        speaker = (TextRun(stretch.speaker + material.words.colon, bold=True),) if stretch.speaker else ()
        yield _at(material, stretch.start, Block(BlockKind.TEXT, (*speaker, *spoken_runs(stretch, marks))))


def spoken_runs(stretch: TranscriptParagraph, marks: dict[int, list[tuple[int, int, str]]]) -> Iterator[TextRun]:
    """Yield the text of a paragraph, cut where marks begin and end."""
    before = ""
    for segment in stretch.segments:
        runs = _marked_runs(segment.text, marks.get(segment.id, []))
        text = "".join(run.text for run in runs)
        if before and text and not (is_cjk(before) or is_cjk(text[0])):
            yield TextRun(" ")
        before = text[-1:] or before
        yield from runs


def _marked_runs(text: str, marks: Sequence[tuple[int, int, str]]) -> list[TextRun]:
    runs, at = [], 0
    for begin, stop, colour in marks:
        runs += [TextRun(text[at:begin]), TextRun(text[begin:stop], mark=colour)]
        at = stop
    return _tidied([*runs, TextRun(text[at:])])


def _tidied(runs: Sequence[TextRun]) -> list[TextRun]:
    """Strip line breaks and control characters, and the spaces at either end."""
    kept: list[TextRun] = []
    for run in runs:
        inner = one_line(f"|{run.text}|")[1:-1]
        if inner:
            kept.append(replace(run, text=inner))
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return [run for run in kept if run.text]
