from __future__ import annotations

import json
import random

import pytest

from core.errors import UserError
from core.sources.published_transcript import parse

VTT = """WEBVTT - some header

NOTE a comment
of two lines

1
00:00:01.000 --> 00:00:03.500 align:start
<v Ann Lee>Welcome to <i>the</i> show,

00:03.500 --> 00:05.000
<v Ann Lee>dear listeners.

00:00:05.000 --> 00:00:07.000
<v Bob>谢谢 &amp; hello.
"""
SRT = """1
00:00:01,000 --> 00:00:03,500
Ann: Welcome to the show.

2
00:00:03,500 --> 01:00:05,000
It is late.

3
01:00:06,000 --> 01:00:07,000
Bob: No.""".replace("\n", "\r\n")


def rows(body: str | bytes, media_type: str | None = None) -> list[tuple[float, float, str, str | None]]:
    found = parse(body.encode() if isinstance(body, str) else body, media_type)
    return [(s.start, s.end, s.text, s.speaker) for s in found.segments]


def test_webvtt_with_voices() -> None:
    assert rows(VTT, "text/vtt") == [
        (1.0, 5.0, "Welcome to the show, dear listeners.", "Ann Lee"),
        (5.0, 7.0, "谢谢 & hello.", "Bob"),
    ]


def test_subrip_with_names_that_hold_until_another_is_named() -> None:
    assert rows(SRT, "application/x-subrip") == [
        (1.0, 3.5, "Welcome to the show.", "Ann"),
        (3.5, 3605.0, "It is late.", "Ann"),
        (3606.0, 3607.0, "No.", "Bob"),
    ]


def test_the_content_decides_not_the_type() -> None:
    assert rows(SRT, "application/json") == rows(SRT, "text/vtt") == rows(SRT)


def test_json_with_words_is_joined_to_sentences() -> None:
    words = [("It", 0.0, "A"), ("is", 0.4, "A"), ("late.", 0.8, "A"), ("Go", 1.4, "A"), ("now", 1.8, "A"), ("No", 2.2, "B")]
    segments = [{"speaker": who, "startTime": at, "endTime": at + 0.4, "body": word} for word, at, who in words]
    assert rows(json.dumps({"version": "1.0.0", "segments": segments})) == [
        (0.0, 1.2, "It is late.", "A"),
        (1.4, 2.2, "Go now", "A"),
        (2.2, 2.6, "No", "B"),
    ]


def test_html_with_names_and_times() -> None:
    first = "<cite>Ann:</cite><time>0:01</time><p>One <script>alert(1)</script>two.</p>"
    page = f"<html>{first}<cite>Bob:</cite><time>1:02:03</time><p>Three.</p></html>"
    assert rows(page, "text/html") == [(1.0, 3723.0, "One two.", "Ann"), (3723.0, 3723.0, "Three.", "Bob")]


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


def test_a_name_is_not_made_of_a_sentence() -> None:
    line = "1\n00:00:00,000 --> 00:00:01,000\nwhat i mean is this: nothing"
    assert rows(line) == [(0.0, 1.0, "what i mean is this: nothing", None)]


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
