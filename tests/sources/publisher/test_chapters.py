from __future__ import annotations

import json

import pytest

from core.domain.episodes.publisher_extras import SuppliedChapter
from core.errors import UserError
from core.sources.publisher.chapters import MOST, parse, simple

URL = "https://pods.example/1/chapters.json"


def body(*rows: object) -> bytes:
    return json.dumps({"version": "1.2.0", "chapters": list(rows)}).encode()


def test_chapters_come_in_order_without_markup_and_with_safe_links() -> None:
    got = parse(
        body(
            {"startTime": 62.5, "title": "<b>Two</b> &amp; more", "url": "javascript:alert(1)"},
            {"startTime": 0, "title": "开场", "url": "/notes", "img": "https://tracker.example/1.png"},
            {"startTime": 30, "title": "Advertisement", "toc": False},
        ),
        URL,
    )
    picture = "https://tracker.example/1.png"
    assert got.items == (SuppliedChapter("开场", 0.0, "https://pods.example/notes", picture), SuppliedChapter("Two & more", 62.5))


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        ("00:00:00.000", 0.0),
        ("00:03:07", 187.0),
        ("3:07", 187.0),
        ("187", 187.0),
        ("187.25", 187.25),
        ("01:02:03.5", 3723.5),
        ("1:02:03,5", 3723.5),
        ("120:00", 7200.0),
        ("npt:00:00:09", 9.0),
        (" 9 ", 9.0),
    ],
)
def test_play_time_is_read_as_programs_write_it(start: str, seconds: float) -> None:
    assert simple([{"start": start, "title": "A"}], URL) == (SuppliedChapter("A", seconds),)


@pytest.mark.parametrize(
    "row", [{}, {"start": "1"}, {"title": "A"}, {"start": "-1", "title": "A"}, {"start": "x:1", "title": "A"}]
)
def test_a_simple_chapter_without_title_or_time_is_left_out(row: dict[str, str]) -> None:
    assert simple([row, {"start": "1", "title": "Kept"}], URL) == (SuppliedChapter("Kept", 1.0),)


def test_what_has_no_title_or_no_time_is_left_out() -> None:
    rows = [
        {"startTime": "x", "title": "a"},
        {"startTime": -1, "title": "b"},
        {"title": "c"},
        {"startTime": 1, "title": " "},
        7,
        None,
    ]
    assert parse(body(*rows, {"startTime": "9", "title": "Kept"}), URL).items == (SuppliedChapter("Kept", 9.0),)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"chapters": 3}', b'{"chapters": []}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_list_of_chapters_is_said(raw: bytes) -> None:
    with pytest.raises(UserError):
        parse(raw, URL)


def test_there_is_an_end_to_it() -> None:
    assert len(parse(body(*({"startTime": n, "title": str(n)} for n in range(3 * MOST))), URL).items) == MOST


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_chapters_in_any_encoding_and_with_times_as_clocks_show_them(encoding: str) -> None:
    rows = (
        '{"startTime": "00:01:05", "title": "Café"}, {"startTime": "1:10.5", "title": "Zwei"}, {"startTime": "80", "title": "x"}'
    )
    body = f'{{"version": "1.2.0", "chapters": [{rows}, {{"startTime": 90, "title": {{"a": 1}}}}]}}'.encode(encoding)
    found = parse(body, "https://a.example/c.json").items
    assert [(c.start, c.title) for c in found] == [(65.0, "Café"), (70.5, "Zwei"), (80.0, "x")]
