"""A transcribed talk that a reader edits, marks, and has transcribed again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word
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
