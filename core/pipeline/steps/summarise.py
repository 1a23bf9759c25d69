"""Summarise: notes on a transcript.

Transcript ─▶ extractive Notes at once ─Ollama─▶ chunks, each a checkpoint ─▶ Notes
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from core import errors
from core.domain.episodes.episode import Episode
from core.domain.jobs.job import Job, Stage
from core.domain.notes.note import Notes, Verdict
from core.domain.notes.ollama_state import NO_MEMORY, Fit
from core.domain.transcripts.transcript import Transcript
from core.llm import machine
from core.message import Message
from core.notes.extractive import extract
from core.notes.pace import Pace
from core.notes.replacing import judge
from core.notes.summarise import NotesRequest, summarise
from core.pipeline.gpu import taker_of
from core.pipeline.step import Checkpoint, Need, Step, StepContext, StepInput
from core.settings import Settings
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import notes, transcripts

# The key of the only checkpoint that is not a chunk: the context length used for the chunks.
CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class NotesSettings:
    """The settings that the step reads, named as in `Settings`."""

    notes_engine: Literal["auto", "ollama", "extractive"]
    notes_language: str
    notes_minutes: float
    ollama_num_ctx: int
    ollama_timeout_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> NotesSettings:
        return cls(**{each.name: getattr(settings, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SummariseInput(StepInput):
    """`has_notes`: notes exist already."""

    settings: NotesSettings
    transcript: Transcript | None = None
    has_notes: bool = False


class Summarise(Step):
    name: ClassVar[str] = Stage.SUMMARISE.value
    after: ClassVar[tuple[str, ...]] = (Stage.TRANSCRIBE.value,)
    needs: ClassVar[frozenset[Need]] = frozenset({Need.GPU, Need.NET})
    input: ClassVar[type[StepInput]] = SummariseInput
    values: ClassVar[tuple[type, ...]] = (Notes,)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> SummariseInput:
        return SummariseInput(
            job=job,
            episode=episodes.get(db, job.episode_id),
            settings=NotesSettings.of(settings),
            transcript=transcripts.find(db, job.episode_id),
            has_notes=notes.current(db, job.episode_id) is not None,
        )

    def run(self, given: SummariseInput, ctx: StepContext) -> Notes:
        transcript = given.transcript
        if transcript is None:
            raise errors.Permanent("There is no transcript. Retry the transcription.", case="no_transcript")
        if not given.has_notes:
            # Extractive notes are readable at once; those of the language model replace them.
            ctx.emit(extract(transcript, transcript.language))
        if given.settings.notes_engine == "extractive" or not transcript.segments:
            return extract(transcript, transcript.language)
        try:
            return _ask_ollama(given, transcript, ctx)
        except errors.OllamaUnreachable:
            ctx.resources.language_model.forget()
            raise

    def save(self, db: Database, job: Job, value: Notes, *, now: float) -> None:
        before, about = notes.current(db, job.episode_id), transcripts.about(db, job.episode_id)
        verdict = judge(before.notes if before else None, value, about.language if about else "")
        notes.add(db, job.episode_id, value, now=now, stays=None if verdict is Verdict.REPLACES else before)
        jobs.publish_again(db, job.episode_id)


def _ask_ollama(given: SummariseInput, transcript: Transcript, ctx: StepContext) -> Notes:
    settings, episode, models = given.settings, given.episode, ctx.resources.language_model
    client = models.client()
    choice = models.model(client, episode.notes_model or "")
    model, language = choice.name, notes_language(episode, settings, transcript)
    if models.on_processor(client, model):
        client = client.tuned(threads=machine.spare_threads())
    context = context_for(models.fit(client, choice, language), model, settings, given.checkpoints)
    request = NotesRequest(
        model=model,
        language=language,
        num_ctx=context.payload["num_ctx"],
        wall_clock_seconds=settings.ollama_timeout_seconds,
    )

    pace = Pace(lambda fraction, detail: ctx.report(fraction, {**detail, "model": model}))
    kept = {**given.checkpoints}

    def on_chunk(key: str, payload: dict[str, Any]) -> None:
        if kept.get(CONTEXT) != context.payload:
            ctx.emit(context)
            kept[CONTEXT] = context.payload
        ctx.emit(Checkpoint(key, payload))
        clock.waited(hold.pause())

    name = Message(f"notes on episode {episode.id}", "taker.notes", id=episode.id)
    with ctx.resources.gpu.llm(taker_of(ctx, name), client, model) as hold:
        clock = Clock(settings.notes_minutes * 60.0)
        written = summarise(
            transcript,
            request,
            client=client.tuned(watch=pace.said),
            done=given.checkpoints,
            on_chunk=on_chunk,
            on_progress=pace.moved,
            cancelled=ctx.cancelled,
            out_of_time=clock.over,
        )
    if written.coverage < 1.0:
        # Partial notes are readable meanwhile; the chunks that they were made of are kept for the next run.
        ctx.emit(written)
        raise unfinished(written, settings.notes_minutes)
    return written


def notes_language(episode: Episode, settings: NotesSettings | Settings, transcript: Transcript) -> str:
    wanted = episode.notes_language or settings.notes_language
    if wanted and wanted != "auto":
        return wanted
    return transcript.language if transcript.language not in ("", "und") else "en"


def context_for(
    fit: Fit, model: str, settings: NotesSettings | Settings, checkpoints: Mapping[str, Mapping[str, Any]]
) -> Checkpoint:
    """Return the context length of this run as a checkpoint, so that a resumed run cuts the transcript the same way.

    Raises ContextTooSmall if the model supports too little, OllamaNoMemory if it does not fit at all.
    """
    wanted = settings.ollama_num_ctx
    if not fit.num_ctx:
        kind = errors.OllamaNoMemory if fit.why.key == NO_MEMORY else errors.ContextTooSmall
        raise kind(f"{fit.why}. The transcript is kept; the notes resume automatically.", **fit.why.params)
    before = checkpoints.get(CONTEXT, {})
    same = before.get("model") == model and before.get("wanted") == wanted
    num_ctx = min(int(before["num_ctx"]), fit.num_ctx) if same else fit.num_ctx
    return Checkpoint(CONTEXT, {"num_ctx": num_ctx, "model": model, "wanted": wanted})


def unfinished(written: Notes, minutes: float) -> errors.NotesUnfinished:
    percent = int(100 * written.coverage)
    return errors.NotesUnfinished(
        f"The notes took longer than the limit of {minutes:g} minutes: {percent}% of the transcript is read, and the notes on "
        "that are kept. Try again to continue from there, or allow more time in the settings (notes_minutes).",
        minutes=f"{minutes:g}",
        percent=percent,
    )


class Clock:
    """Tells whether `seconds` of work are over (0: never); time spent waiting does not count."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._since = now()

    def waited(self, seconds: float) -> None:
        self._since += seconds

    def over(self) -> bool:
        return 0 < self._seconds <= self._now() - self._since
