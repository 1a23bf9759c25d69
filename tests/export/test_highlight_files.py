"""Highlights as a file: Markdown, a spreadsheet, and the columns that Readwise imports."""

from __future__ import annotations

import csv
import io

from core.domain.transcripts.annotation import Colour, Highlight, HighlightForm, ListedHighlight, Span
from core.export.highlight_files import write


def row(number: int, quote: str, *, start: float = 75.0, remark: str = "", feed: str | None = "Show") -> ListedHighlight:
    found = Highlight(number, number, Span(0, 0, 0, 1), start, start + 2, quote, Colour.PINK, remark, True, 1, 0.0, 0.0)
    return ListedHighlight(found, f"Talk {number}\nof two lines", None, feed, 100.0, True)


def place(episode_id: int, second: float) -> str:
    return f"http://here/episode?id={episode_id}&t={second:g}"


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_markdown_quotes_each_below_its_episode() -> None:
    text = write(
        HighlightForm.MARKDOWN,
        [row(1, "One.\nTwo.", remark="Why."), row(1, "Three.", start=80.0), row(2, "声", feed=None)],
        place,
    )
    assert text.splitlines() == [
        "## Talk 1 of two lines",
        "",
        "*Show*",
        "",
        "> One.",
        "> Two.",
        "> — [01:15](http://here/episode?id=1&t=75)",
        "",
        "Why.",
        "",
        "> Three.",
        "> — [01:20](http://here/episode?id=1&t=80)",
        "",
        "## Talk 2 of two lines",
        "",
        "> 声",
        "> — [01:15](http://here/episode?id=2&t=75)",
    ]


def test_a_spreadsheet_gets_all_columns_and_takes_nothing_for_a_formula() -> None:
    head, one = cells(write(HighlightForm.CSV, [row(1, '=HYPERLINK("x")', remark="-1")], place))
    assert head == ["quote", "remark", "colour", "episode", "show", "start", "end", "url", "created"]
    assert one[:3] == ['\'=HYPERLINK("x")', "'-1", "pink"]
    assert one[5:] == ["75.0", "77.0", "http://here/episode?id=1&t=75", "1970-01-01 00:00:00"]


def test_readwise_gets_its_columns_with_the_words_as_they_are() -> None:
    head, one = cells(write(HighlightForm.READWISE, [row(1, "=1+1", remark="声")], place))
    assert head == ["Highlight", "Title", "Author", "URL", "Note", "Location", "Date"]
    assert one == ["=1+1", "Talk 1\nof two lines", "Show", "http://here/episode?id=1&t=75", "声", "75", "1970-01-01 00:00:00"]


def test_nothing_is_an_empty_file_or_its_head() -> None:
    assert write(HighlightForm.MARKDOWN, [], place) == ""
    assert len(cells(write(HighlightForm.CSV, [], place))) == 1
