"""Decodings that repeat themselves, or say more than their time allows."""

from __future__ import annotations

from core.domain.transcripts.transcript import Word
from core.speech.worker.decoder import DecodedText
from core.speech.worker.doubts import crammed, suspect, without_echoes
from core.speech.worker.passages import Passage


def passage(*words: str, start: float = 0.0, each: float = 0.4) -> Passage:
    timed = tuple(Word(start + n * each, start + (n + 1) * each, f" {word}") for n, word in enumerate(words))
    return Passage("".join(word.text for word in timed), timed)


def reading(*passages: Passage) -> DecodedText:
    return DecodedText(passages, -0.3, 0.0)


def test_an_echo_without_time_of_its_own_goes_and_a_refrain_stays() -> None:
    said = passage("we", "will", "meet", "again")
    echo = passage("we", "will", "meet", "again", start=1.6, each=0.0)
    assert without_echoes(reading(said, echo)).passages == (said,)
    refrain = passage("we", "will", "meet", "again", start=1.6)
    whole = reading(said, refrain)
    assert without_echoes(whole) is whole


def test_what_can_be_said_in_its_time_is_not_doubted() -> None:
    plain = reading(passage("the", "report", "is", "due", "on", "tuesday"))
    assert not crammed(plain, 2.4) and not suspect(plain, 2.4)


def test_more_words_than_the_time_allows_are_doubted() -> None:
    words = ["every", "word", "of", "this", "sentence", "has", "to", "be", "said", "by", "somebody", "within", "a", "moment"]
    assert crammed(reading(passage(*words, each=0.01)), 0.3)


def test_a_text_that_packs_too_well_repeats_itself() -> None:
    looped = reading(passage(*["okay"] * 60))
    assert looped.compression > 2.4 and suspect(looped, 24.0)
