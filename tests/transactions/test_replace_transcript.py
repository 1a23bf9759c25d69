"""A new transcript in the place of the old: what the reader wrote is carried over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.transcripts.annotation import Span
from core.domain.transcripts.hearing_again import HearAgain, Merged
from core.domain.transcripts.spoken import Fate, Spoken
from core.domain.transcripts.transcript import Segment, Window, Word
from core.pipeline.graph import steps
from core.store.jobs import leases
from core.transactions.replace_transcript import add_heard
from tests.edited_talk import SEGMENTS, TALK, F, T, again, text, transcribed
from tests.runner_fixture import Rig


def test_a_new_transcription_is_edited_again_where_it_says_the_same_and_the_rest_is_kept_to_look_up(
    rig: Rig, episode: int
) -> None:
    rig.annotations.edit(OWNER, episode, 0, "The cat sat.")
    rig.annotations.edit(OWNER, episode, 1, "And then it fell asleep.")
    again(rig, episode, Segment(0, 0.2, 1.4, "the catt sat"), Segment(1, 2.0, 4.0, "Something else."))
    assert text(rig, episode) == ["The cat sat.", "Something else."]
    found = rig.annotations.edits(OWNER, episode)
    assert [(e.after["text"], e.outdated) for e in found] == [
        ("The cat sat.", False),
        ("And then it fell asleep.", True),
        ("The cat sat.", True),
    ]
    rig.annotations.undo(OWNER, episode)
    assert text(rig, episode)[0] == "the catt sat"


def test_names_that_the_reader_gave_are_given_again_in_a_new_transcription(rig: Rig, episode: int) -> None:
    for old, new in (("A", "Ann"), ("Ann", "Anna"), ("C", "Anna"), ("B", "Ben")):
        rig.annotations.rename_speaker(OWNER, episode, old, new)
    rig.annotations.undo(OWNER, episode)
    again(rig, episode, *SEGMENTS)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["Anna", "B"]
    rig.annotations.undo(OWNER, episode)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["Anna", "B", "C"]


def test_highlights_are_found_again_in_a_new_transcription_by_their_words(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(1, 9, 1, 17), remark="Found")
    rig.annotations.highlight(OWNER, episode, Span(2, 0, 2, 10), remark="Lost")
    again(rig, episode, Segment(0, 0.0, 3.0, "The cat sat and then, it"), Segment(1, 3.0, 4.0, "slept; all right."))
    found = {h.remark: h for h in rig.annotations.highlights(OWNER, episode)}
    assert (found["Found"].span, found["Found"].quote, found["Found"].start) == (
        Span(0, 22, 1, 5),
        "it slept",
        pytest.approx(2.75),
    )
    assert found["Found"].anchored
    assert (found["Lost"].anchored, found["Lost"].quote) == (False, "Who knows?")


def test_a_transcript_saved_for_the_first_time_needs_nothing_to_carry(rig: Rig) -> None:
    number = rig.add()
    job = rig.store.write(lambda db: leases.claim(db, F, now=rig.now))
    assert job
    rig.store.write(lambda db: steps()[T].save(db, job, TALK, now=rig.now))
    assert text(rig, number) == [s.text for s in SEGMENTS]
    assert rig.annotations.edits(OWNER, number) == []


SPOKEN = (Spoken(0.0, 1.5, Fate.HEARD), Spoken(10.0, 12.0, Fate.UNCLEAR))


def heard_again(rig: Rig, episode: int, *words: Word) -> Merged | None:
    heard = Window(0, 8.0, 14.0, "en", (Segment(0, 10.2, 11.0, " ".join(w.text for w in words), words=words),) if words else ())
    wishes = (HearAgain(10.0, 12.0, "small"),)
    return rig.store.write(lambda db: add_heard(db, episode, wishes, (heard,), now=rig.now))


def test_words_heard_later_are_added_and_an_edit_stays_with_its_first_wording(rig: Rig) -> None:
    episode = rig.add()
    transcribed(rig, replace(TALK, spoken=SPOKEN))
    rig.run_all()
    rig.annotations.edit(OWNER, episode, 0, "The cat sat.")
    assert heard_again(rig, episode) is None
    merged = heard_again(rig, episode, Word(10.2, 11.0, "Nobody."))
    assert merged and merged.seconds == pytest.approx(0.8)
    found = rig.library.transcript(OWNER, episode)
    assert found
    assert [(s.text, s.original) for s in found.segments] == [
        ("The cat sat.", "The catt sat."),
        (SEGMENTS[1].text, None),
        (SEGMENTS[2].text, None),
        ("Nobody.", None),
    ]
    assert [(w.start, w.end) for w in found.segments[0].words] == [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]


def test_words_are_not_added_to_a_transcript_without_an_account_of_its_speech(rig: Rig, episode: int) -> None:
    assert heard_again(rig, episode, Word(10.2, 11.0, "Nobody.")) is None
    assert heard_again(rig, rig.add(), Word(10.2, 11.0, "Nobody.")) is None
