"""Which acts on an episode's work are offered in each state of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import app
from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, Stage, State
from pages.episode.stage_acts import offered
from pages.episode.stages import unsettled


@pytest.fixture
def listed(resting: CastMind) -> Listed:
    return app.current().ingest.import_address(OWNER, "http://127.0.0.1:9/talk.mp3")


def acts(listed: Listed, *states: State) -> list[str]:
    jobs = tuple(Job(i, listed.episode.id, stage, state) for i, (stage, state) in enumerate(zip(Stage, states, strict=False)))
    return offered(replace(listed, jobs=jobs), list(unsettled(jobs)))


def test_an_episode_without_work_can_be_transcribed(listed: Listed) -> None:
    assert acts(listed) == ["transcribe"]


@pytest.mark.parametrize(
    ("states", "names"),
    [
        ((State.RUNNING, State.QUEUED), ["cancel"]),
        ((State.DONE, State.FAILED), ["retry"]),
        ((State.DONE, State.CANCELLED), ["retry"]),
        ((State.DONE, State.WAITING), ["retry", "cancel"]),
        ((State.DONE, State.DONE), []),
    ],
)
def test_what_is_under_way_can_be_cancelled_and_what_stopped_tried_again(
    listed: Listed, states: tuple[State, ...], names: list[str]
) -> None:
    assert acts(listed, *states) == names
