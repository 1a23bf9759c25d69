"""What a person orders of the pipeline for one episode, inside the transaction that the caller opened.

    transcribe   every stage; with another language or model than before, what is there is done again
    retry        the first stage that failed, was cancelled or waits, or a named one, and those after it
    cancel       what is not finished
    summarise    new notes, beside those that are there

All raise NotFound, and Conflict when there is nothing to do or the episode is in the trash.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.domain.job import OPEN, PRIORITY_USER, Stage, State
from core.errors import Conflict
from core.store import episodes, jobs

NO_WISHES: Mapping[str, str | None] = MappingProxyType({})
TO_RETRY = (State.FAILED, State.CANCELLED, State.WAITING)


def transcribe(db: Any, episode_id: int, *, now: float, wishes: Mapping[str, str | None] = NO_WISHES) -> None:
    """`wishes` are columns of the episode (language, model, publisher_transcript); None leaves what is there."""
    episode = episodes.live(db, episode_id)
    wishes = {k: v for k, v in wishes.items() if v is not None and v != getattr(episode, k)}
    if wishes:
        episodes.change(db, episode_id, wishes, now=now)
    known = {job.stage: job for job in jobs.of_episode(db, episode_id)}
    jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now)
    if Stage.TRANSCRIBE in known and (wishes or known[Stage.TRANSCRIBE].state not in OPEN):
        jobs.rerun(db, episode_id, Stage.TRANSCRIBE, priority=PRIORITY_USER, afresh=True)


def transcribe_if_new(db: Any, episode_id: int, *, now: float) -> None:
    """Asks for all stages of an episode of which nothing was asked, and for the rest of one that stopped on the way."""
    episodes.live(db, episode_id)
    known = jobs.of_episode(db, episode_id)
    if not known:
        jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now)
    else:
        retry(db, episode_id)


def retry(db: Any, episode_id: int, stage: Stage | None = None) -> None:
    """A stage that is done is done afresh; of others, what is finished is kept."""
    episode = episodes.live(db, episode_id)
    rows = jobs.of_episode(db, episode_id)
    chosen = next((j for j in rows if (j.stage is stage if stage else j.state in TO_RETRY)), None)
    if chosen is None:
        raise Conflict("There is nothing to retry.", state="done")
    if chosen.stage is Stage.FETCH and episode.audio_dropped_at is not None and chosen.state is not State.DONE:
        # The text is there since before the audio went: only the audio is wanted again.
        jobs.fetch_again(db, episode_id)
        return
    jobs.rerun(db, episode_id, chosen.stage, priority=PRIORITY_USER, afresh=chosen.state is State.DONE)


def cancel(db: Any, episode_id: int, stage: Stage | None = None, *, now: float) -> None:
    """What is committed stays."""
    episodes.live(db, episode_id)
    chosen = [j for j in jobs.of_episode(db, episode_id) if j.state in OPEN and stage in (None, j.stage)]
    if not chosen:
        raise Conflict("There is nothing to cancel.", state="done")
    for job in chosen:
        jobs.request_cancel(db, job.id, now=now)


def summarise(db: Any, episode_id: int, *, now: float, model: str | None = None, language: str | None = None) -> None:
    """`model` and `language` become the episode's wishes; "" goes back to the settings, None leaves them."""
    episodes.live(db, episode_id)
    wishes = {k: v or None for k, v in (("notes_model", model), ("notes_language", language)) if v is not None}
    if wishes:
        episodes.change(db, episode_id, wishes, now=now)
    retry(db, episode_id, Stage.SUMMARISE)
