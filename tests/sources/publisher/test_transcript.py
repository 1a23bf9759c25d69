from __future__ import annotations

import json
import random

import pytest

from core.errors import UserError
from core.sources.publisher.transcript import parse

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
Bob: No.

4
01:00:08,000 --> 01:00:09,000
Ann: Go on.

5
01:00:10,000 --> 01:00:11,000
Bob: Yes.""".replace("\n", "\r\n")


def rows(body: str | bytes, media_type: str | None = None) -> list[tuple[float, float, str, str | None]]:
    found = parse(body.encode() if isinstance(body, str) else body, media_type)
    return [(s.start, s.end, s.text, s.speaker) for s in found.segments]


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


def captions(*cues: str) -> str:
    """SubRip, a cue a second."""
    return "\n\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{words}" for n, words in enumerate(cues, 1)) + "\n"


def said(body: str | bytes, *people: str) -> list[tuple[str, str | None]]:
    found = parse(body.encode() if isinstance(body, str) else body, people=people)
    return [(s.text, s.speaker) for s in found.segments]


@pytest.mark.parametrize(
    "sentence",
    [
        "And I told him: go home.",
        "The sign said: no dogs.",
        "Remember: the tide turns at six.",
        "Berlin: a city of bridges.",
        "Then he asked: why?",
        "He said: \u201cyes\u201d.",
        "Great Expectations: the book of my youth.",
        "\u6211\u8ddf\u4ed6\u8bf4\uff1a\u56de\u5bb6\u5427\u3002",
        "In 1984: nothing.",
    ],
)
def test_a_sentence_with_a_colon_names_nobody_and_loses_no_word(sentence: str) -> None:
    cues = ["Welcome to the harbour.", sentence, "It was a long way.", "Nobody was there."]
    assert said(captions(*cues)) == [(words, None) for words in cues]


@pytest.mark.parametrize(
    "sentence", ["And I told him: go.", "He said: go.", "Remember: go.", "I say: go.", "\u4ed6\u8bf4\uff1a\u8d70\u3002"]
)
def test_nor_does_one_that_is_said_again(sentence: str) -> None:
    assert {speaker for _, speaker in said(captions(sentence, "Yes.", sentence))} == {None}


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "ANN LEE",
        "Speaker 1",
        "Dr. Ann O\u2019Brien",
        "Ludwig van Beethoven",
        "\u5f20\u4e09",
        "\u4e3b\u6301\u4eba",
        "\u0410\u043d\u043d\u0430",
        "\u00c9lodie",
        "J. R. Lee",
    ],
)
def test_a_name_that_recurs_is_a_speaker_of_its_own_cues(name: str) -> None:
    got = said(captions(f"{name}: One.", "Two.", f"{name}: Three."))
    assert got == [("One.", name), ("Two.", None), ("Three.", name)]


def test_one_of_the_people_of_the_feed_needs_to_be_named_once() -> None:
    body = captions("Ann: One.", "Bob Stone: Two.", "Carl: Three.")
    assert said(body, "Ann Lee", "bob stone") == [("One.", "Ann"), ("Two.", "Bob Stone"), ("Carl: Three.", None)]


def test_a_sentence_that_goes_on_in_the_next_cue_stays_with_who_began_it() -> None:
    got = said(captions("Ann: It is getting", "late.", "Nobody knows.", "Ann: Go."))
    assert got == [("It is getting late.", "Ann"), ("Nobody knows.", None), ("Go.", "Ann")]


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("<v Ann>Hello.</v> <v Bob>Hi there.</v>", [("Hello.", "Ann"), ("Hi there.", "Bob")]),
        ("<v.loud Ann>Hello.\n<v Bob>Hi there.", [("Hello.", "Ann"), ("Hi there.", "Bob")]),
        ("- Hello\n- Hi there", [("Hello", None), ("Hi there", None)]),
        ("-Hello\n-Hi there", [("Hello", None), ("Hi there", None)]),
        ("\u2013 Hello\nagain\n\u2013 Hi there", [("Hello again", None), ("Hi there", None)]),
        (">> Hello\n>> Hi there", [("Hello", None), ("Hi there", None)]),
        ("Soft: <v Ann>Hello.", [("Soft:", None), ("Hello.", "Ann")]),
    ],
)
def test_two_voices_in_one_cue_are_both_kept(words: str, expected: list[tuple[str, str | None]]) -> None:
    found = parse(f"WEBVTT\n\n00:01.000 --> 00:03.000\n{words}\n".encode()).segments
    assert [(s.text, s.speaker) for s in found] == expected
    assert found[0].start == 1.0 and found[-1].end == 3.0 and found[0].end == found[1].start


def test_names_behind_dashes_are_names() -> None:
    assert said(captions("- Ann: One.\n- Bob: Two.", "- Bob: Three.\n- Ann: Four.")) == [
        ("One.", "Ann"),
        ("Two.", "Bob"),
        ("Three.", "Bob"),
        ("Four.", "Ann"),
    ]


def test_a_negative_number_is_no_turn() -> None:
    assert said(captions("-5 degrees.")) == [("-5 degrees.", None)]


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


@pytest.mark.parametrize(
    "label",
    [
        *(
            "Tip",
            "Pro tip",
            "Breaking news",
            "Spoiler alert",
            "PS",
            "FYI",
            "HTTPS",
            "Chapter 3",
            "Psalm 23",
            "John 3",
            "Step two",
        ),
        *("Question", "Bottom line", "Frage", "Zum Beispiel", "Remarque", "Por ejemplo", "Então", "Например", "예를 들어"),
        *("比如说", "第一", "第二点", "总之", "注意", "答案", "也就是说", "換句話說", "つまり", "ところで"),
    ],
)
def test_a_label_is_nobody_however_often_it_comes(label: str) -> None:
    said = [f"{label}: one thing.", "Then more.", f"{label}: another.", f"{label}: a third."]
    cues = "\n".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n + 1:02d},000\n{text}\n" for n, text in enumerate(said, 1))
    assert [row[2:] for row in rows(cues)] == [(text, None) for text in said]
    assert all(speaker is None for *_, speaker in rows("\n\n".join(said)))


@pytest.mark.parametrize(
    "name", ["Speaker 2", "Guest 1", "April", "Q", "Sprecher 3", "主持人", "嘉宾2", "陈一", "于是之", "SPEAKER_01"]
)
def test_people_and_the_parts_they_have_are_no_labels(name: str) -> None:
    cues = "\n".join(f"{n}\n00:00:{n:02d},000 --> 00:00:{n + 1:02d},000\n{name}: so.\n" for n in range(1, 4))
    assert {row[3] for row in rows(cues)} == ({name} if name != "于是之" else {None})


SAID = [(1.0, 62.0, "Hello there.", "Ann Lee"), (62.0, 3700.0, "Hi, Ann.", "Bob"), (3700.0, 3700.0, "Bye. Take care.", "Ann Lee")]


@pytest.mark.parametrize(
    "text",
    [
        "[00:00:01] Ann Lee: Hello there.\n[00:01:02] Bob: Hi, Ann.\n[01:01:40] Ann Lee: Bye.\nTake care.\n",
        "Ann Lee  0:01  \nHello there.\n\nBob  1:02\nHi, Ann.\n\nAnn Lee  1:01:40\nBye.\nTake care.",
        "Ann Lee (00:01):\nHello there.\n\nBob (01:02):\nHi, Ann.\n\nAnn Lee (01:01:40):\nBye.\n\nTake care.",
        "[00:00:01.00] - Ann Lee\nHello there.\n\n[00:01:02.00] - Bob\nHi, Ann.\n\n[01:01:40.00] - Ann Lee\nBye. Take care.",
        "<html><head><title>X</title></head><body><p>[0:01] <b>Ann Lee:</b> Hello there.</p><p>[1:02] <b>Bob:</b> Hi, Ann.</p>"
        "<p>[1:01:40] <b>Ann Lee:</b> Bye.<br>Take care.</p></body></html>",
        '[{"speaker":"Ann Lee","start":"00:00:01","end":"00:01:02","text":"Hello there."},{"speaker":"Bob",'
        '"start":"00:01:02.000","end":"01:01:40","text":"Hi, Ann."},'
        '{"speaker":"Ann Lee","start":"01:01:40,000","end":"3700","text":"Bye. Take care."}]',
    ],
)
def test_times_and_names_in_the_forms_of_transcribing_programs(text: str) -> None:
    bob_is_named = {"Bob"}
    found = parse(text.encode(), None, None, bob_is_named)
    assert [(s.start, s.end, s.text, s.speaker) for s in found.segments] == SAID
    assert found.timed


@pytest.mark.parametrize(
    "text",
    [
        "10:30 we start, she said.\n\nAnd then nothing.\n\nFor hours.\n\nAt last, an answer.\n\n11:00 it was.",
        "We met twice.\n12:30 was one.\n\n10:15 the other.",
        "John 3:16 is read.\n\nIt is short.",
    ],
)
def test_prose_with_times_in_it_is_not_stamped(text: str) -> None:
    found = parse(text.encode())
    assert not found.timed
    assert " ".join(s.text for s in found.segments).split() == text.split()


def test_a_page_of_paragraphs_names_its_speakers_and_markdown_does() -> None:
    expected = [("Hello.", "Ann"), ("Hi & bye.", "Bob"), ("So long.", "Ann")]
    page = "<div><strong>Ann:</strong> Hello.</div><div><strong>Bob:</strong> Hi &amp; bye.</div><div><b>Ann</b>: So long.</div>"
    for text in (page, "**Ann:** Hello.\n\n**Bob:** Hi & bye.\n\n**Ann:** So long."):
        assert [row[2:] for row in rows(text)] == expected


def test_subrip_as_subtitle_editors_write_it() -> None:
    cues = "1\n0:0:1,0 --> 0:0:2,5\n{\\an8}{\\i1}Up here.{\\i0}\n\n2\n00:00:03,000 --> 00:00:04,000\nA {set} stays.\n"
    assert rows(cues) == [(1.0, 2.5, "Up here.", None), (3.0, 4.0, "A {set} stays.", None)]
