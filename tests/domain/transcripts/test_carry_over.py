from __future__ import annotations

from dataclasses import replace

from core.domain.transcripts.carry_over import carried, matching_speakers
from core.domain.transcripts.transcript import Segment


def talk(*lines: str) -> list[Segment]:
    return [Segment(i, i * 10.0, i * 10.0 + 9.0, line) for i, line in enumerate(lines)]


def test_an_edit_is_carried_to_the_same_words_at_the_same_place_alone() -> None:
    edited = [replace(talk("Hello wurld")[0], text="Hello world", original="Hello wurld")]
    new = [Segment(0, 300.0, 301.0, "Hello wurld"), Segment(1, 2.0, 3.0, "hello, Wurld.")]
    assert carried(edited, new) == {1: "Hello world"}
    assert carried(edited, [Segment(0, 0.0, 1.0, "Hello there")]) == {}


def test_an_edit_is_not_carried_to_the_same_words_said_again_half_a_minute_later() -> None:
    edited = [replace(talk("Back to the studio.")[0], text="Back to the studio!", original="Back to the studio.")]
    assert carried(edited, [Segment(0, 30.0, 31.0, "Back to the studio.")]) == {}
    assert carried(edited, [Segment(0, 15.5, 16.0, "Back to the studio.")]) == {}
    assert carried(edited, [Segment(0, 15.0, 16.0, "Back to the studio.")]) == {0: "Back to the studio!"}


def test_of_two_places_with_the_same_words_the_nearer_one_is_edited_again() -> None:
    edited = [Segment(0, 10.0, 11.0, "Yes!", original="Yes.")]
    assert carried(edited, [Segment(0, 4.0, 5.0, "Yes."), Segment(1, 12.0, 13.0, "Yes.")]) == {1: "Yes!"}


def test_a_speaker_is_taken_where_half_of_the_words_are_the_same_and_not_for_fewer_or_for_music() -> None:
    def named(ours: str, theirs: str) -> dict[int, str]:
        return matching_speakers(talk(ours), [Segment(0, 0.0, 9.0, theirs, "Ann")])

    assert named("one two three four", "one two five six") == {0: "Ann"}
    assert named("one two three four", "one seven five six") == {}
    assert named("♪ ♪", "one two five six") == {}


def test_the_speaker_of_most_of_the_time_is_taken_and_words_right_before_and_after_do_not_count() -> None:
    ours = [Segment(0, 10.0, 19.0, "one two three four")]
    both = [Segment(0, 9.0, 16.0, "one two", "Ann"), Segment(1, 16.0, 20.0, "three four", "Bob")]
    assert matching_speakers(ours, both) == {0: "Ann"}
    around = [
        Segment(0, 0.0, 10.0, "one two", "Ann"),
        Segment(1, 10.0, 19.0, "five", "Bob"),
        Segment(2, 19.0, 29.0, "three four", "Ann"),
    ]
    assert matching_speakers(ours, around) == {}
    assert matching_speakers(ours, around[:2]) == matching_speakers(ours, around[1:]) == {}


def test_speakers_are_taken_where_the_other_transcript_says_the_same_then() -> None:
    ours = talk("Welcome to the show.", "Thank you for having me.", "And now an advertisement for soap.")
    theirs = [
        Segment(0, 0.5, 9.5, "Welcome to the show", "Ann"),
        Segment(1, 9.8, 19.0, "Thank you for having me", "Bob"),
        Segment(2, 20.0, 29.0, "So what did you write about?", "Ann"),
    ]
    assert matching_speakers(ours, theirs) == {0: "Ann", 1: "Bob"}
    assert matching_speakers(ours, [replace(t, speaker=None) for t in theirs]) == {}
