"""Spans transcribed again fill empty places only, and nothing else moves."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from core.domain.transcripts.hearing_again import HearAgain, batches, checked, larger_model, merge, unheard
from core.domain.transcripts.spoken import Fate, Spoken, Why, coverage
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window, Word
from core.errors import Conflict, UserError

HEARD, AGAIN, UNCLEAR = Fate.HEARD, Fate.HEARD_AGAIN, Fate.UNCLEAR


def said(start: float, text: str, *, each: float = 0.5, number: int = 0, **more: str) -> Segment:
    """A segment whose words follow one another closely from `start` on."""
    words = tuple(
        Word(round(start + i * each, 3), round(start + (i + 1) * each, 3), (" " if i else "") + w)
        for i, w in enumerate(text.split())
    )
    return Segment(number, start, words[-1].end, text, words=words, **more)  # type: ignore[arg-type]


def transcript(*segments: Segment, spoken: tuple[Spoken, ...]) -> Transcript:
    return Transcript("en", 60.0, segments, SpeechEngine("base"), spoken=spoken)


def window(*segments: Segment, language: str = "en", spoken: tuple[Spoken, ...] = ()) -> Window:
    return Window(0, 0.0, 60.0, language, segments, spoken=spoken)


def unclear(start: float, end: float) -> Spoken:
    return Spoken(start, end, UNCLEAR, Why.NO_WORDS)


BEFORE, AFTER = said(8.0, "It was late."), said(13.0, "We went home.", number=1)
GAP = transcript(BEFORE, AFTER, spoken=(Spoken(8.0, 9.5, HEARD), unclear(10.0, 12.5), Spoken(13.0, 14.5, HEARD)))
WISH = (HearAgain(10.0, 12.5, "small"),)


def test_words_are_put_where_there_were_none_and_the_speech_is_accounted_for_anew() -> None:
    merged = merge(GAP, WISH, [window(said(10.2, "Nobody was there."))])
    assert [s.text for s in merged.transcript.segments] == ["It was late.", "Nobody was there.", "We went home."]
    assert [s.id for s in merged.transcript.segments] == [0, 1, 2]
    assert merged.moved == {0: 0, 1: 2}
    assert merged.seconds == pytest.approx(1.5)
    assert merged.transcript.spoken == (
        Spoken(8.0, 9.5, HEARD),
        unclear(10.0, 10.2),
        Spoken(10.2, 11.7, AGAIN),
        unclear(11.7, 12.5),
        Spoken(13.0, 14.5, HEARD),
    )


def test_speech_between_new_words_counts_as_heard_where_the_new_hearing_says_so() -> None:
    heard = window(said(10.2, "Nobody was there."), spoken=(Spoken(9.9, 12.5, HEARD),))
    spoken = merge(GAP, WISH, [heard]).transcript.spoken
    assert spoken
    assert coverage(spoken).share == 1.0


def test_without_new_words_everything_stays_as_it_was() -> None:
    for heard in (window(), window(spoken=(Spoken(10.0, 12.5, HEARD),)), window(said(11.0, "…"))):
        merged = merge(GAP, WISH, [heard])
        assert merged.transcript == GAP
        assert merged.seconds == 0.0


def test_what_the_new_hearing_says_of_the_surroundings_is_not_taken() -> None:
    merged = merge(GAP, WISH, [window(said(8.1, "It was later."), said(10.5, "Nobody."), said(13.1, "They went home."))])
    assert [s.text for s in merged.transcript.segments] == ["It was late.", "Nobody.", "We went home."]
    assert merged.transcript.segments[0] == BEFORE


def test_a_sentence_that_reaches_beyond_the_gap_is_taken_in_part() -> None:
    piece = merge(GAP, WISH, [window(said(9.1, "late. Nobody was there, we went home."))]).transcript.segments[1]
    assert (piece.start, piece.end, piece.text) == (9.7, 12.6, "Nobody was there, we went home.")


def test_a_word_is_taken_that_lies_mostly_in_the_gap() -> None:
    def taken(end: float) -> list[str]:
        heard = Segment(0, 12.0, end, "Nobody came", words=(Word(12.0, 12.4, "Nobody"), Word(12.5, end, " came")))
        return [s.text for s in merge(GAP, WISH, [window(heard)]).transcript.segments[1:-1]]

    # Words may stand up to 12.8 s: 0.3 of 0.45 s, of 0.6 s.
    assert taken(12.95) == ["Nobody came"]
    assert taken(13.1) == ["Nobody"]


def test_a_word_within_the_span_stands_although_its_neighbour_is_the_same() -> None:
    known = transcript(said(12.6, "House it is."), spoken=(unclear(10.0, 12.5),))
    merged = merge(known, WISH, [window(said(11.9, "house", each=0.5))])
    assert [s.text for s in merged.transcript.segments] == ["house", "House it is."]


def test_a_sentence_without_times_of_words_leaves_those_of_the_next_one_alone() -> None:
    known = transcript(Segment(0, 8.0, 9.5, "It was late."), said(12.6, "We went home.", number=1), spoken=(unclear(10.0, 12.5),))
    heard = Segment(0, 10.2, 12.8, "Nobody came", words=(Word(10.2, 10.7, "Nobody"), Word(12.4, 12.8, " came")))
    assert [s.text for s in merge(known, WISH, [window(heard)]).transcript.segments] == [
        "It was late.",
        "Nobody",
        "We went home.",
    ]


def test_a_word_that_begins_soon_after_the_new_ones_stands_after_them() -> None:
    words = (Word(8.0, 9.9, "Then"), Word(11.1, 11.4, " we"), Word(11.4, 12.0, " left."))
    known = transcript(Segment(0, 8.0, 12.0, "Then we left.", words=words), spoken=(unclear(10.0, 11.0),))
    merged = merge(known, (HearAgain(10.0, 11.0, "small"),), [window(said(10.2, "quietly"))])
    assert [s.text for s in merged.transcript.segments] == ["Then", "quietly", "we left."]


def test_a_word_that_is_heard_twice_at_the_edge_stands_once() -> None:
    heard = said(12.55, "house", each=0.3)
    close = transcript(said(12.9, "House it is."), spoken=(unclear(10.0, 12.5),))
    assert [s.text for s in merge(close, WISH, [window(said(11.0, "the old"), heard)]).transcript.segments] == [
        "the old",
        "House it is.",
    ]


def test_a_gap_within_a_sentence_makes_two_of_it() -> None:
    words = (Word(8.0, 8.4, "Then,"), Word(8.4, 9.0, " well,"), Word(14.0, 14.5, " we"), Word(14.5, 15.0, " left."))
    one = Segment(0, 7.9, 15.1, "Then, well, we left.", "Ann", words)
    merged = merge(transcript(one, spoken=(unclear(10.0, 12.5),)), WISH, [window(said(10.5, "after much talk"))])
    assert [(s.text, s.speaker) for s in merged.transcript.segments] == [
        ("Then, well,", "Ann"),
        ("after much talk", None),
        ("we left.", "Ann"),
    ]
    assert [(s.start, s.end) for s in merged.transcript.segments] == [(7.9, 9.0), (10.5, 12.0), (14.0, 15.1)]
    assert tuple(w for s in merged.transcript.segments if s.speaker for w in s.words) == words


def test_a_sentence_that_the_reader_has_edited_is_never_cut() -> None:
    words = (Word(8.0, 9.0, "Then"), Word(14.0, 15.0, " left."))
    one = Segment(0, 8.0, 15.0, "Then we left.", words=words, original="Then left.")
    known = transcript(one, spoken=(unclear(10.0, 12.5),))
    assert merge(known, WISH, [window(said(10.5, "after much talk"))]).transcript == known


def test_chinese_is_joined_without_spaces_and_keeps_its_language() -> None:
    words = tuple(Word(10.0 + i * 0.3, 10.3 + i * 0.3, c) for i, c in enumerate("没有人在那里"))
    reaching = Segment(0, 10.0, 13.4, "没有人在那里，我们", words=(*words, Word(13.0, 13.4, "我们")))
    piece = merge(GAP, WISH, [window(reaching, language="zh")]).transcript.segments[1]
    assert (piece.text, piece.language) == ("没有人在那里", "zh")


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_nothing_overlaps_and_every_second_is_counted_once(seed: int) -> None:
    rng = random.Random(seed)
    at, segments, spoken, wishes = 0.0, [], [], []
    while at < 50.0:
        length = rng.uniform(0.5, 4.0)
        if rng.random() < 0.6:
            count = max(1, int(length / 0.4))
            segments.append(
                said(round(at, 3), " ".join(f"w{rng.randrange(9)}" for _ in range(count)), each=0.4, number=len(segments))
            )
            spoken.append(Spoken(segments[-1].start, segments[-1].end, HEARD))
            at = segments[-1].end
        else:
            spoken.append(unclear(round(at, 3), round(at + length, 3)))
            if rng.random() < 0.7:
                wishes.append(HearAgain(spoken[-1].start, spoken[-1].end, "small"))
            at += length
        at += rng.choice((0.0, 0.3, 1.0))
    heard = [
        said(
            round(rng.uniform(0, 50), 3),
            " ".join(f"n{rng.randrange(9)}" for _ in range(rng.randint(1, 6))),
            each=rng.uniform(0.1, 0.6),
        )
        for _ in range(30)
    ]
    known = transcript(*segments, spoken=tuple(spoken))
    merged = merge(known, wishes, [window(s) for s in heard])
    after = merged.transcript
    old = [w for s in after.segments for w in s.words if w.text.strip().startswith("w")]
    assert old == [w for s in segments for w in s.words]
    assert [s.id for s in after.segments] == list(range(len(after.segments)))
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(after.segments))
    assert after.spoken is not None
    assert sum(s.seconds for s in after.spoken) == pytest.approx(sum(s.seconds for s in spoken), abs=0.02)
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(after.spoken))
    assert coverage(after.spoken).heard == pytest.approx(coverage(spoken).heard, abs=0.02)
    new = [s for s in after.segments if s.text.startswith("n")]
    assert all(any(n.start < w.end + 0.3 and n.end > w.start - 0.3 for w in wishes) for s in new for n in s.words)


def test_what_is_listened_to_has_some_sound_around_it_and_no_second_twice() -> None:
    wishes = [
        HearAgain(10.0, 12.0, "small"),
        HearAgain(13.0, 14.0, "small"),
        HearAgain(1.0, 2.0, "medium"),
        HearAgain(58.0, 60.0, "small"),
    ]
    assert batches(wishes, 60.0) == {"medium": [(0.0, 4.0)], "small": [(8.0, 16.0), (56.0, 60.0)]}


def test_the_next_larger_model_is_one_that_hears_more() -> None:
    names = ("tiny", "base.en", "large-v3-turbo", "large-v3", "demo", "/models/mine")
    assert [larger_model(name) for name in names] == ["base", "small", "large-v3", None, "base", "large-v3"]


def test_only_spans_of_the_audio_without_words_are_heard_again() -> None:
    spoken = (Spoken(0.0, 5.0, HEARD), unclear(5.0, 8.0), unclear(9.0, 9.3), Spoken(20.0, 30.0, Fate.DROPPED, Why.LOOP))
    assert checked(spoken, 60.0, None) == [(5.0, 8.0), (20.0, 30.0)]
    assert checked(spoken, 60.0, [(6.0, 7.0)]) == [(6.0, 7.0)]
    assert checked(spoken, 60.0, [(5.0, 8.0)] * 200) == [(5.0, 8.0)] * 200
    assert checked(spoken, 7.0, [(6.0, 8.0)]) == [(6.0, 8.0)]
    assert [s.why for s in unheard(spoken)] == [Why.NO_WORDS, Why.LOOP]
    for spans in ([(5.0, 5.0)], [(5.0, 99.0)], [(5.0, 8.0)] * 201):
        with pytest.raises(UserError):
            checked(spoken, 60.0, spans)
    for nothing in ([(0.0, 4.0)], [(40.0, 50.0)]):
        with pytest.raises(Conflict):
            checked(spoken, 60.0, nothing)
    with pytest.raises(Conflict):
        checked(spoken[:1], 60.0, None)
