"""The account of speech: each sample has exactly one fate, and the fates together cover all speech."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from core.domain.transcripts.spoken import Fate, Spoken, Why, coverage
from core.domain.transcripts.transcript import Word
from core.speech.audio.spans import RATE, Span
from core.speech.text.sentences import HeardPiece
from core.speech.worker.accounting import account
from core.speech.worker.batches import RefusedSpan


def heard(start: float, end: float, *, again: bool = False) -> HeardPiece:
    """Words of half a second, without a pause."""
    count = max(round((end - start) / 0.5), 1)
    step = (end - start) / count
    words = tuple(Word(start + i * step, start + (i + 1) * step, " word") for i in range(count))
    return HeardPiece(start, end, " word" * count, words, again=again)


def refused(start: float, end: float, why: Why) -> RefusedSpan:
    return RefusedSpan((int(start * RATE), int(end * RATE)), why)


def speech(*spans: tuple[float, float]) -> list[Span]:
    return [(int(a * RATE), int(b * RATE)) for a, b in spans]


def fates(spoken: tuple[Spoken, ...]) -> list[tuple[Fate, Why | None]]:
    return [(s.fate, s.why) for s in spoken]


def test_words_account_for_their_speech() -> None:
    assert account(speech((1, 4), (5, 8)), [heard(11, 14), heard(15, 18, again=True)], [], [], 10.0) == (
        Spoken(11.0, 14.0, Fate.HEARD),
        Spoken(15.0, 18.0, Fate.HEARD_AGAIN),
    )


def test_each_reason_is_told() -> None:
    lost = [refused(3 * i, 3 * i + 1, why) for i, why in enumerate((Why.LOOP, Why.DOUBTED, Why.TOO_SHORT, Why.NO_WORDS))]
    voiced = speech((0, 1), (3, 4), (6, 7), (9, 10), (12, 13), (15, 16))
    assert fates(account(voiced, [], [heard(12, 13)], lost, 0.0)) == [
        (Fate.DROPPED, Why.LOOP),
        (Fate.DROPPED, Why.DOUBTED),
        (Fate.DROPPED, Why.TOO_SHORT),
        (Fate.UNCLEAR, Why.NO_WORDS),
        (Fate.DROPPED, Why.PHANTOM),
        (Fate.UNCLEAR, Why.NOT_DECODED),
    ]


def test_of_several_claims_words_come_first_then_why_they_were_dropped() -> None:
    voiced = speech((0, 4))
    everything = [refused(0, 4, why) for why in (Why.NO_WORDS, Why.DOUBTED, Why.LOOP)]
    assert fates(account(voiced, [heard(0, 4), heard(0, 4, again=True)], [heard(0, 4)], everything, 0.0)) == [(Fate.HEARD, None)]
    assert fates(account(voiced, [heard(0, 4, again=True)], [heard(0, 4)], everything, 0.0)) == [(Fate.HEARD_AGAIN, None)]
    assert fates(account(voiced, [], [heard(0, 4)], everything, 0.0)) == [(Fate.DROPPED, Why.PHANTOM)]
    assert fates(account(voiced, [], [], everything, 0.0)) == [(Fate.DROPPED, Why.LOOP)]
    assert fates(account(voiced, [], [], everything[:2], 0.0)) == [(Fate.DROPPED, Why.DOUBTED)]


def test_words_where_nobody_speaks_count_for_nothing() -> None:
    assert account([], [heard(0, 4)], [heard(5, 6)], [refused(0, 9, Why.LOOP)], 0.0) == ()


def test_text_without_words_accounts_for_its_time() -> None:
    assert fates(account(speech((0, 3)), [HeardPiece(0.0, 0.9, "yes and no")], [], [], 0.0)) == [
        (Fate.HEARD, None),
        (Fate.UNCLEAR, Why.NOT_DECODED),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_all_that_was_spoken_is_accounted_for_once(seed: int) -> None:
    rng = random.Random(seed)
    edges = sorted(rng.sample(range(300 * RATE), 2 * rng.randrange(1, 40)))
    voiced = [s for s in zip(edges[::2], edges[1::2], strict=True) if s[1] - s[0] > RATE // 100]
    offset = rng.choice([0.0, 600.0, 12345.0625])

    def some() -> list[HeardPiece]:
        starts = [offset + rng.uniform(-5, 300) for _ in range(rng.randrange(20))]
        return [heard(at, at + rng.uniform(0.0, 20.0), again=rng.random() < 0.5) for at in starts]

    lost = [refused(at, at + rng.uniform(0, 9), rng.choice(list(Why))) for at in (rng.uniform(0, 300) for _ in range(15))]
    spoken = account(voiced, some(), some(), lost, offset, channel=1)
    assert all(a.end <= b.start for a, b in pairwise(spoken))
    assert all(s.start < s.end and (s.why is None) == s.fate.has_words and s.channel == 1 for s in spoken)
    whole = [tuple(round((round(offset * RATE) + edge) / RATE, 3) for edge in span) for span in voiced]
    assert {edge for span in whole for edge in span} <= {edge for s in spoken for edge in (s.start, s.end)}
    assert coverage(spoken).speech == pytest.approx(sum(b - a for a, b in whole))
