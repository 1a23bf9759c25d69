"""What each stage does, joining the rooms that never meet otherwise.

    fetch       enclosure ─download─▶ .part ─probe─▶ media/<sha256>   (an upload is there already: its presence is checked)
                an address that turns out to be a web page ─page─▶ .part, and what the page says of it
                the feed's chapters and transcript ─▶ Outcomes, none of which can fail the episode
    transcribe  the publisher's transcript ─a few spans heard─▶ fits ─▶ Transcript
                media ─speech worker─▶ windows, each a checkpoint ─▶ Transcript
                spans to hear again ─speech worker, a model each─▶ HeardAgain, put into the Transcript that is there
    summarise   Transcript ─▶ extractive Notes at once ─Ollama─▶ chunks, each a checkpoint ─▶ Notes
    publish     everything ─▶ Markdown, VTT and JSON under exports/

A stage gets what it needs in `Given`, speaks through `Work`, and touches no database.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core import errors
from core.domain.episode import Episode, Source
from core.domain.hearing_again import batches, merge
from core.domain.job import Stage
from core.domain.note import Notes
from core.domain.provenance import Checked
from core.domain.transcript import Transcript, Window
from core.export import files, forms
from core.export.forms import Form
from core.notes.context import NO_MEMORY, Fit
from core.notes.extractive import extract
from core.notes.pace import Pace
from core.notes.summarise import NotesRequest, summarise
from core.pipeline import machine
from core.pipeline.comparing import Candidate
from core.pipeline.gpu import GpuLease
from core.pipeline.language_model import LanguageModel
from core.pipeline.results import Checkpoint, Fetched, HeardAgain, Published
from core.pipeline.work import Given, StageRun, Work
from core.settings import PROJECT, Settings
from core.sources import download, page, parts, probe
from core.sources.inside import inside, is_there
from core.sources.supplied_fetch import fetch_all
from core.sources.web import Fetcher
from core.speech.client import SpeechClient
from core.speech.request import Progress, SpeechRequest

DEMO_MODEL = "demo"
GIGABYTE = 1_000_000_000
# The checkpoint that is no chunk: with which context length the others were read.
CONTEXT = "context"
# What lies under exports/ without being asked for: the user's own copy, should CastMind go.
PUBLISHED = (Form.MD, Form.VTT, Form.JSON)


@dataclass(frozen=True, slots=True)
class Stages:
    """The four stages over one data folder."""

    data: Path
    speech: SpeechClient
    language_model: LanguageModel
    gpu: GpuLease
    fetcher: Fetcher

    def table(self) -> Mapping[Stage, StageRun]:
        return {
            Stage.FETCH: self.fetch,
            Stage.TRANSCRIBE: self.transcribe,
            Stage.SUMMARISE: self.summarise,
            Stage.PUBLISH: self.publish,
        }

    # --- fetch ----------------------------------------------------------------------------------

    def fetch(self, given: Given, work: Work) -> Fetched:
        fetched = self._fetch_audio(given, work)
        language = given.episode.spoken_language or given.episode.language
        people = [person.name for person in given.episode.people]
        outcomes = fetch_all(given.offers, self.fetcher, language=language, check=work.check, access=given.access, people=people)
        return replace(fetched, supplied=tuple(outcomes))

    def _fetch_audio(self, given: Given, work: Work) -> Fetched:
        episode = given.episode
        anew = episode.fetch_anew_at is not None
        if episode.media_path and not anew and is_there(self.data, episode.media_path):
            return Fetched(episode.media_path)
        if not episode.enclosure_url:
            raise errors.MediaMissing(
                f"The audio file {episode.media_path} is no longer in the data folder, and there is no address to fetch it from. "
                "Put it back, or delete the episode."
            )
        media = self.data / "media"
        media.mkdir(parents=True, exist_ok=True)
        part = media / part_name(episode.id)
        least = int(given.settings.min_free_gb * GIGABYTE)
        parts.check_space(media, least, episode.enclosure_bytes or 0)

        def progress(done: int, total: int | None) -> None:
            share = done / total if total else 0.0
            work.report(min(share, 1.0), {"phase": "fetching", "done_bytes": done, "total_bytes": total or 0})

        size, sha256, about = self._into_part(given, work, part, least, progress)
        try:
            probed = probe.probe(part, name=episode.title)
        except errors.UserError:
            parts.discard(part)
            raise
        kept = parts.keep(part, media, sha256, probed.suffix)
        parts.discard(part)
        return Fetched(kept, probed.info(bytes=size, sha256=sha256), page=about)

    def _into_part(
        self, given: Given, work: Work, part: Path, least: int, progress: download.OnProgress
    ) -> tuple[int, str, page.About | None]:
        """(its length, its hash, what the web page says that it was found on)"""
        episode, url = given.episode, given.episode.enclosure_url or ""
        had = parts.size_of(part)
        try:
            got = download.download(
                url,
                part,
                fetcher=self.fetcher,
                on_progress=progress,
                check=work.check,
                min_free_bytes=least,
                expected_bytes=episode.enclosure_bytes,
                access=given.access,
            )
        except errors.CastMindError as error:
            if parts.size_of(part) > had:
                work.got_further()
            if episode.source is not Source.ADDRESS or not page.is_page(error):
                raise
        else:
            return got.bytes, got.sha256, None
        about = page.fetch(url, part, backend=self.fetcher.backend, on_progress=progress, check=work.check, min_free_bytes=least)
        return part.stat().st_size, parts.sha256_of(part), about

    # --- transcribe -----------------------------------------------------------------------------

    def transcribe(self, given: Given, work: Work) -> Transcript | HeardAgain:
        if given.again:
            return self._hear_again(given, work)
        request = speech_request(given.episode, given.settings, self.data)
        request = replace(request, coming=inside(self.data, given.coming))
        prefix = _fingerprint(given.episode, request)
        done = [Window.from_dict(dict(payload)) for key, payload in given.checkpoints.items() if key.startswith(prefix)]

        def on_window(window: Window) -> None:
            work.emit(Checkpoint(f"{prefix}{window.index:06d}", window.to_dict()))

        def on_progress(progress: Progress) -> None:
            work.report(progress.fraction, progress.to_dict())

        work.report(0.0, {"phase": "loading"})
        checked: Checked | None = None
        with self.gpu.speech(work):
            if given.published:
                candidate = Candidate(given.published, given, request)
                found = candidate.compare(self.speech, work)
                if found.checked.used:
                    work.report(1.0, {"phase": "done", "duration": candidate.duration})
                    return candidate.transcript(found)
                checked = found.checked
            transcript = self.speech.transcribe(
                request, done, on_window=on_window, on_progress=on_progress, cancelled=work.cancelled
            )
        work.report(1.0, {"phase": "done", "real_time_factor": transcript.real_time_factor, "duration": transcript.duration})
        return replace(transcript, checked=checked)

    def _hear_again(self, given: Given, work: Work) -> HeardAgain:
        transcript = _need(given.transcript)
        request = speech_request(given.episode, given.settings, self.data)
        asked = batches(given.again, transcript.duration)
        total = sum(end - start for spans in asked.values() for start, end in spans)
        windows: list[Window] = []
        done = 0.0
        work.report(0.0, {"phase": "loading"})
        with self.gpu.speech(work):
            for model, spans in asked.items():
                seconds = sum(end - start for start, end in spans)

                def on_progress(progress: Progress, before: float = done, share: float = seconds) -> None:
                    heard = progress.phase == "comparing"
                    fraction = (before + share * progress.fraction) / total if heard else before / total
                    work.report(fraction, progress.to_dict() | ({"phase": "hearing_again"} if heard else {}))

                windows += self.speech.listen(
                    replace(request, model=model), spans, on_progress=on_progress, cancelled=work.cancelled
                )
                done += seconds
        found = merge(transcript, given.again, windows).seconds
        work.report(1.0, {"phase": "done", "found": found, "asked": round(sum(w.end - w.start for w in given.again), 3)})
        return HeardAgain(given.again, tuple(windows))

    # --- summarise ------------------------------------------------------------------------------

    def summarise(self, given: Given, work: Work) -> Notes:
        transcript = _need(given.transcript)
        if given.notes is None:
            # Something to read at once; what the language model writes replaces it.
            work.emit(extract(transcript, transcript.language))
        if given.settings.notes_engine == "extractive" or not transcript.segments:
            return extract(transcript, transcript.language)
        try:
            return self._ask_ollama(given, transcript, work)
        except errors.OllamaUnreachable:
            self.language_model.forget()
            raise

    def _ask_ollama(self, given: Given, transcript: Transcript, work: Work) -> Notes:
        settings, episode = given.settings, given.episode
        client = self.language_model.client()
        choice = self.language_model.model(client, episode.notes_model or "")
        model, language = choice.name, notes_language(episode, settings, transcript)
        if self.language_model.on_processor(client, model):
            client = client.tuned(threads=machine.spare_threads())
        context = context_for(self.language_model.fit(client, choice, language), model, settings, given)
        request = NotesRequest(
            model=model,
            language=language,
            num_ctx=context.payload["num_ctx"],
            wall_clock_seconds=settings.ollama_timeout_seconds,
        )

        pace = Pace(lambda fraction, detail: work.report(fraction, {**detail, "model": model}))
        kept = {**given.checkpoints}

        def on_chunk(key: str, payload: dict[str, Any]) -> None:
            if kept.get(CONTEXT) != context.payload:
                work.emit(context)
                kept[CONTEXT] = context.payload
            work.emit(Checkpoint(key, payload))
            clock.waited(turn.pause())

        with self.gpu.notes(work, client, model) as turn:
            clock = Clock(settings.notes_minutes * 60.0)
            notes = summarise(
                transcript,
                request,
                client=client.tuned(watch=pace.said),
                done=given.checkpoints,
                on_chunk=on_chunk,
                on_progress=pace.moved,
                cancelled=work.cancelled,
                out_of_time=clock.over,
            )
        if notes.coverage < 1.0:
            # Something to read meanwhile; the parts that it was made of stay, to go on from.
            work.emit(notes)
            raise unfinished(notes, settings.notes_minutes)
        return notes

    # --- publish --------------------------------------------------------------------------------

    def publish(self, given: Given, work: Work) -> Published:
        _need(given.transcript)
        assert given.material is not None
        episode = given.episode
        beside = f"../{episode.media_path}" if inside(self.data, episode.media_path) else None
        material = replace(given.material, audio_address=beside)
        contents = {form.value: forms.write(material, form).decode() for form in PUBLISHED}
        work.check()
        written = files.write(self.data / "exports", files.file_name(episode.id, episode.title), contents)
        work.report(1.0, {"files": list(written)})
        return Published(tuple(written))


# --- deciding ---------------------------------------------------------------------------------------


def speech_request(episode: Episode, settings: Settings, data: Path, *, media: Path | None = None) -> SpeechRequest:
    """What to ask of speech recognition: the episode's own wishes first, then the settings. Raises MediaMissing.

    `media` is a file from elsewhere, which somebody named by hand.
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


def notes_language(episode: Episode, settings: Settings, transcript: Transcript) -> str:
    wanted = episode.notes_language or settings.notes_language
    if wanted and wanted != "auto":
        return wanted
    return transcript.language if transcript.language not in ("", "und") else "en"


def context_for(fit: Fit, model: str, settings: Settings, given: Given) -> Checkpoint:
    """The context length of this run, kept, so that a run that goes on cuts the transcript as the one before did.

    Raises ContextTooSmall where the model reads too little, OllamaNoMemory where it does not fit at all.
    """
    wanted = settings.ollama_num_ctx
    if not fit.num_ctx:
        kind = errors.OllamaNoMemory if fit.why.key == NO_MEMORY else errors.ContextTooSmall
        raise kind(f"{fit.why}. The transcript is kept; the notes go on by themselves.", **fit.why.params)
    before = given.checkpoints.get(CONTEXT, {})
    same = before.get("model") == model and before.get("wanted") == wanted
    num_ctx = min(int(before["num_ctx"]), fit.num_ctx) if same else fit.num_ctx
    return Checkpoint(CONTEXT, {"num_ctx": num_ctx, "model": model, "wanted": wanted})


def unfinished(notes: Notes, minutes: float) -> errors.NotesUnfinished:
    percent = int(100 * notes.coverage)
    return errors.NotesUnfinished(
        f"The notes took longer than the {minutes:g} minutes that they may: {percent} % of the transcript are read, and notes on "
        "that are kept. Try again to go on from there, or allow more time in the settings (notes_minutes).",
        minutes=f"{minutes:g}",
        percent=percent,
    )


class Clock:
    """Whether `seconds` of work are over, 0 for never; time that was spent waiting does not count."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._now = seconds, now
        self._since = now()

    def waited(self, seconds: float) -> None:
        self._since += seconds

    def over(self) -> bool:
        return 0 < self._seconds <= self._now() - self._since


def part_name(episode_id: int) -> str:
    """The same for every try of an episode, so that a broken download is found again."""
    return f"episode-{episode_id}.part"


def sample_file() -> Path:
    return PROJECT / "demo" / "samples" / "en_episode.mp3"


def sample_wishes() -> dict[str, Any]:
    """The sample is transcribed by the bundled model, whatever the settings say: it is chosen by choosing the sample."""
    return {"source": Source.SAMPLE.value, "model": DEMO_MODEL}


def _fingerprint(episode: Episode, request: SpeechRequest) -> str:
    """Windows of a run with other wishes are not gone on with: their keys start differently."""
    wishes = [episode.sha256, request.model, request.language, request.chinese_script]
    return hashlib.sha256(json.dumps(wishes).encode()).hexdigest()[:12] + ":"


def _need(transcript: Transcript | None) -> Transcript:
    if transcript is None:
        raise errors.Permanent("There is no transcript. Retry the transcription.")
    return transcript
