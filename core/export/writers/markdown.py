"""Write an episode as one Markdown file for Obsidian: front matter, notes with their evidence, transcript.

Material ─► front matter, title, wiki links to the feed and the people
        ─► gist, key points (quote, time, a mark when unverified), chapters, terms, actions
        ─► highlights as quotations, own notes as the user wrote them
        ─► the transcript in paragraphs, each with its time and its highlights marked

All text of a feed or a model goes through `escaping`; only the user's own notes keep their Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import floor

from core.domain.notes.note import Action, Notes, Point, Term
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material, TranscriptParagraph, marked, stretches
from core.export.layout.cues import one_line, stamp
from core.export.layout.document import byline, heard, spoken_runs
from core.export.layout.escaping import address, obsidian_tag, prose, scalar, wiki_link
from core.export.layout.labels import Headings, headings


def markdown(material: Material) -> str:
    """Return the whole episode. Times are links where the material knows an address."""
    words = material.words
    blocks = [_front_matter(material), f"# {prose(material.episode.title)}"]
    blocks += _links(material)
    if material.notes:
        blocks += _notes(material.notes, material)
    if material.chapters:
        blocks += _chapters(material, words)
    if material.highlights:
        blocks += _highlights(material)
    if material.own_notes.strip():
        blocks += [f"## {words.own_notes}", material.own_notes.strip()]
    if material.transcript:
        blocks += _transcript(material)
    return "\n\n".join(blocks) + "\n"


def summary_markdown(notes: Notes) -> str:
    """Return the notes alone, without front matter; times are plain text."""
    return "\n\n".join(_notes(notes, None)) + "\n"


# --- front matter ---------------------------------------------------------------------------------


def _front_matter(material: Material) -> str:
    episode, transcript, notes = material.episode, material.transcript, material.notes
    when = datetime.fromtimestamp(episode.published_at or episode.created_at, UTC).date()
    rows: dict[str, str | None] = {
        "title": scalar(episode.title),
        "feed": _wiki_scalar(material.feed_title),
        "people": _list_of(_wiki_scalar(name) for name in material.people),
        "season": str(episode.season) if episode.season is not None else None,
        "episode": f"{episode.number:g}" if episode.number is not None else None,
        "episode_type": episode.kind,
        "date": when.isoformat(),
        "duration": scalar(stamp(material.duration)) if material.duration else None,
        "duration_seconds": str(round(material.duration)) if material.duration else None,
        "language": scalar(transcript.language) if transcript else None,
        "source": scalar(str(episode.source)),
        "link": _quoted(address(episode.link)),
        "audio": _quoted(address(material.audio_address)),
        "castmind": _quoted(address(material.page_address)),
        "speech_model": scalar(transcript.engine.model) if transcript and not transcript.by_publisher else None,
        "transcript_by": "publisher" if transcript and transcript.by_publisher else None,
        **_speech(transcript),
        "notes_by": scalar(notes.model or notes.engine) if notes else None,
        "castmind_id": str(episode.id) if episode.id else None,
        "tags": _list_of(_tags(material)),
    }
    lines = [f"{key}:{'' if value.startswith(chr(10)) else ' '}{value}" for key, value in rows.items() if value is not None]
    return "\n".join(["---", *lines, "---"])


def _speech(transcript: Transcript | None) -> dict[str, str]:
    """Return which share of the speech has words. A share is never rounded up to all."""
    coverage = transcript.speech_coverage if transcript else None
    if coverage is None:
        return {}
    share = f"{floor(coverage.share * 1000) / 1000:g}"
    return {"speech_coverage": share, "unclear_seconds": f"{round(coverage.dropped + coverage.unclear, 1):g}"}


def _quoted(text: str | None) -> str | None:
    return scalar(text) if text else None


def _wiki_scalar(name: str | None) -> str | None:
    return scalar(wiki_link(name)) if name and wiki_link(name) else None


def _list_of(items: Iterable[str | None]) -> str | None:
    kept = [item for item in items if item]
    return "".join(f"\n  - {item}" for item in kept) or None


def _tags(material: Material) -> list[str]:
    own = [obsidian_tag(tag) for tag in material.tags]
    tags = ["castmind", *(["podcast"] if material.feed_title else []), *(scalar(tag) for tag in own if tag)]
    return list(dict.fromkeys(tags))


def _links(material: Material) -> Iterator[str]:
    """Yield the origin and the speakers as links that Obsidian follows, and the address to hear it."""
    words = material.words
    parts = []
    if material.feed_title and (feed := wiki_link(material.feed_title)):
        parts.append(f"{words.feed}{words.colon}{feed}")
    if people := [link for link in map(wiki_link, material.people) if link]:
        parts.append(f"{words.people}{words.colon}{', '.join(people)}")
    if heard_at := address(material.page_address) or address(material.audio_address):
        parts.append(f"[{words.listen}]({heard_at})")
    if parts:
        yield " · ".join(parts)


# --- notes ----------------------------------------------------------------------------------------


def _notes(notes: Notes, material: Material | None) -> Iterator[str]:
    words = headings(notes.language)
    if notes.tldr.strip():
        yield f"> {prose(notes.tldr)}"
    yield f"*{byline(notes, words, prose)}*"
    if notes.points:
        yield f"## {words.points}"
        yield _list(_with_evidence(prose(p.text), p, material, words) for p in notes.points)
    if notes.chapters and not (material and material.chapters):
        yield from _chapters(material or notes, words)
    if notes.terms:
        yield f"## {words.terms}"
        yield _list(_with_evidence(_term(t, words), t, material, words) for t in notes.terms)
    if notes.actions:
        yield f"## {words.actions}"
        yield _list((_with_evidence(prose(a.text), a, material, words) for a in notes.actions), bullet="- [ ]")


def _chapters(holder: Material | Notes, words: Headings) -> Iterator[str]:
    material = holder if isinstance(holder, Material) else None
    chapters = material.all_chapters if material else holder.chapters
    yield f"## {words.chapters}"
    yield _list(
        f"{_time(c.start, material)} **{prose(c.title)}**"
        + (words.colon + prose(c.summary) if one_line(c.summary) else "")
        + "".join(f" <{link}>" for link in (address(c.link), address(c.picture)) if link)
        for c in chapters
    )


def _term(term: Term, words: Headings) -> str:
    return f"**{prose(term.text)}**" + (words.colon + prose(term.explanation) if one_line(term.explanation) else "")


def _with_evidence(text: str, item: Point | Term | Action, material: Material | None, words: Headings) -> str:
    """Return the item, and below it its quote, with the time where it was found, or the mark that it was not."""
    place = f"{_time(item.start, material)} " if item.start is not None else ""
    mark = "" if item.verified else f"⚠ **{words.unverified}** "
    quote = f"“{prose(item.quote)}”" if item.quote.strip() else ""
    evidence = f"{place}{mark}{quote}".strip()
    return f"{text}\n  > {evidence}" if evidence else text


def _list(items: Iterable[str], bullet: str = "-") -> str:
    return "\n".join(f"{bullet} {item}" for item in items)


def _time(seconds: float, material: Material | None) -> str:
    """Return `[02:03]`, which is also a link when there is an address that plays it from there."""
    place = material.place(seconds) if material else None
    return f"[{stamp(seconds)}]" + (f"({place})" if place else "")


# --- highlights -----------------------------------------------------------------------------------


def _highlights(material: Material) -> Iterator[str]:
    """Yield quotations with their colour; a remark stands below its own."""
    words = material.words
    yield f"## {words.highlights}"
    for highlight in sorted(material.highlights, key=lambda h: h.start):
        colour = words.colours[highlight.colour.value]
        quotation = f"> {_time(highlight.start, material)} “{prose(highlight.quote)}” ({colour})"
        remark = [prose(line) for line in highlight.remark.splitlines() if one_line(line)]
        yield "\n\n".join([quotation, *remark])


# --- transcript -----------------------------------------------------------------------------------


def _transcript(material: Material) -> Iterator[str]:
    words = material.words
    yield f"## {words.transcript}"
    if material.transcript and (told := heard(material.transcript, words)):
        yield f"*{told}*"
    if not material.spoken:
        yield words.silence
    marks = marked(material)
    for stretch in stretches(material):
        if stretch.chapter:
            yield f"### {prose(stretch.chapter.title)}"
        speaker = f"**{prose(stretch.speaker)}{words.colon.rstrip()}** " if stretch.speaker else ""
        yield f"{_time(stretch.start, material)} {speaker}{_said(stretch, marks)}"


def _said(stretch: TranscriptParagraph, marks: dict[int, list[tuple[int, int, str]]]) -> str:
    """Return the words, with highlights between `==`, as Obsidian marks them."""
    pieces: list[str] = []
    for run in spoken_runs(stretch, marks):
        inner = prose(run.text, begins=not pieces)
        before = " " if run.text[:1].isspace() else ""
        after = " " if run.text[-1:].isspace() and inner else ""
        pieces.append(f"{before}=={inner}=={after}" if run.mark and inner else f"{before}{inner}{after}")
    return "".join(pieces).rstrip()
