from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage
from core.domain.transcripts.annotation import Colour, Span
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word
from core.errors import Conflict, NotFound, UserError
from core.pipeline.graph import steps
from core.store.jobs import leases
from tests.runner_fixture import Rig

F, T, S, P = Stage
WORDS = (Word(0.0, 0.5, " The"), Word(0.5, 1.0, " catt"), Word(1.0, 1.5, " sat."))
SEGMENTS = (
    Segment(0, 0.0, 1.5, "The catt sat.", "A", WORDS),
    Segment(1, 2.0, 4.0, "And then it slept.", "B"),
    Segment(2, 5.0, 7.0, "Who knows?", "C"),
)
TALK = Transcript("en", 60.0, SEGMENTS, SpeechEngine("demo"))


@pytest.fixture
def episode(rig: Rig) -> int:
    number = rig.add()
    transcribed(rig, TALK)
    rig.run_all()
    rig.ran.clear()
    return number


def transcribed(rig: Rig, transcript: Transcript) -> None:
    rig.stages[T] = rig._plain(transcript)


def again(rig: Rig, episode: int, *segments: Segment) -> None:
    """The episode is transcribed once more, with this result."""
    transcribed(rig, replace(TALK, segments=segments))
    rig.library.retry(OWNER, episode, T)
    rig.run_all()


def text(rig: Rig, episode: int) -> list[str]:
    found = rig.library.transcript(OWNER, episode)
    assert found
    return [s.text for s in found.segments]


# --- edits ----------------------------------------------------------------------------------------------


def test_an_edit_keeps_the_first_wording_and_the_times_and_is_published(rig: Rig, episode: int) -> None:
    version = rig.library.transcript_version(OWNER, episode) or 0.0
    segment = rig.annotations.edit(OWNER, episode, 0, "The  cat sat. ", expected="The catt sat.")
    assert (segment.text, segment.original, segment.start, segment.end) == ("The cat sat.", "The catt sat.", 0.0, 1.5)
    assert [(w.text.strip(), w.start, w.end) for w in segment.words] == [("The", 0.0, 0.5), ("cat", 0.5, 1.0), ("sat.", 1.0, 1.5)]
    assert rig.annotations.edit(OWNER, episode, 0, "The black cat sat.").original == "The catt sat."
    assert (rig.library.transcript_version(OWNER, episode) or 0.0) > version
    assert b"The black cat sat." in rig.exports.write(OWNER, episode, "srt")
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [P]


def test_an_edit_over_a_text_that_is_no_longer_there_is_refused(rig: Rig, episode: int) -> None:
    rig.annotations.edit(OWNER, episode, 0, "The cat sat.", expected="The catt sat.")
    with pytest.raises(Conflict) as refused:
        rig.annotations.edit(OWNER, episode, 0, "The cart sat.", expected="The catt sat.")
    assert refused.value.params["text"] == "The cat sat."
    assert text(rig, episode)[0] == "The cat sat."


def test_what_cannot_be_edited_is_said(rig: Rig, episode: int) -> None:
    for nothing in ("", " \n", "x" * 5001):
        with pytest.raises(UserError):
            rig.annotations.edit(OWNER, episode, 0, nothing)
    with pytest.raises(NotFound):
        rig.annotations.edit(OWNER, episode, 9, "New")
    rig.trash.delete(OWNER, [episode])
    with pytest.raises(Conflict):
        rig.annotations.edit(OWNER, episode, 0, "New")


def test_edits_are_undone_and_done_again_in_turn(rig: Rig, episode: int) -> None:
    first = rig.library.transcript(OWNER, episode)
    rig.annotations.edit(OWNER, episode, 0, "One.")
    rig.annotations.edit(OWNER, episode, 1, "Two.")
    assert rig.annotations.undo(OWNER, episode).after["text"] == "Two."
    rig.annotations.undo(OWNER, episode)
    assert rig.library.transcript(OWNER, episode) == first
    with pytest.raises(Conflict):
        rig.annotations.undo(OWNER, episode)
    rig.annotations.redo(OWNER, episode)
    rig.annotations.redo(OWNER, episode)
    assert text(rig, episode)[:2] == ["One.", "Two."]
    with pytest.raises(Conflict):
        rig.annotations.redo(OWNER, episode)


def test_after_a_new_edit_what_was_undone_is_gone(rig: Rig, episode: int) -> None:
    rig.annotations.edit(OWNER, episode, 0, "One.")
    rig.annotations.undo(OWNER, episode)
    rig.annotations.edit(OWNER, episode, 0, "Two.")
    with pytest.raises(Conflict):
        rig.annotations.redo(OWNER, episode)
    assert [e.after["text"] for e in rig.annotations.edits(OWNER, episode)] == ["Two."]


def test_another_windows_edit_is_not_undone_by_mistake(rig: Rig, episode: int) -> None:
    rig.annotations.edit(OWNER, episode, 0, "One.")
    mine = rig.annotations.edits(OWNER, episode)[0].id
    rig.annotations.edit(OWNER, episode, 1, "Two.")
    with pytest.raises(Conflict):
        rig.annotations.undo(OWNER, episode, mine)
    assert text(rig, episode)[:2] == ["One.", "Two."]


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


# --- speakers -------------------------------------------------------------------------------------------


def test_speakers_are_renamed_merged_and_told_apart_again(rig: Rig, episode: int) -> None:
    assert [(s.name, s.segments, s.seconds) for s in rig.annotations.speakers(OWNER, episode)] == [
        ("A", 1, 1.5),
        ("B", 1, 2.0),
        ("C", 1, 2.0),
    ]
    rig.annotations.rename_speaker(OWNER, episode, "A", " Ann ")
    assert [s.name for s in rig.annotations.rename_speaker(OWNER, episode, "C", "Ann")] == ["Ann", "B"]
    rig.annotations.undo(OWNER, episode)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["Ann", "B", "C"]
    rig.annotations.redo(OWNER, episode)
    rig.annotations.undo(OWNER, episode)
    rig.annotations.undo(OWNER, episode)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["A", "B", "C"]
    with pytest.raises(NotFound):
        rig.annotations.rename_speaker(OWNER, episode, "Nobody", "X")
    with pytest.raises(UserError):
        rig.annotations.rename_speaker(OWNER, episode, "A", " ")


def test_names_that_the_reader_gave_are_given_again_in_a_new_transcription(rig: Rig, episode: int) -> None:
    for old, new in (("A", "Ann"), ("Ann", "Anna"), ("C", "Anna"), ("B", "Ben")):
        rig.annotations.rename_speaker(OWNER, episode, old, new)
    rig.annotations.undo(OWNER, episode)
    again(rig, episode, *SEGMENTS)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["Anna", "B"]
    rig.annotations.undo(OWNER, episode)
    assert [s.name for s in rig.annotations.speakers(OWNER, episode)] == ["Anna", "B", "C"]


# --- highlights -----------------------------------------------------------------------------------------


def test_a_highlight_is_kept_changed_and_removed(rig: Rig, episode: int) -> None:
    made = rig.annotations.highlight(OWNER, episode, Span(0, 4, 1, 8), colour=Colour.GREEN, remark=" Look! ")
    assert (made.quote, made.start, made.colour, made.remark, made.anchored) == (
        "catt sat. And then",
        0.5,
        Colour.GREEN,
        "Look!",
        True,
    )
    changed = rig.annotations.change_highlight(OWNER, made.id, colour=Colour.PINK, version=made.version)
    assert (changed.colour, changed.remark) == (Colour.PINK, "Look!")
    with pytest.raises(Conflict):
        rig.annotations.change_highlight(OWNER, made.id, remark="Mine", version=made.version)
    assert rig.annotations.highlights(OWNER, episode) == [changed]
    rig.annotations.remove_highlight(OWNER, made.id)
    assert rig.annotations.highlights(OWNER, episode) == []
    with pytest.raises(NotFound):
        rig.annotations.remove_highlight(OWNER, made.id)
    with pytest.raises(UserError):
        rig.annotations.highlight(OWNER, episode, Span(0, 4, 7, 8))


def test_a_highlight_moves_with_an_edit_and_back(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(0, 4, 0, 8))
    rig.annotations.edit(OWNER, episode, 0, "The black cat sat.")
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.quote, found.anchored) == ("cat", True)
    rig.annotations.undo(OWNER, episode)
    assert rig.annotations.highlights(OWNER, episode)[0].anchored


def test_a_highlight_whose_words_are_edited_away_comes_back_with_the_undo(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(1, 8, 1, 18), remark="Important")
    rig.annotations.edit(OWNER, episode, 1, "And then")
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.anchored, found.quote, found.remark) == (False, "it slept.", "Important")
    rig.annotations.undo(OWNER, episode)
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.anchored, found.quote.rstrip(".")) == (True, "it slept")


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
    assert (found["Lost"].anchored, found["Lost"].quote) == (False, "Who knows?")


def test_a_transcript_saved_for_the_first_time_needs_nothing_to_carry(rig: Rig) -> None:
    number = rig.add()
    job = rig.store.write(lambda db: leases.claim(db, F, now=rig.now))
    assert job
    rig.store.write(lambda db: steps()[T].save(db, job, TALK, now=rig.now))
    assert text(rig, number) == [s.text for s in SEGMENTS]
    assert rig.annotations.edits(OWNER, number) == []
