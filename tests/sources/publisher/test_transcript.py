from __future__ import annotations

import json
import random

import pytest

from core.errors import UserError
from core.sources.publisher.transcript import parse
from tests.sources.publisher.rows import SRT, captions, rows, said


def test_the_content_decides_not_the_type() -> None:
    assert rows(SRT, "application/json") == rows(SRT, "text/vtt") == rows(SRT)


def test_text_without_times_is_kept_and_said_to_have_none() -> None:
    found = parse(b"Ann: Hello there.\n\nBob: Good morning.", "text/plain", "en")
    assert [(s.id, s.start, s.text, s.speaker) for s in found.segments] == [
        (0, 0.0, "Hello there.", "Ann"),
        (1, 0.0, "Good morning.", "Bob"),
    ]
    assert (found.timed, found.language) == (False, "en")


@pytest.mark.parametrize(
    "raw", [b"", b"   ", b'{"segments": []}', b"[1, 2]", b'{"a": ', b"WEBVTT\n\n", b"[" * 100_000, b"<html></html>"]
)
def test_what_holds_no_text_is_said(raw: bytes) -> None:
    with pytest.raises(UserError):
        parse(raw)


@pytest.mark.parametrize("text", ["Das Café ist schön – ja.", "Ça va, déjà vu…", "“Quoted” naïve."])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_western_text_in_any_encoding(text: str, encoding: str) -> None:
    assert said(captions(text, "Two.").encode(encoding))[0] == (text, None)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_chinese_text_in_any_encoding(encoding: str) -> None:
    assert said(captions("今天的港口很安静。", "我们回家吧。").encode(encoding))[0] == ("今天的港口很安静。", None)


def test_an_encoding_is_believed_of_the_server_where_it_is_not_utf_8() -> None:
    body = captions("Привет, мир.").encode("cp1251")
    assert parse(body, "application/x-subrip; text/plain; charset=windows-1251").segments[0].text == "Привет, мир."
    assert parse(captions("Café.").encode(), "text/plain; charset=windows-1251").segments[0].text == "Café."


def test_a_broken_character_does_not_spoil_the_others() -> None:
    assert said(captions("Das schöne Café äöü.").encode()[:-3] + b"\xc3.")[0][0].startswith("Das schöne Café")


def test_whatever_comes_in_segments_are_numbered_in_order_and_have_an_end() -> None:
    chance = random.Random(3)
    for _ in range(200):
        cues = [
            (chance.uniform(0, 50), chance.uniform(-1, 6), chance.choice(["a.", "b", "", "Ann: c", "<v X>d", "猫"]))
            for _ in range(9)
        ]
        made = [{"startTime": at, "endTime": at + length, "body": text} for at, length, text in cues]
        if not any(text for _, _, text in cues):
            continue
        segments = parse(json.dumps({"segments": made}).encode()).segments
        assert [s.id for s in segments] == list(range(len(segments)))
        assert [s.start for s in segments] == sorted(s.start for s in segments)
        assert all(s.end >= s.start and s.text for s in segments)
