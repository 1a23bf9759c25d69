"""Order work of the pipeline for one episode, inside the transaction that the caller opened.

    transcribe   run all stages; with another language or model than before, finished stages run again
    retry        run a named stage (else the first that failed, was cancelled or waits) and those after it
    run_step     the same for a named stage, even if the episode is older than the step
    fetch_anew   download the audio that the feed offers as a replacement; leave_audio declines it
    cancel       stop all unfinished stages
    summarise    write new notes beside the existing ones
    hear         decode spans of speech without words again with another model; the transcript stays readable meanwhile

All raise NotFound, and Conflict when there is nothing to do or the episode is in the trash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.domain.jobs.job import OPEN, PRIORITY_USER, Stage, State
from core.domain.transcripts.hearing_again import HearAgain, Stretch, checked, larger_model
from core.errors import Conflict, UserError
from core.store.db.sqlite import Database
from core.store.jobs import fetches, jobs
from core.store.library import episodes, hear_again
from core.store.text import transcripts

NO_WISHES: Mapping[str, str | None] = MappingProxyType({})
TO_RETRY = (State.FAILED, State.CANCELLED, State.WAITING)


def transcribe(db: Database, episode_id: int, *, now: float, wishes: Mapping[str, str | None] = NO_WISHES) -> None:
    """Order all stages. `wishes` are columns (language, model, publisher_transcript); None leaves a column as it is."""
    episode = episodes.live(db, episode_id)
    wishes = {k: v for k, v in wishes.items() if v is not None and v != getattr(episode, k)}
    if wishes:
        episodes.change(db, episode_id, wishes, now=now)
    known = {job.stage: job for job in jobs.of_episode(db, episode_id)}
    jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now)
    if Stage.FETCH in known and known[Stage.FETCH].state is State.WAITING:
        fetches.try_fetch_again(db, episode_id)
    anew = wishes or hear_again.pending(db, episode_id)
    if Stage.TRANSCRIBE in known and (anew or known[Stage.TRANSCRIBE].state not in OPEN):
        jobs.rerun(db, episode_id, Stage.TRANSCRIBE, priority=PRIORITY_USER, afresh=True)


def transcribe_if_new(db: Database, episode_id: int, *, now: float) -> None:
    """Order all stages of an episode without orders so far, or the rest of one that stopped on the way."""
    episodes.live(db, episode_id)
    known = jobs.of_episode(db, episode_id)
    if not known:
        jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now)
    else:
        retry(db, episode_id)


def retry(db: Database, episode_id: int, stage: str | None = None) -> None:
    """Order a stage again. A finished stage runs afresh; an unfinished one keeps its checkpoints."""
    episode = episodes.live(db, episode_id)
    rows = jobs.of_episode(db, episode_id)
    chosen = next((j for j in rows if (j.stage == stage if stage else j.state in TO_RETRY)), None)
    if chosen is None:
        raise Conflict("There is nothing to retry.", state="done", case="nothing_to_retry")
    only_audio = episode.audio_dropped_at is not None or episode.fetch_anew_at is not None
    if chosen.stage == Stage.FETCH and only_audio and chosen.state is not State.DONE:
        # The text is older than the loss of the audio, or describes that audio: only the audio is needed again.
        fetches.fetch_again(db, episode_id)
        return
    jobs.rerun(db, episode_id, chosen.stage, priority=PRIORITY_USER, afresh=chosen.state is State.DONE)


def run_step(db: Database, episode_id: int, stage: str, *, now: float) -> None:
    """Retry a step and all that depend on it; if the step was registered after the episode came, begin it."""
    episodes.live(db, episode_id)
    known = {job.stage for job in jobs.of_episode(db, episode_id)}
    if stage in known or Stage.TRANSCRIBE not in known:
        retry(db, episode_id, stage)
    else:
        jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now, stages=(stage,))
        jobs.rerun(db, episode_id, stage, priority=PRIORITY_USER, afresh=True)


def fetch_anew(db: Database, episode_id: int, *, now: float) -> None:
    """Replace the audio with the one that the feed offers now; different bytes are transcribed once they have arrived.

    The present audio, transcript and notes stay until then. Raises Conflict where there is no address.
    """
    episode = episodes.live(db, episode_id)
    if not episode.enclosure_url:
        raise Conflict(
            f"There is no address to fetch “{episode.title}” from. Nothing was changed.",
            id=episode_id,
            case="no_address",
            title=episode.title,
        )
    episodes.change(db, episode_id, {"fetch_anew_at": now}, now=now)
    jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=now, stages=(Stage.FETCH,))
    fetches.fetch_again(db, episode_id)


def leave_audio(db: Database, episode_id: int, *, now: float) -> None:
    """Keep the present audio, whatever the feed offers as a replacement; clear the note and the order to download."""
    wished = episodes.live(db, episode_id).fetch_anew_at
    episodes.change(db, episode_id, {"audio_replaced_at": None, "fetch_anew_at": None}, now=now)
    if wished:
        fetches.leave_fetched(db, episode_id)


def cancel(db: Database, episode_id: int, stage: str | None = None, *, now: float) -> None:
    """Cancel unfinished stages, or the named one. Committed results stay."""
    episodes.live(db, episode_id)
    chosen = [j for j in jobs.of_episode(db, episode_id) if j.state in OPEN and stage in (None, j.stage)]
    if stage in (None, Stage.TRANSCRIBE) and hear_again.pending(db, episode_id):
        jobs.leave_as_heard(db, episode_id)
        if not chosen:
            return
    if not chosen:
        raise Conflict("There is nothing to cancel.", state="done", case="nothing_to_cancel")
    for job in chosen:
        jobs.request_cancel(db, job.id, now=now)


def hear(db: Database, episode_id: int, spans: Sequence[Stretch] | None, *, model: str | None = None, now: float) -> None:
    """Order spans of speech to be decoded again.

    `spans` are [start, end) in seconds, None all that have no words (of very many, the longest); `model` None is the next larger
    one than the transcript's. Raises UserError for invalid spans, and Conflict where there is nothing to hear."""
    episodes.live(db, episode_id)
    whole = transcripts.about(db, episode_id)
    job = next((j for j in jobs.of_episode(db, episode_id) if j.stage == Stage.TRANSCRIBE), None)
    if whole is None or whole.spoken is None:
        raise Conflict(
            "What became of the speech is not known for this transcript. Transcribe the episode again.",
            id=episode_id,
            case="speech_unknown",
        )
    if job and job.state is not State.DONE and not hear_again.pending(db, episode_id):
        raise Conflict(
            "The episode is being transcribed as a whole. Wait until that is done.",
            state=job.state.value,
            case="being_transcribed",
        )
    chosen = model or larger_model(whole.engine.model)
    if not chosen:
        raise UserError(
            f"There is no larger model than {whole.engine.model}. Name one.", case="no_larger_model", model=whole.engine.model
        )
    wishes = [HearAgain(start, end, chosen) for start, end in checked(whole.spoken, whole.duration, spans)]
    hear_again.add(db, episode_id, wishes, now=now)
    jobs.hear_spans_again(db, episode_id, priority=PRIORITY_USER, now=now)


def summarise(db: Database, episode_id: int, *, now: float, model: str | None = None, language: str | None = None) -> None:
    """Order new notes. `model` and `language` become the episode's wishes; "" goes back to the settings, None leaves them."""
    episodes.live(db, episode_id)
    wishes = {k: v or None for k, v in (("notes_model", model), ("notes_language", language)) if v is not None}
    if wishes:
        episodes.change(db, episode_id, wishes, now=now)
    retry(db, episode_id, Stage.SUMMARISE)
