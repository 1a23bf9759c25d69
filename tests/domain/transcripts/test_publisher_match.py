from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.transcripts.provenance import Checked, CheckedPlace, Misfit
from core.domain.transcripts.publisher_match import SAME, MatchSpan, adopt, objection, places, verdict
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
Spoken = list[tuple[float, str]]


def numbered(name: str, count: int, step: float, first: float = 0.0) -> Spoken:
    """Words that stand nowhere twice, so that there is one way alone to lay two texts beside each other."""
    return [(round(first + n * step, 3), f"{name}{n}") for n in range(count)]


def checked(ours: Spoken, published: SuppliedTranscript | Spoken, spans: Sequence[MatchSpan], language: str = "en") -> Checked:
    """The verdict on what was heard at these spans. A text given as words has a cue for each, so that no time is rough."""
    if not isinstance(published, SuppliedTranscript):
        published = cues(published, each=1)
    windows = []
    for number, span in enumerate(spans):
        words = tuple(Word(at, at + 0.4, word) for at, word in ours if span.start <= at < span.end)
        segments = (Segment(0, span.start, span.end, "", words=words),) if words else ()
        windows.append(Window(number, span.start, span.end, language, segments))
    return verdict(published, spans, windows, str.casefold)


def place(ours: Spoken, published: SuppliedTranscript | Spoken, start: float = 100.0, end: float = 120.0) -> CheckedPlace:
    return checked(ours, published, [MatchSpan(start, end)]).places[0]


def other(spoken: Spoken) -> Spoken:
    """Other words at the same times."""
    return [(at, f"other{word}") for at, word in spoken]


def later(spoken: Spoken, seconds: float) -> Spoken:
    return [(round(at + seconds, 3), word) for at, word in spoken]


def test_a_place_fits_from_thirteen_of_twenty_heard_words_on() -> None:
    said = numbered("w", 20, 0.9, 101.2)
    assert place(said, said[:13]) == CheckedPlace(100.0, 120.0, 0.65, 0.0, fits=True)
    assert place(said, said[:12]) == CheckedPlace(100.0, 120.0, 0.6, 0.0, fits=False)


def test_a_place_fits_from_thirteen_of_twenty_published_words_on() -> None:
    written = numbered("w", 20, 0.7, 103.2)
    assert place(written[:13], written) == CheckedPlace(100.0, 120.0, 0.65, 0.0, fits=True)
    assert place(written[:12], written) == CheckedPlace(100.0, 120.0, 0.6, 0.0, fits=False)


def test_a_place_without_a_word_in_common_has_no_shift() -> None:
    said = numbered("w", 20, 0.9, 101.2)
    assert place(other(said), said) == CheckedPlace(100.0, 120.0, 0.0, 0.0, fits=False)


def test_two_words_that_stand_together_in_both_texts_count() -> None:
    said = numbered("w", 21, 0.9, 101.0)
    heard_so = [(at, word) if n % 3 else (at, f"other{word}") for n, (at, word) in enumerate(said)]
    assert place(heard_so, said) == CheckedPlace(100.0, 120.0, 0.667, 0.0, fits=True)


def test_parts_of_words_at_both_ends_of_a_place_do_not_count() -> None:
    said = numbered("w", 20, 1.0, 100.5)
    assert place([*other(said[:1]), *said[1:19], *other(said[19:])], said).share == 1.0
    assert place([*other(said[:2]), *said[2:]], said).share == round(17 / 18, 3)
    assert place([*said[:18], *other(said[18:])], said).share == round(17 / 18, 3)


def test_three_heard_words_prove_nothing_and_four_do() -> None:
    said = numbered("w", 4, 0.9, 105.0)
    assert place(said[:3], said[:3]) == CheckedPlace(100.0, 120.0, 0.0, 0.0, fits=False)
    assert place(said, said).fits


def test_three_published_words_are_too_few_to_miss_and_four_are_not() -> None:
    said, missed = numbered("w", 6, 0.3, 101.1), numbered("missed", 4, 0.9, 105.0)
    assert place(said, [*said, *missed[:3]]).share == 1.0
    assert place(said, [*said, *missed]).share == 0.0


def test_a_place_is_told_to_the_hundredth() -> None:
    said = numbered("w", 9, 1.0, 102.0)
    found = place(later(said, 0.126), said[:6], 100.123, 120.456)
    assert found == CheckedPlace(100.12, 120.46, 0.667, 0.13, fits=True)


def test_cues_of_single_words_bear_a_shift_of_three_seconds() -> None:
    said = numbered("w", 60, 0.5, 95.0)
    assert place(later(said, 3.0), said).fits
    assert place(later(said, -3.0), said).fits
    assert place(later(said, 3.2), said) == CheckedPlace(100.0, 120.0, 1.0, 3.2, fits=False)
    assert not place(later(said, -3.2), said).fits
    far = cues(said, each=1)
    far = replace(far, segments=(*far.segments, Segment(60, 500.0, 540.0, "A long one elsewhere.")))
    assert not place(later(said, 3.2), far).fits


@pytest.mark.parametrize(("seconds", "borne"), [(12, 6.0), (20, 8.0), (40, 8.0)])
def test_longer_cues_bear_a_quarter_of_their_length_more_up_to_twenty_seconds(seconds: int, borne: float) -> None:
    letters = [chr(ord("a") + n // 26) + chr(ord("a") + n % 26) for n in range(240)]
    said = [(float(n), word) for n, word in enumerate(letters)]
    groups = [said[n : n + seconds] for n in range(0, len(said), seconds)]
    published = SuppliedTranscript(
        tuple(Segment(n, g[0][0], g[0][0] + seconds, " ".join(w for _, w in g)) for n, g in enumerate(groups)), "en"
    )
    assert place(later(said, borne - 0.2), published, 100, 125).fits
    assert not place(later(said, borne + 0.2), published, 100, 125).fits


THREE = [MatchSpan(10.0, 30.0), MatchSpan(40.0, 60.0), MatchSpan(70.0, 90.0)]
SAID = numbered("w", 200, 0.5)


@pytest.mark.parametrize(
    ("shift", "mended"), [(0.0, 0.0), (0.3, 0.0), (0.31, 0.31), (0.45, 0.45), (-0.3, 0.0), (-0.45, -0.45), (1.25, 1.25)]
)
def test_a_shift_of_more_than_three_tenths_of_a_second_is_mended(shift: float, mended: float) -> None:
    assert checked(later(SAID, shift), SAID, THREE) == replace(
        checked(later(SAID, shift), SAID, THREE), misfit=None, shift=mended
    )


def test_shifts_that_differ_by_more_than_three_seconds_are_not_used() -> None:
    def drifting(seconds: float) -> Spoken:
        return [(at if at < 65 else round(at + seconds, 3), word) for at, word in SAID]

    assert checked(drifting(3.0), SAID, THREE).used
    assert checked(drifting(3.05), SAID, THREE).misfit is Misfit.SHIFTED
    assert checked(drifting(5.0), SAID, THREE).misfit is Misfit.SHIFTED


def test_three_places_with_words_are_enough_and_two_are_silence() -> None:
    four = [*THREE, MatchSpan(92.0, 98.0)]
    assert checked([w for w in SAID if w[0] < 91], SAID, four).misfit is Misfit.WORDS
    assert checked([w for w in SAID if w[0] < 65], SAID, four).misfit is Misfit.SILENT
    assert checked([w for w in SAID if w[0] < 91], SAID, THREE).used


def test_eight_words_in_a_gap_are_speech_and_seven_are_not() -> None:
    spans = [*THREE, MatchSpan(150.0, 170.0, text=False)]
    said = [w for w in SAID if w[0] < 91]
    found = checked([*said, *numbered("gap", 7, 1.0, 152.0)], said, spans)
    assert (found.misfit, found.places[3]) == (None, CheckedPlace(150.0, 170.0, 1.0, fits=True))
    spans = [*THREE, MatchSpan(150.004, 170.006, text=False)]
    found = checked([*said, *numbered("gap", 8, 1.0, 152.0)], said, spans)
    assert (found.misfit, found.places[3]) == (Misfit.GAP, CheckedPlace(150.0, 170.01, 0.0, fits=False))


@pytest.mark.parametrize(
    ("stated", "spoken", "why"),
    [
        ("en-US", "de", Misfit.LANGUAGE),
        ("en-US", "en", Misfit.WORDS),
        ("en_GB", "en", Misfit.WORDS),
        ("EN", "en", Misfit.WORDS),
        ("zh-TW", "yue", Misfit.WORDS),
        ("cmn", "zh", Misfit.WORDS),
        ("und", "de", Misfit.WORDS),
        (None, "de", Misfit.WORDS),
    ],
)
def test_other_words_in_the_language_that_is_stated_are_another_text(stated: str | None, spoken: str, why: Misfit) -> None:
    published = replace(cues(SAID, each=1), language=stated)
    assert checked(other(SAID), published, THREE, spoken).misfit is why


def test_where_one_place_fits_the_language_is_the_stated_one() -> None:
    partly = [(at, word) if at < 35 else (at, f"other{word}") for at, word in SAID]
    assert checked(partly, replace(cues(SAID, each=1), language="en"), THREE, "de").misfit is Misfit.WORDS


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


def spread(*starts: float, seconds: float = 1.0) -> tuple[Segment, ...]:
    return tuple(Segment(n, at, at + seconds, "Words.") for n, at in enumerate(starts))


@pytest.mark.parametrize(
    ("published", "duration", "why"),
    [
        (replace(cues(TALK), timed=False), HOUR, Misfit.UNTIMED),
        (SuppliedTranscript((Segment(0, 0.0, 3.0, "Hello."),)), HOUR, Misfit.EMPTY),
        (cues(TALK, each=300), HOUR, Misfit.COARSE),
        (SuppliedTranscript(spread(100, 1800, 3590)), HOUR, Misfit.EMPTY),
        (SuppliedTranscript((*spread(100, 1800, 3590), Segment(3, 3591.0, 3592.0, " "))), HOUR, Misfit.EMPTY),
        (SuppliedTranscript(spread(100, 1800, 3000, 3590)), HOUR, None),
        (SuppliedTranscript(spread(100, 1800, 3000, 3590, seconds=60.0)), HOUR, None),
        (SuppliedTranscript(spread(100, 1800, 3000, 3590, seconds=60.5)), HOUR, Misfit.COARSE),
        (SuppliedTranscript(spread(100, 1800, 3000, 3409)), HOUR, None),
        (SuppliedTranscript(spread(100, 1800, 3000, 3408.5)), HOUR, Misfit.LENGTH),
        (SuppliedTranscript(spread(100, 1800, 3000, 3681)), HOUR, None),
        (SuppliedTranscript(spread(100, 1800, 3000, 3681.5)), HOUR, Misfit.LENGTH),
        (cues(text(1, 1800)), HOUR, Misfit.LENGTH),
        (cues(TALK), 1800.0, Misfit.LENGTH),
        (cues(text(1, 50)), 50.0, Misfit.SHORT),
        (cues(text(1, 66)), 66.0, Misfit.SHORT),
        (cues(text(1, 70)), 70.0, None),
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


@pytest.mark.parametrize(("duration", "length"), [(HOUR, 25.0), (1000.0, 20.0), (100.0, 8.0)])
def test_a_place_takes_a_fiftieth_of_the_audio_within_bounds(duration: float, length: float) -> None:
    chosen = places(cues(numbered("w", int(duration), 1.0), each=1), duration)
    at = [int(duration * share) for share in (0.15, 0.5, 0.85)]
    assert [(p.start, p.end) for p in chosen[:3]] == [(b - 0.5, b + length) for b in at]
    assert (chosen[3].start, chosen[3].end) == pytest.approx((duration - 0.6 - length - 0.5, duration - 0.6))


def holed(*holes: tuple[float, float]) -> SuppliedTranscript:
    """A text of an hour, a word a second, without those that begin in the holes."""
    said = [(float(n), f"w{n}") for n in range(3600) if not any(a <= n < b for a, b in holes)]
    return SuppliedTranscript(tuple(Segment(n, at, at + 1.0, word) for n, (at, word) in enumerate(said)), "en")


@pytest.mark.parametrize(
    ("hole", "listened"),
    [
        ((1000, 1019), None),
        ((1000, 1020), (1004.0, 1016.0)),
        ((1000, 1030), (1004.0, 1026.0)),
        ((1000, 1100), (1037.5, 1062.5)),
        ((0, 60), (17.5, 42.5)),
        ((3540, 3600), (3557.5, 3582.5)),
    ],
)
def test_the_longest_gap_is_listened_to_from_twenty_seconds_on_away_from_the_words_beside_it(
    hole: tuple[float, float], listened: tuple[float, float] | None
) -> None:
    assert [(p.start, p.end) for p in places(holed(hole, (2000, 2005)), HOUR) if not p.text] == ([listened] if listened else [])


def test_a_place_is_chosen_where_the_text_goes_on_rather_than_at_the_target() -> None:
    chosen = places(holed((1801, 1806)), HOUR)
    assert [p.start for p in chosen] == [539.5, 1805.5, 3059.5, 3574.5]


def test_a_place_where_two_speak_at_once_is_no_better_than_another() -> None:
    once = holed().segments
    twice = [replace(s, text=f"{s.text}b") for s in once[1830:1860]]
    both = SuppliedTranscript(tuple(sorted((*once, *twice), key=lambda s: s.start)), "en")
    assert places(both, HOUR)[1].start == 1799.5


def test_segments_of_twenty_seconds_and_three_hundred_letters_stay_whole() -> None:
    def parts(seconds: float, text: str) -> list[tuple[float, float, str]]:
        found = adopt(SuppliedTranscript((Segment(0, 10.0, 10.0 + seconds, text),)), 0.0, 100.0)
        return [(s.start, s.end, s.text) for s in found]

    ten, hundred = "Nine more. ", "x" * 149 + ". "
    assert parts(20.0, (ten * 4).strip()) == [(10.0, 30.0, (ten * 4).strip())]
    assert parts(40.0, (ten * 4).strip()) == [(10.0, 30.0, (ten * 2).strip()), (30.0, 50.0, (ten * 2).strip())]
    assert parts(30.0, (ten * 3).strip()) == [(10.0, 30.0, (ten * 2).strip()), (30.0, 40.0, ten.strip())]
    assert [(a, b) for a, b, _ in parts(10.0, "字" * 149 + "。" + "字" * 150 + "。")] == [(10.0, 14.983), (14.983, 20.0)]
    assert parts(10.0, "y" * 298 + "! ") == [(10.0, 20.0, "y" * 298 + "! ")]
    assert [(a, b) for a, b, _ in parts(12.0, hundred * 4)] == [(10.0, 16.0), (16.0, 22.0)]


def test_texts_without_words_are_left_out_and_overlaps_cut() -> None:
    published = SuppliedTranscript(
        (Segment(0, 1.0, 5.0, "One."), Segment(1, 2.0, 3.0, " "), Segment(2, 4.0, 6.0, "Two."), Segment(3, 4.5, 5.5, "Three."))
    )
    found = adopt(published, 0.0, 100.0)
    assert [(s.id, s.start, s.end, s.text) for s in found] == [
        (0, 1.0, 5.0, "One."),
        (1, 5.0, 6.0, "Two."),
        (2, 6.0, 6.0, "Three."),
    ]


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
    found = adopt(cues(numbered("w", 100, 1.0), each=1), -1.2346, 100.0)
    assert [(s.start, s.end) for s in found[:3]] == [(0.0, 0.0), (0.0, 0.165), (0.765, 1.165)]
