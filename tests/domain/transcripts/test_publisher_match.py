from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.transcripts.provenance import Checked, Misfit
from core.domain.transcripts.publisher_match import SAME, adopt, objection, places, verdict
from core.domain.transcripts.transcript import Segment, Window, Word

HOUR = 3600.0
WORDS = [
    a + b for a in ("ka", "le", "mi", "no", "ru", "sa", "te", "vo") for b in ("bar", "dim", "fen", "gol", "lum", "ras", "tik")
]


def text(seed: int, seconds: float, *, words: Sequence[str] = WORDS, step: float = 0.4) -> list[tuple[float, str]]:
    """A word every `step` seconds."""
    chance = random.Random(seed)
    return [(n * step, chance.choice(words)) for n in range(int(seconds / step))]


def cues(spoken: Iterable[tuple[float, str]], *, each: int = 8, joint: str = " ") -> SuppliedTranscript:
    groups: list[list[tuple[float, str]]] = []
    for at, word in spoken:
        if not groups or len(groups[-1]) == each or at - groups[-1][-1][0] > 2:
            groups.append([])
        groups[-1].append((at, word))
    segments = [Segment(n, g[0][0], g[-1][0] + 0.4, joint.join(w for _, w in g), "Ann") for n, g in enumerate(groups)]
    return SuppliedTranscript(tuple(segments), "en")


def heard(spoken: Iterable[tuple[float, str]], published: SuppliedTranscript, duration: float, language: str = "en") -> Checked:
    """The verdict of somebody who hears every word where it is said."""
    spoken = list(spoken)
    spans = places(published, duration)
    windows = []
    for number, span in enumerate(spans):
        words = [Word(at, at + 0.4, word) for at, word in spoken if span.start <= at < span.end]
        segments = (Segment(0, span.start, span.end, " ".join(w.text for w in words), words=tuple(words)),) if words else ()
        windows.append(Window(number, span.start, span.end, language if words else "und", segments))
    return verdict(published, spans, windows, str.casefold)


TALK = text(1, HOUR)


def inserted(spoken: Iterable[tuple[float, str]], at: float, seconds: float) -> list[tuple[float, str]]:
    """The audio after a host has put an advertisement into it."""
    spoken = list(spoken)
    ad = [(at + t, w) for t, w in text(99, seconds)]
    return [*((t, w) for t, w in spoken if t < at), *ad, *((t + seconds, w) for t, w in spoken if t >= at)]


def misheard(spoken: Iterable[tuple[float, str]], share: float) -> list[tuple[float, str]]:
    chance = random.Random(5)
    return [(at, "what" if chance.random() < share else word) for at, word in spoken]


def test_the_true_transcript_fits_although_a_tenth_was_misheard() -> None:
    found = heard(misheard(TALK, 0.1), cues(TALK), HOUR)
    assert found.used and found.shift == 0.0
    assert len(found.places) == 4
    assert all(place.share >= SAME for place in found.places)


def test_a_small_shift_is_taken_out_and_a_large_one_is_not_used() -> None:
    later = [(at + 1.5, word) for at, word in TALK]
    found = heard(later, cues(TALK), HOUR)
    assert found.used and found.shift == pytest.approx(1.5, abs=0.2)
    assert not heard([(at + 12, word) for at, word in TALK], cues(TALK), HOUR).used


@pytest.mark.parametrize("at", [60.0, 900.0, 2500.0, 3300.0, 3500.0])
@pytest.mark.parametrize("seconds", [15.0, 30.0, 60.0])
def test_an_advertisement_put_in_anywhere_is_noticed(at: float, seconds: float) -> None:
    found = heard(inserted(TALK, at, seconds), cues(TALK), HOUR + seconds)
    assert found.misfit in (Misfit.WORDS, Misfit.SHIFTED, Misfit.GAP)
    assert found.differing


def test_another_episode_does_not_fit() -> None:
    found = heard(text(2, HOUR), cues(TALK), HOUR)
    assert (found.misfit, found.differing) == (Misfit.WORDS, 4)


def test_another_language_is_said_to_be_one() -> None:
    german = text(2, HOUR, words=["eins", "zwei", "drei", "vier", "zehn"])
    assert heard(german, replace(cues(TALK), language="en-US"), HOUR, language="de").misfit is Misfit.LANGUAGE


def test_speech_in_a_gap_of_the_text_is_noticed_and_music_is_not() -> None:
    holed = cues((at, word) for at, word in TALK if not 1000 < at < 1120)
    assert heard(TALK, holed, HOUR).misfit is Misfit.GAP
    music = [(at, word) for at, word in TALK if not 1000 < at < 1120]
    assert heard(music, holed, HOUR).used


def test_where_nobody_is_heard_the_text_proves_nothing() -> None:
    assert heard([], cues(TALK), HOUR).misfit is Misfit.SILENT


def numbered(name: str, count: int, step: float) -> list[tuple[float, str]]:
    """Words that stand nowhere twice, so that there is one way alone to lay two texts beside each other."""
    return [(n * step, f"{name}{n}") for n in range(count)]


def test_a_text_that_says_as_much_again_as_is_heard_does_not_fit_and_neither_does_half_of_it() -> None:
    said = numbered("said", 9000, 0.4)
    part = [(at, word) for at, word in said if at % 3.2 < 1.6]
    assert heard(part, cues(said), HOUR).misfit is not None
    assert heard(said, cues(part), HOUR).misfit is not None
    assert heard(said, cues(said), HOUR).used


def test_words_in_common_prove_nothing_where_no_two_of_them_stand_together() -> None:
    common = numbered("common", 4000, 0.9)
    ours = sorted(common + [(at + 0.45, f"ours{n}") for n, (at, _) in enumerate(common) if n % 2])
    theirs = sorted(common + [(at + 0.45, f"theirs{n}") for n, (at, _) in enumerate(common) if not n % 2])
    assert heard(ours, cues(theirs), HOUR).misfit is not None


def test_the_rough_times_of_long_cues_are_borne() -> None:
    found = heard(TALK, cues(TALK, each=40), HOUR)
    assert found.used and found.shift == 0.0
    pausing = [(at if n % 40 < 20 else at + 3.0, word) for n, (at, word) in enumerate(numbered("w", 5000, 0.7))]
    evenly = cues(numbered("w", 5000, 0.7), each=40)
    assert heard(pausing, evenly, HOUR).used


def test_chinese_is_compared_by_its_characters_whatever_the_cues() -> None:
    said = text(3, HOUR, words="天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳")
    assert heard(said, cues(said, each=20, joint=""), HOUR, language="zh").used
    other = text(4, HOUR, words="天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳")
    assert not heard(other, cues(said, each=20, joint=""), HOUR, language="zh").used


@pytest.mark.parametrize(
    ("published", "duration", "why"),
    [
        (replace(cues(TALK), timed=False), HOUR, Misfit.UNTIMED),
        (SuppliedTranscript((Segment(0, 0.0, 3.0, "Hello."),)), HOUR, Misfit.EMPTY),
        (cues(TALK, each=300), HOUR, Misfit.COARSE),
        (cues(text(1, 1800)), HOUR, Misfit.LENGTH),
        (cues(TALK), 1800.0, Misfit.LENGTH),
        (cues(text(1, 50)), 50.0, Misfit.SHORT),
        (cues(TALK), HOUR, None),
    ],
)
def test_what_speaks_against_it_before_anything_is_heard(
    published: SuppliedTranscript, duration: float, why: Misfit | None
) -> None:
    assert objection(published, duration) is why


def test_places_are_few_and_where_the_text_goes_on() -> None:
    chosen = places(cues((at, w) for at, w in TALK if not 1790 < at < 1815), HOUR)
    assert sum(p.end - p.start for p in chosen) < 0.04 * HOUR
    assert [p.text for p in chosen] == [True, False, True, True, True]
    assert all(not (1790 < p.start + 1 < 1812) for p in chosen if p.text)


def test_long_cues_are_cut_at_their_sentences() -> None:
    said = "One is here. " * 12 + "And this one ends it."
    published = SuppliedTranscript((Segment(0, 10.0, 58.0, said, "Ann"), Segment(1, 57.0, 60.0, "Bye.", "Bob")))
    found = adopt(published, 0.0, 100.0)
    assert [s.id for s in found] == list(range(len(found)))
    assert "".join(s.text for s in found).replace(" ", "") == (said + "Bye.").replace(" ", "")
    assert all(s.end - s.start <= 20.0 and s.text for s in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert [s.speaker for s in found[-2:]] == ["Ann", "Bob"]


def test_what_is_taken_over_stays_within_the_audio() -> None:
    found = adopt(cues(text(1, 100)), 2.0, 100.0)
    assert found[0].start == 2.0
    assert found[-1].end == 100.0
