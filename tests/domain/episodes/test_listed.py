"""The state of an episode in a list is that of its jobs together."""

from __future__ import annotations

import pytest

from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, State


def listed(*states: State) -> Listed:
    jobs = tuple(Job(id=n, episode_id=1, stage="fetch", state=state) for n, state in enumerate(states))
    return Listed(Episode(1, "A talk", Source.UPLOAD, 0.0, 0.0), jobs, None, None)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((), None),
        ((State.DONE, State.DONE), State.DONE),
        ((State.DONE, State.RUNNING, State.QUEUED), State.RUNNING),
        ((State.FAILED, State.QUEUED), State.FAILED),
    ],
)
def test_the_state_is_that_of_all_jobs_together(states: tuple[State, ...], state: State | None) -> None:
    assert listed(*states).state is state
