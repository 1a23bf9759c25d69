"""The reading rules, for any transcript: two lines, 42 columns or 16 wide characters, one to seven seconds, in order."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

import pytest

from core.domain.transcripts.transcript import Segment, Word, is_cjk
from core.export.layout.captions import Cue, captions
from core.export.layout.lines import pieces

ENGLISH = [
    "the",
    "quick",
    "brown",
    "fox,",
    "jumps",
    "a",
    "lazy",
    "dog.",
    "and",
    "then",
    "because",
    "we",
    "wanted",
    "to",
    "go",
    "nobody",
    "3.5",
    "%",
    "internationalisation",
    "isn't",
    "(really)",
    "what-ever!",
    "Dr.",
    "Müller",
    "café",
]
CHINESE = "今天我们谈经济和音乐会议在五点开始价格上涨了百分之二十，。、：“”《》！？"


def sentence(chance: random.Random) -> str:
    kind = chance.choice(["english", "chinese", "mixed", "tiny"])
    words = [chance.choice(ENGLISH) for _ in range(chance.randint(1, 60))]
    signs = "".join(chance.choice(CHINESE) for _ in range(chance.randint(1, 120)))
    if kind == "mixed":
        return " ".join(chance.choice([word, signs[i : i + 3]]) for i, word in enumerate(words))
    return {"english": " ".join(words), "chinese": signs, "tiny": chance.choice(["Yes.", "嗯。", "No!", "a"])}[kind]


def with_words(segment: Segment) -> Segment:
    """Timed as recognition does: a word at a time, with the space before it."""
    said = segment.text.split(" ")
    length = (segment.end - segment.start) / len(said)
    words = tuple(
        Word(segment.start + i * length, segment.start + (i + 1) * length, (" " if i else "") + text)
        for i, text in enumerate(said)
    )
    return replace(segment, words=words)


def talk(seed: int) -> list[Segment]:
    """Any talk: pauses or none, seconds for a word or a word for seconds, one speaker or several, words timed or not."""
    chance = random.Random(seed)
    segments, at = [], 0.0
    for number in range(chance.randint(1, 25)):
        at += chance.choice([0, 0, 0.01, 0.3, 2, 40])
        end = at + chance.choice([0, 0.2, 0.8, 2, 5, 12, 60])
        speaker = chance.choice([None, "Ann", "王先生", "A very long name of somebody <b>"])
        segment = Segment(number, at, end, sentence(chance), speaker)
        segments.append(with_words(segment) if chance.random() < 0.5 else segment)
        at = end
    return segments


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line if not unicodedata.combining(c))


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_any_talk_follows_the_reading_rules(seed: int, labels: bool) -> None:
    cues = captions(talk(seed), labels=labels)
    free = 0
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert 1000 <= cue.end - cue.start <= 7000
        assert cue.start >= free
        free = cue.end
        for line in cue.lines:
            assert line.text == line.text.strip() != ""
            wide = any(is_cjk(c) for c in line.text)
            assert columns(line.text) <= (32 if wide else 42) or len(pieces(line.text)) == 1


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_was_said_is_lost_or_said_twice(seed: int) -> None:
    segments = talk(seed)
    said = [word for s in segments for word in s.text.split()]
    shown = " ".join(line.text.removeprefix("- ") for cue in captions(segments) for line in cue.lines)
    assert shown.replace(" ", "") == "".join(said)
    # No word is broken: each that is bare letters stands in some line as it is.
    letters = [w for w in said if w.isascii() and w.isalpha()]
    assert not set(letters) - {w.strip(".,!%()，。、：“”《》！？") for w in shown.split()} - set("".join(letters))


def test_a_cut_stands_where_the_words_are_said() -> None:
    text = (
        "First comes a long sentence that fills a cue by itself, nearly so. Then after a pause the second one follows, also long."
    )
    words = []
    at = 0.0
    for i, word in enumerate(text.split()):
        at += 5.0 if word == "Then" else 0.0
        words.append(Word(at, at + 0.2, (" " if i else "") + word))
        at += 0.2
    first, second = captions([Segment(0, 0.0, at, text, words=tuple(words))])
    assert next(line.text for line in second.lines).startswith("Then")
    assert (first.end, second.start) == (2600, 7600)


def test_without_word_times_a_cut_stands_in_proportion() -> None:
    first, second = captions([Segment(0, 0.0, 10.0, "天" * 31 + "。" + "地" * 31 + "。")])
    assert [line.text for line in first.lines] == ["天" * 16, "天" * 15 + "。"]
    assert first.end == second.start == 5000


def test_words_of_another_text_are_not_believed() -> None:
    edited = Segment(0, 0.0, 4.0, "The reader mended this.", words=(Word(0.0, 0.1, "Something"), Word(3.9, 4.0, " else")))
    assert captions([edited]) == [Cue(0, 4000, captions([replace(edited, words=())])[0].lines)]


def test_short_answers_share_a_cue() -> None:
    answers = [Segment(0, 0.0, 0.4, "Yes."), Segment(1, 0.5, 0.8, "No."), Segment(2, 1.0, 2.4, "Well, perhaps.")]
    assert [[line.text for line in cue.lines] for cue in captions(answers)] == [["Yes. No. Well, perhaps."]]


def test_two_who_speak_in_turn_have_a_line_each() -> None:
    answers = [Segment(0, 0.0, 0.4, "Yes.", "Ann"), Segment(1, 0.5, 0.8, "No.", "Bob")]
    assert [[line.text for line in cue.lines] for cue in captions(answers, labels=True)] == [["Ann: Yes.", "Bob: No."]]
    (cue,) = captions(answers)
    assert [(line.speaker, line.text) for line in cue.lines] == [("Ann", "- Yes."), ("Bob", "- No.")]


def test_a_name_is_shown_when_the_speaker_changes() -> None:
    said = [Segment(i, i * 5.0, i * 5.0 + 3, f"Sentence {i}.", "Ann" if i < 2 else "Bob") for i in range(3)]
    assert [cue.lines[0].text for cue in captions(said, labels=True)] == ["Ann: Sentence 0.", "Sentence 1.", "Bob: Sentence 2."]
