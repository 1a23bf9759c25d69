"""An edit of a transcript, and the highlights on it."""

from __future__ import annotations

from core.domain.accounts.actor import OWNER
from core.domain.transcripts.annotation import Span
from tests.edited_talk import P
from tests.runner_fixture import Rig


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


def test_a_highlight_moves_with_an_edit_and_back(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(0, 4, 0, 8))
    rig.annotations.edit(OWNER, episode, 0, "The black cat sat.")
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.quote, found.anchored) == ("cat", True)
    rig.annotations.undo(OWNER, episode)
    assert rig.annotations.highlights(OWNER, episode)[0].anchored


def test_a_highlight_does_not_take_in_words_that_are_written_after_it(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(0, 4, 0, 8))
    rig.annotations.edit(OWNER, episode, 0, "The catt, so big, sat.")
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert found.span == Span(0, 4, 0, 8)


def test_a_highlight_whose_words_are_edited_away_comes_back_with_the_undo(rig: Rig, episode: int) -> None:
    rig.annotations.highlight(OWNER, episode, Span(1, 8, 1, 18), remark="Important")
    rig.annotations.edit(OWNER, episode, 1, "And then")
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.anchored, found.quote, found.remark) == (False, "it slept.", "Important")
    rig.annotations.undo(OWNER, episode)
    (found,) = rig.annotations.highlights(OWNER, episode)
    assert (found.anchored, found.quote.rstrip(".")) == (True, "it slept")
