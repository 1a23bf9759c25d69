"""Transcribe: turn the audio into a transcript, or hear spans of it again.

the publisher's transcript ─a few spans heard─▶ fits ─▶ Transcript  (publisher_match.py)
media ─speech worker─▶ windows, each a checkpoint ─▶ Transcript
spans to hear again ─speech worker, a model each─▶ HeardAgain, merged into the present Transcript
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import ClassVar, Literal

from core import errors
from core.domain.episodes.episode import Episode
from core.domain.episodes.publisher_extras import SuppliedTranscript
from core.domain.jobs.job import Job, Stage
from core.domain.transcripts.hearing_again import HearAgain, batches, merge
from core.domain.transcripts.provenance import Checked
from core.domain.transcripts.transcript import Transcript, Window
from core.files.stored_names import inside
from core.message import Message
from core.pipeline.gpu import taker_of
from core.pipeline.step import Checkpoint, Need, Step, StepContext, StepInput
from core.pipeline.steps.publisher_match import Candidate
from core.settings import Settings
from core.speech.request import Progress, SpeechRequest
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episodes, hear_again, transcription_runs
from core.store.text import notes, transcripts
from core.transactions.publisher_extras import name_speakers, to_compare
from core.transactions.replace_transcript import add_heard, rename_again, renames, replace_transcript


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """The settings that the step reads, named as in `Settings`."""

    audio_language: str
    whisper_model: str
    device: Literal["auto", "cuda", "cpu"]
    compute_type: str
    batch_size: int
    chinese_script: Literal["simplified", "traditional", "as_heard"]
    window_minutes: float
    hf_endpoint: str

    @classmethod
    def of(cls, settings: Settings) -> SpeechSettings:
        return cls(**{each.name: getattr(settings, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeInput(StepInput):
    """`again` are the spans to hear again instead of the whole audio, with the `transcript` that they belong to.

    `published` is the
    publisher's transcript if it is to be used when it fits. `coming` is the audio that will most likely be requested next,
    relative to the data folder.
    """

    settings: SpeechSettings
    transcript: Transcript | None = None
    published: SuppliedTranscript | None = None
    again: tuple[HearAgain, ...] = ()
    coming: str | None = None


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """The windows that a model heard in the spans of `wishes`, to be inserted where the transcript has no words."""

    wishes: tuple[HearAgain, ...]
    windows: tuple[Window, ...]


class Transcribe(Step):
    name: ClassVar[str] = Stage.TRANSCRIBE.value
    after: ClassVar[tuple[str, ...]] = (Stage.FETCH.value,)
    needs: ClassVar[frozenset[Need]] = frozenset({Need.GPU, Need.CPU})
    input: ClassVar[type[StepInput]] = TranscribeInput
    values: ClassVar[tuple[type, ...]] = (Transcript, HeardAgain)

    def inputs(self, db: Database, job: Job, *, settings: Settings, now: float) -> TranscribeInput:
        episode = episodes.get(db, job.episode_id)
        again = hear_again.of_episode(db, job.episode_id)
        return TranscribeInput(
            job=job,
            episode=episode,
            settings=SpeechSettings.of(settings),
            transcript=transcripts.find(db, job.episode_id) if again else None,
            published=to_compare(db, episode, settings.publisher_transcript),
            again=again,
            coming=_coming(db, now=now),
        )

    def run(self, given: TranscribeInput, ctx: StepContext) -> Transcript | HeardAgain:
        return _hear_again(given, ctx) if given.again else _hear_all(given, ctx)

    def save(self, db: Database, job: Job, value: Transcript | HeardAgain, *, now: float) -> None:
        if isinstance(value, HeardAgain):
            _put_in(db, job.episode_id, value, now=now)
        else:
            _replace(db, job.episode_id, value, now=now)


# --- hearing ------------------------------------------------------------------------------------------


def _hear_all(given: TranscribeInput, ctx: StepContext) -> Transcript:
    lent = ctx.resources
    request = speech_request(given.episode, given.settings, lent.data)
    request = replace(request, coming=inside(lent.data, given.coming))
    prefix = _fingerprint(given.episode, request)
    done = [Window.from_dict(dict(payload)) for key, payload in given.checkpoints.items() if key.startswith(prefix)]

    def on_window(window: Window) -> None:
        ctx.emit(Checkpoint(f"{prefix}{window.index:06d}", window.to_dict()))

    def on_progress(progress: Progress) -> None:
        ctx.report(progress.fraction, progress.to_dict())

    ctx.report(0.0, {"phase": "loading"})
    checked: Checked | None = None
    name = Message(f"transcription of episode {given.episode.id}", "taker.transcription", id=given.episode.id)
    with lent.gpu.speech(taker_of(ctx, name)) as hold:
        if given.published:
            candidate = Candidate(given.published, given.episode, given.checkpoints, request)
            found = candidate.compare(lent.speech, ctx)
            if found.checked.used:
                ctx.report(1.0, {"phase": "done", "duration": candidate.duration})
                return candidate.transcript(found)
            checked = found.checked
        transcript = lent.speech.transcribe(
            request, done, on_window=on_window, on_progress=on_progress, cancelled=ctx.cancelled, lease=hold
        )
    ctx.report(1.0, {"phase": "done", "real_time_factor": transcript.real_time_factor, "duration": transcript.duration})
    return replace(transcript, checked=checked)


def _hear_again(given: TranscribeInput, ctx: StepContext) -> HeardAgain:
    lent, transcript = ctx.resources, given.transcript
    if transcript is None:
        raise errors.Permanent("There is no transcript. Retry the transcription.", case="no_transcript")
    request = speech_request(given.episode, given.settings, lent.data)
    asked = batches(given.again, transcript.duration)
    total = sum(end - start for spans in asked.values() for start, end in spans)
    windows: list[Window] = []
    done = 0.0
    ctx.report(0.0, {"phase": "loading"})
    name = Message(f"gaps in the transcript of episode {given.episode.id}", "taker.gaps", id=given.episode.id)
    with lent.gpu.speech(taker_of(ctx, name)) as hold:
        for model, spans in asked.items():
            seconds = sum(end - start for start, end in spans)

            def on_progress(progress: Progress, before: float = done, share: float = seconds) -> None:
                heard = progress.phase == "comparing"
                fraction = (before + share * progress.fraction) / total if heard else before / total
                ctx.report(fraction, progress.to_dict() | ({"phase": "hearing_again"} if heard else {}))

            windows += lent.speech.listen(
                replace(request, model=model), spans, on_progress=on_progress, cancelled=ctx.cancelled, lease=hold
            )
            done += seconds
    found = merge(transcript, given.again, windows).seconds
    ctx.report(1.0, {"phase": "done", "found": found, "asked": round(sum(w.end - w.start for w in given.again), 3)})
    return HeardAgain(given.again, tuple(windows))


def speech_request(
    episode: Episode, settings: SpeechSettings | Settings, data: Path, *, media: Path | None = None
) -> SpeechRequest:
    """Return the request for speech recognition: the episode's own settings first, then the global ones. Raises MediaMissing.

    `media` is a file from elsewhere, named by the user.
    """
    media = inside(data, episode.media_path) if media is None else media
    if media is None or not media.is_file():
        raise errors.MediaMissing(
            f"The audio file {episode.media_path} is no longer in the data folder. Put it back, or retry the fetch."
        )
    language = episode.language or settings.audio_language
    return SpeechRequest(
        media=media,
        model=episode.model or settings.whisper_model,
        device=settings.device,
        compute_type=settings.compute_type,
        batch_size=settings.batch_size,
        language=None if language in ("", "auto") else language,
        chinese_script=settings.chinese_script,
        window_seconds=settings.window_minutes * 60.0,
        models_dir=data / "models",
        hf_endpoint=settings.hf_endpoint,
    )


def _fingerprint(episode: Episode, request: SpeechRequest) -> str:
    """Return the prefix of the checkpoint keys, so that windows of a run with other settings are not reused."""
    wishes = [episode.sha256, request.model, request.language, request.chinese_script]
    return hashlib.sha256(json.dumps(wishes).encode()).hexdigest()[:12] + ":"


def _coming(db: Database, *, now: float) -> str | None:
    following = leases.next_job(db, Stage.TRANSCRIBE, now=now)
    return episodes.get(db, following.episode_id).media_path if following else None


# --- saving -------------------------------------------------------------------------------------------


def _replace(db: Database, episode_id: int, transcript: Transcript, *, now: float) -> None:
    given = renames(db, episode_id)
    replace_transcript(db, episode_id, transcript, now=now)
    name_speakers(db, episode_id, now=now)
    rename_again(db, episode_id, given, now=now)
    notes.outdate(db, episode_id)
    heard = episodes.get(db, episode_id).sha256
    episodes.change(db, episode_id, {"duration": transcript.duration, "heard_sha256": heard}, now=now)
    if transcript.duration > 0 and transcript.wall_seconds > 0 and not transcript.by_publisher:
        transcription_runs.add(db, episode_id, transcript, now=now)


def _put_in(db: Database, episode_id: int, heard: HeardAgain, *, now: float) -> None:
    """Insert the windows into the transcript.

    Notes stay current, because their quotes still stand; their coverage falls, because the
    transcript has grown.
    """
    hear_again.forget(db, episode_id)
    merged = add_heard(db, episode_id, heard.wishes, heard.windows, now=now)
    if merged is None:
        return
    before, after = merged.length
    notes.read_less(db, episode_id, before / after if after else 1.0, merged.moved)
    jobs.begin_again(db, episode_id, Stage.SUMMARISE)
    jobs.publish_again(db, episode_id)
