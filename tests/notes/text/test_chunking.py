"""Chunks fit their budget and hold every segment once."""

from __future__ import annotations

import random

import pytest

from core.domain.transcripts.transcript import Segment
from core.notes.text.chunking import Chunk, cut, least_tokens, most_tokens, pieces, split_text


def some_segments(seed: int) -> list[Segment]:
    rng = random.Random(seed)
    texts = [
        rng.choice(
            (
                "",
                "Yes.",
                "我们今天谈经济。" * rng.randint(1, 9),
                "the price went up " * rng.randint(1, 40),
                "x" * rng.randint(1, 900),
            )
        )
        for _ in range(rng.randint(1, 120))
    ]
    return [Segment(i, i * 2.0, i * 2.0 + 1.0, text) for i, text in enumerate(texts)]


def text_by_segment(chunks: tuple[Chunk, ...]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunks:
        for piece in chunk.pieces:
            found[piece.segment_id] = found.get(piece.segment_id, "") + piece.text
    return found


@pytest.mark.parametrize("seed", range(25))
def test_every_segment_is_in_the_chunks_once_and_in_order(seed: int) -> None:
    segments = some_segments(seed)
    chunks = cut(pieces(segments), 150)
    assert text_by_segment(chunks) == {s.id: s.text for s in segments}
    assert all(c.tokens <= 150 for c in chunks)
    ids = [p.segment_id for c in chunks for p in c.pieces]
    assert ids == sorted(ids)


@pytest.mark.parametrize("seed", range(25))
def test_halves_hold_the_same_text_down_to_a_few_characters(seed: int) -> None:
    segments = some_segments(seed)
    waiting = list(cut(pieces(segments), 10**6))
    smallest: list[Chunk] = []
    while waiting:
        halves = waiting[0].halves()
        if halves is None:
            smallest.append(waiting.pop(0))
        else:
            waiting[:1] = halves
    assert all(len(c.pieces) == 1 for c in smallest)
    assert text_by_segment(tuple(smallest)) == {s.id: s.text for s in segments}


def test_chunks_are_of_similar_length() -> None:
    chunks = cut(pieces(Segment(i, i, i + 1.0, "We talk about the weather in Berlin.") for i in range(100)), 600)
    sizes = [c.tokens for c in chunks]
    assert len(chunks) > 1
    assert max(sizes) < 1.3 * min(sizes)


def test_a_text_that_just_fills_a_chunk_is_one() -> None:
    whole = pieces(Segment(i, i, i + 1.0, "We talk about the weather in Berlin.") for i in range(10))
    tokens = sum(piece.tokens for piece in whole)
    assert len(cut(whole, tokens)) == 1
    assert len(cut(whole, tokens - 1)) == 2


def test_texts_that_just_fill_two_chunks_are_two() -> None:
    whole = pieces(Segment(i, i, i + 1.0, "We talk about the weather in Berlin.") for i in range(20))
    assert len(cut(whole, sum(piece.tokens for piece in whole) // 2)) == 2


def test_halves_are_of_about_the_same_length() -> None:
    texts = ["word " * 50, *["word " * 10] * 4]
    halves = Chunk(pieces(Segment(i, i, i + 1.0, text) for i, text in enumerate(texts))).halves()
    assert halves is not None
    assert [chunk.segment_ids for chunk in halves] == [(0,), (1, 2, 3, 4)]
    halves = Chunk(pieces(Segment(i, i, i + 1.0, "word " * 10) for i in range(6))).halves()
    assert halves is not None
    assert [chunk.segment_ids for chunk in halves] == [(0, 1, 2), (3, 4, 5)]


def test_a_line_ends_with_the_sentence_after_280_letters_and_at_560_anywhere() -> None:
    def lines(text: str, count: int) -> list[int]:
        chunk = Chunk(pieces(Segment(i, i, i + 1.0, text) for i in range(count)))
        return [line.segment_id for line in chunk.lines]

    assert lines("x" * 27 + ".", 25) == [0, 10, 20]
    assert lines("x" * 28, 25) == [0, 20]
    assert lines("字" * 9 + "。", 25) == [0, 10, 20]


def test_a_speaker_or_two_seconds_of_silence_begin_a_new_line() -> None:
    talk = [
        Segment(0, 0, 1.0, "One"),
        Segment(1, 2.9, 3.5, "two"),
        Segment(2, 5.5, 6.0, "three"),
        Segment(3, 6.0, 7.0, "four", "Ann"),
    ]
    assert [piece.opens for piece in pieces(talk)] == [False, False, True, True]


def test_nothing_gives_no_chunks() -> None:
    assert cut([], 100) == ()


def test_a_text_is_split_after_a_sentence_if_there_is_one_near_the_middle() -> None:
    assert split_text("We start at ten o'clock. Then we go on until noon.") == (
        "We start at ten o'clock.",
        " Then we go on until noon.",
    )
    assert split_text("我们十点钟开始开会讨论预算。然后我们继续工作直到中午再休息。") == (
        "我们十点钟开始开会讨论预算。",
        "然后我们继续工作直到中午再休息。",
    )
    assert split_text("too short") is None


@pytest.mark.parametrize(
    "text", ["The price of energy went up two percent.", "价格上涨了百分之二十。", "GPU 有 8 GB 显存", "Привет, мир"]
)
def test_the_two_guesses_enclose_a_plausible_count(text: str) -> None:
    assert least_tokens(text) < most_tokens(text)


@pytest.mark.parametrize(
    ("text", "most", "least"),
    [
        ("", 0, 0),
        ("abc", 1, 0),
        ("abcd", 2, 0),
        ("12", 2, 0),
        ("    ", 1, 0),
        ("éé", 2, 0),
        ("猫猫", 3, 0),
        ("猫猫猫猫", 6, 1),
        ("one two three four", 6, 3),
        ("one two three 猫猫猫", 9, 3),
    ],
)
def test_the_guesses_count_letters_and_characters(text: str, most: int, least: int) -> None:
    assert (most_tokens(text), least_tokens(text)) == (most, least)
