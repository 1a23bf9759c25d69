"""Highlights of many episodes as one file.

md        a heading an episode, a quotation a highlight, with its remark and a link to the moment
csv       for spreadsheets: all columns
readwise  the columns that Readwise imports: Highlight, Title, Author, URL, Note, Location, Date
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from core.domain.transcripts.annotation import HighlightForm, ListedHighlight
from core.export.layout.cues import one_line, stamp

# The address of a second of an episode.
Place = Callable[[int, float], str]
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(form: HighlightForm, rows: Sequence[ListedHighlight], place: Place) -> str:
    """Return the file's text. `rows` are sorted by episode."""
    return {HighlightForm.MARKDOWN: _markdown, HighlightForm.CSV: _csv, HighlightForm.READWISE: _readwise}[form](rows, place)


def _markdown(rows: Sequence[ListedHighlight], place: Place) -> str:
    parts = []
    for _, group in groupby(rows, key=lambda row: row.highlight.episode_id):
        of_episode = list(group)
        first = of_episode[0]
        parts.append(f"## {one_line(first.episode_title)}\n")
        if first.feed_title:
            parts.append(f"*{one_line(first.feed_title)}*\n")
        parts += [_quotation(row, place) for row in of_episode]
    return "\n".join(parts)


def _quotation(row: ListedHighlight, place: Place) -> str:
    found = row.highlight
    quote = "\n".join(f"> {line}" for line in found.quote.strip().splitlines())
    remark = f"\n{found.remark.strip()}\n" if found.remark.strip() else ""
    return f"{quote}\n> — [{stamp(found.start)}]({place(found.episode_id, found.start)})\n{remark}"


def _csv(rows: Sequence[ListedHighlight], place: Place) -> str:
    head = ("quote", "remark", "colour", "episode", "show", "start", "end", "url", "created")
    return _table(head, (tuple(map(_cell, _columns(row, place))) for row in rows))


def _columns(row: ListedHighlight, place: Place) -> tuple[str, ...]:
    found = row.highlight
    return (
        found.quote,
        found.remark,
        found.colour.value,
        row.episode_title,
        row.feed_title or "",
        f"{found.start:.1f}",
        f"{found.end:.1f}",
        place(found.episode_id, found.start),
        _moment(found.created_at),
    )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _readwise(rows: Sequence[ListedHighlight], place: Place) -> str:
    head = ("Highlight", "Title", "Author", "URL", "Note", "Location", "Date")
    return _table(head, (_imported(row, place) for row in rows))


def _imported(row: ListedHighlight, place: Place) -> tuple[str, ...]:
    found = row.highlight
    address = place(found.episode_id, found.start)
    date = _moment(found.created_at)
    return found.quote, row.episode_title, row.feed_title or "", address, found.remark, str(int(found.start)), date


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
