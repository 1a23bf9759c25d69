"""A card of the queue: an episode with its steps, its reason, and the actions that make sense."""

from __future__ import annotations

import time
from typing import Any

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, Stage, State
from pages.queue import queue_cards
from pages.text import texts

EPISODE = Episode(7, "A talk", Source.UPLOAD, 0.0, 0.0)


def listed(states: str, **more: Any) -> Listed:
    """Return an episode with a job a state; `more` are values of the first job that is not done."""
    jobs, spent = [], False
    for n, (stage, state) in enumerate(zip(Stage, map(State, states.split()), strict=False)):
        own = {} if spent or state is State.DONE else more
        spent = spent or state is not State.DONE
        jobs.append(Job(n, 7, stage, state, **own))
    return Listed(EPISODE, tuple(jobs), None, None)


@pytest.mark.parametrize(
    ("states", "more", "acts"),
    [
        ("queued queued", {}, ["first", "last", "cancel"]),
        ("running queued", {}, ["first", "last", "cancel"]),
        ("done running", {}, ["cancel"]),
        ("done running", {"cancel_requested": True}, []),
        ("done waiting", {}, ["first", "last", "retry", "cancel"]),
        ("done failed", {}, ["retry"]),
        ("cancelled cancelled", {}, ["retry"]),
        ("done done", {}, []),
    ],
)
def test_only_what_makes_sense_can_be_done(resting: CastMind, states: str, more: dict[str, Any], acts: list[str]) -> None:
    assert queue_cards.card(listed(states, **more))["acts"] == acts


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_has_its_place_even_without_a_job(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    words = texts(language)
    steps = queue_cards.card(listed("done running"))["steps"]
    assert [step["name"] for step in steps] == [words[f"stage.{stage}"] for stage in Stage]
    assert [step["state"] for step in steps] == ["done", "running", "none", "none"]
    assert [step["said"] for step in steps[:3]] == [words["state.done"], words["state.running"], "–"]


def test_a_finished_step_says_how_long_it_took_and_a_strange_one_is_shown(resting: CastMind) -> None:
    jobs = (Job(1, 7, Stage.FETCH, State.DONE, started_at=100.0, finished_at=140.0), Job(2, 7, "diarise", State.QUEUED))
    steps = queue_cards.card(Listed(EPISODE, jobs, None, None))["steps"]
    assert steps[0]["said"] == "40 s"
    assert steps[-1] == {"name": "diarise", "state": "queued", "said": "Queued"}


def test_a_wait_has_its_reason_its_next_try_and_its_remedy(resting: CastMind) -> None:
    error = {"code": "ollama_unreachable", "detail": "No answer."}
    card = queue_cards.card(listed("done waiting", error=error, not_before=time.time() + 600.0, tries=2))
    said = texts("en")["error.ollama_unreachable"]
    assert card["reason"] == said
    assert card["remedy"] == {"href": "/settings", "said": "Open Settings"}
    assert card["when"].startswith("Next try in 10 min.") and card["when"].endswith("failed attempts: 2")
    failed = queue_cards.card(listed("done failed", error=error))
    assert failed["reason"] == said and failed["remedy"]["href"].startswith("/logs?job=")
    assert queue_cards.card(listed("done cancelled", error=error))["reason"] is None


def test_progress_stays_between_nothing_and_all(resting: CastMind) -> None:
    for progress, shown in ((-1.0, 0.0), (0.5, 0.5), (7.0, 1.0)):
        card = queue_cards.card(listed("running", progress=progress, cancel_requested=True))
        assert card["progress"] == shown and card["when"].endswith("cancelling")
    bare = queue_cards.card(Listed(EPISODE, (), None, None))
    assert (bare["state"], bare["progress"], bare["when"], bare["acts"]) == ("", 0.0, "", [])
