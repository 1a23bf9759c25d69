"""Chunks: filled up to half a minute, cut in pauses, and decoded again where no word stands for the speech in them."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from core.domain.transcripts.transcript import Word
from core.speech.audio.chunks import LONGEST_CHUNK, SpeechChunk, pack, unread
from core.speech.audio.spans import RATE, Span, intersect, length


def seconds(*spans: tuple[float, float]) -> list[Span]:
    return [(round(a * RATE), round(b * RATE)) for a, b in spans]


def talk(begin: float, end: float) -> list[Word]:
    """A word each half second, as long as that."""
    return [Word(at, at + 0.5, " word") for at in np.arange(begin, end, 0.5)]


# --- pack -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_every_span_is_in_one_chunk_and_none_is_too_long(seed: int) -> None:
    rng = random.Random(seed)
    speech, at = [], 0.0
    for _ in range(rng.randrange(60)):
        at += rng.choice([0.0, rng.uniform(0.1, 3.0)])
        speech.append((at, at := at + rng.choice([rng.uniform(0.1, 4.0), rng.uniform(4.0, 30.0)])))
    spans = seconds(*speech)
    chunks = pack(spans)
    assert [span for chunk in chunks for span in chunk] == spans
    assert all(length(chunk) <= LONGEST_CHUNK * RATE for chunk in chunks)


def test_a_full_chunk_ends_at_its_longest_pause_after_twelve_seconds() -> None:
    speech = seconds((0, 8), (11, 16), (16.4, 20), (21.2, 26), (26.5, 34), (34.3, 40))
    first, second = pack(speech)
    assert first == tuple(speech[:3])
    assert second == tuple(speech[3:])


def test_of_pauses_that_are_all_clear_the_last_is_taken() -> None:
    speech = seconds((0, 13), (18, 24), (26.5, 29), (29.2, 45))
    assert pack(speech)[0] == tuple(speech[:2])


def test_speech_that_fits_stays_together() -> None:
    speech = seconds((0, 10), (60, 70), (120, 129))
    assert pack(speech) == [tuple(speech)]
    assert pack([]) == []


# --- unread -----------------------------------------------------------------------------------------


def test_nothing_is_left_where_words_cover_the_speech() -> None:
    speech = seconds((1, 6), (7, 12))
    words = talk(1, 6) + talk(7, 12)
    assert unread(SpeechChunk(tuple(speech)), speech, words, 0.0) == []


def test_speech_in_the_middle_without_words_is_left() -> None:
    speech = seconds((0, 20))
    [(rest,)] = unread(SpeechChunk(tuple(speech)), speech, talk(100, 106) + talk(112, 120), 100.0)
    assert rest[0] / RATE == pytest.approx(6.35, abs=0.01)
    assert rest[1] / RATE == pytest.approx(11.75, abs=0.01)


def test_a_short_piece_by_itself_is_left_but_not_as_short_a_rest_between_words() -> None:
    words = talk(0, 4) + talk(8, 12)
    [(island,)] = unread(SpeechChunk(((0, 12 * RATE),)), seconds((0, 4), (5.7, 6.2), (8, 12)), words, 0.0)
    assert island[0] <= 5.7 * RATE < 6.2 * RATE <= island[1]
    joined = talk(0, 4) + talk(5.1, 12)
    assert unread(SpeechChunk(((0, 12 * RATE),)), seconds((0, 12)), joined, 0.0) == []


def test_a_click_by_itself_is_not_worth_another_decoding() -> None:
    words = talk(0, 4) + talk(8, 12)
    assert unread(SpeechChunk(((0, 12 * RATE),)), seconds((0, 4), (5.8, 6.1), (8, 12)), words, 0.0) == []


def test_rests_with_a_heard_word_between_them_are_read_apart() -> None:
    speech = seconds((0, 10))
    found = unread(SpeechChunk(tuple(speech)), speech, [Word(4.8, 5.2, " word")], 0.0)
    assert len(found) == 2
    assert not intersect([s for rest in found for s in rest], seconds((4.8, 5.2)))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_lies_in_the_chunk_and_in_no_word(seed: int) -> None:
    rng = random.Random(seed)
    speech = seconds(*((at + rng.uniform(0, 0.5), at + rng.uniform(1.0, 3.0)) for at in range(0, 28, 3)))
    words = [w for w in talk(0, 30) if rng.random() < 0.4]
    chunk = SpeechChunk(tuple(speech))
    rests = [span for rest in unread(chunk, speech, words, 0.0) for span in rest]
    assert intersect(rests, speech) == rests
    assert all(a[1] <= b[0] for a, b in pairwise(rests))
    assert not intersect(rests, seconds(*((w.start, w.end) for w in words)))


# --- place ------------------------------------------------------------------------------------------

CHUNK = SpeechChunk(tuple(seconds((2, 5), (9, 12))))
VOICED = seconds((2.4, 4.6), (9.4, 11.6))


def placed(start: float, end: float) -> tuple[float, float]:
    word = CHUNK.place(Word(start, end, " word", 0.9), VOICED, 100.0)
    assert (word.text, word.probability) == (" word", 0.9)
    return word.start, word.end


def test_a_word_in_speech_is_moved_by_what_was_left_out_before_it() -> None:
    assert placed(1.0, 1.5) == pytest.approx((103.0, 103.5))
    assert placed(4.0, 4.5) == pytest.approx((110.0, 110.5))


def test_a_words_time_does_not_depend_on_where_its_stretch_begins() -> None:
    for first in (7, 12345, 467329):
        moved = SpeechChunk(tuple((a - first, b - first) for a, b in CHUNK.spans))
        voiced = [(a - first, b - first) for a, b in VOICED]
        assert moved.place(Word(1.0, 1.5, " word"), voiced, 100.0 + first / RATE) == CHUNK.place(
            Word(1.0, 1.5, " word"), VOICED, 100.0
        )


def test_a_first_word_begins_where_the_voice_does() -> None:
    assert placed(0.0, 0.9) == pytest.approx((102.4, 102.9))


def test_a_last_word_ends_where_the_voice_does() -> None:
    assert placed(2.2, 2.9) == pytest.approx((104.2, 104.6))


def test_a_word_across_a_pause_is_the_one_behind_it() -> None:
    assert placed(2.4, 4.0) == pytest.approx((109.4, 110.0))


def test_a_word_that_hardly_touches_the_speech_behind_a_pause_is_the_one_before_it() -> None:
    assert placed(2.2, 3.43) == pytest.approx((104.2, 104.6))


def test_a_word_that_hardly_touches_anything_is_where_it_ends() -> None:
    """A blip of 0.06 s in the pause before it is no reason to put a word there."""
    chunk, voiced = SpeechChunk(tuple(seconds((2, 5), (5.5, 7), (9, 12)))), seconds((2.4, 4.6), (6.0, 6.06), (9.4, 11.6))
    word = chunk.place(Word(3.1, 4.95, "甚"), voiced, 100.0)
    assert (word.start, word.end) == pytest.approx((109.4, 109.45))


@pytest.mark.parametrize("at", [0.0, 3.0, 6.0, 9.0])
def test_a_word_without_length_is_still_in_the_chunk(at: float) -> None:
    start, end = placed(at, at)
    assert 102.0 <= start <= end <= 112.0
