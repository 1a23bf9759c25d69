"""WebVTT, SubRip, JSON and HTML as publishers write them."""

from __future__ import annotations

import json

import pytest

from tests.sources.publisher.rows import SRT, captions, rows, said

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


def test_webvtt_with_voices() -> None:
    assert rows(VTT, "text/vtt") == [
        (1.0, 5.0, "Welcome to the show, dear listeners.", "Ann Lee"),
        (5.0, 7.0, "谢谢 & hello.", "Bob"),
    ]


def test_a_name_in_subrip_holds_for_its_cue_alone() -> None:
    assert rows(SRT, "application/x-subrip") == [
        (1.0, 3.5, "Welcome to the show.", "Ann"),
        (3.5, 3605.0, "It is late.", None),
        (3606.0, 3607.0, "No.", "Bob"),
        (3608.0, 3609.0, "Go on.", "Ann"),
        (3610.0, 3611.0, "Yes.", "Bob"),
    ]


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


@pytest.mark.parametrize(
    "first", ["[Music]", "[ Applause ]", "(Laughter)", "{inaudible}", "[00:01] It begins", "[2026]", "[\u97f3\u4e50]"]
)
def test_text_that_begins_with_a_bracket_is_text(first: str) -> None:
    assert said(f"{first}\n\nAnn: Hello.\n\nWe begin.\n\nAnn: Bye.\n")[1:] == [
        ("Hello.", "Ann"),
        ("We begin.", None),
        ("Bye.", "Ann"),
    ]


def test_subrip_without_blank_lines_between_cues() -> None:
    rows = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nCue {n}.\nThere were 7.\n" for n in (1, 2, 3))
    assert [text for text, _ in said(rows)] == ["Cue 1. There were 7.", "Cue 2. There were 7.", "Cue 3. There were 7."]
    bare = "".join(f"00:00:{n:02},000 --> 00:00:{n:02},900\nIn.\n{1990 + n}\n" for n in (1, 2))
    assert [text for text, _ in said(bare)] == ["In. 1991 In. 1992"]


def test_an_empty_line_inside_a_cue_of_subrip_loses_nothing() -> None:
    assert said("1\n00:00:01,000 --> 00:00:02,000\nOne\n\nand two.\n\n2\n00:00:03,000 --> 00:00:04,000\nThree.") == [
        ("One and two.", None),
        ("Three.", None),
    ]


def test_a_negative_number_is_no_turn() -> None:
    assert said(captions("-5 degrees.")) == [("-5 degrees.", None)]


def test_a_page_of_paragraphs_names_its_speakers_and_markdown_does() -> None:
    expected = [("Hello.", "Ann"), ("Hi & bye.", "Bob"), ("So long.", "Ann")]
    page = "<div><strong>Ann:</strong> Hello.</div><div><strong>Bob:</strong> Hi &amp; bye.</div><div><b>Ann</b>: So long.</div>"
    for text in (page, "**Ann:** Hello.\n\n**Bob:** Hi & bye.\n\n**Ann:** So long."):
        assert [row[2:] for row in rows(text)] == expected


def test_subrip_as_subtitle_editors_write_it() -> None:
    cues = "1\n0:0:1,0 --> 0:0:2,5\n{\\an8}{\\i1}Up here.{\\i0}\n\n2\n00:00:03,000 --> 00:00:04,000\nA {set} stays.\n"
    assert rows(cues) == [(1.0, 2.5, "Up here.", None), (3.0, 4.0, "A {set} stays.", None)]
