from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.transcripts.annotation import Colour, Span
from core.errors import Conflict, NotFound, UserError
from tests.edited_talk import text
from tests.runner_fixture import Rig

# --- edits ----------------------------------------------------------------------------------------------


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
