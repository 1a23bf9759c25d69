"""Trials of the doctor: try parts of CastMind on this computer by using them.

    speech()   audio ─► the configured model and device     ─► real-time factor, memory, words wrong (demo model)
    notes()    the samples' transcripts ─► the user's own Ollama  ─► share of verified points, coverage, seconds

Neither touches the library; both run beside a server.
"""

from __future__ import annotations

import logging
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.episodes.episode import Episode, Source
from core.domain.jobs.gpu_line import Priority
from core.domain.transcripts.transcript import Transcript
from core.errors import CastMindError
from core.llm import machine
from core.llm.ollama import OllamaClient
from core.notes.chunk_notes import least_context
from core.notes.language_model import LanguageModel
from core.notes.summarise import NotesRequest
from core.ops.notes_trial import SAMPLES, Say, Trial, sample_transcript
from core.ops.reports import Report
from core.ops.word_error_rate import word_errors
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.gpu_queue import Taker
from core.pipeline.steps.transcribe import speech_request
from core.settings import Settings
from core.speech.client.client import SpeechClient
from core.speech.request import DEMO_MODEL, SpeechRequest

log = logging.getLogger(__name__)

SAMPLE_LANGUAGES = ("en", "zh")
MIB = 1024**2


def request_for(file: Path, settings: Settings, *, model: str | None = None, language: str | None = None) -> SpeechRequest:
    """Return the request that the pipeline would make for this file. Raises MediaMissing."""
    return speech_request(episode_for(file, model=model, language=language), settings, settings.data, media=file.absolute())


def episode_for(file: Path, *, model: str | None = None, language: str | None = None) -> Episode:
    """Return a file outside the library as an episode; its id is 0."""
    when = file.stat().st_mtime if file.exists() else time.time()
    return Episode(0, file.stem, Source.UPLOAD, when, when, media_path=str(file.absolute()), model=model, language=language)


# --- speech -----------------------------------------------------------------------------------------


def lease(settings: Settings, client: SpeechClient) -> GpuLease:
    """Return the card's lease for a command, shared with a server that uses the same data folder."""
    language_model = LanguageModel(lambda: settings)
    return GpuLease(
        client,
        card=cache(lambda: _card(settings, client)),
        ollama=language_model.client,
        on_processor=language_model.on_processor,
        folder=settings.data,
    )


def _card(settings: Settings, client: SpeechClient) -> Card:
    try:
        probe = client.probe(request_for(SAMPLES / "en_episode.mp3", settings))
    except CastMindError as error:
        log.warning("whether there is a card could not be found out: %s", error)
        return Card()
    return Card(probe.vram_total if probe.device == "cuda" else 0)


def taker(name: str, say: Say) -> Taker:
    """Return the user at the terminal as a taker, told once when another holds the card."""
    told = cache(lambda _: say(f"{name} waits until the server gives the card back"))
    return Taker(name, Priority.PERSON, tell=told)


def speech(
    settings: Settings, client: SpeechClient, *, file: Path | None = None, version: str, say: Say, gpu: GpuLease
) -> Report:
    """Transcribe the bundled samples, or `file`, with the current settings. A failed run is kept in the report."""
    media = [file] if file else [SAMPLES / f"{language}_episode.mp3" for language in SAMPLE_LANGUAGES]
    probe = client.probe(request_for(media[0], settings))
    facts = {
        "version": version,
        "model": probe.model,
        "device": f"{probe.device} ({probe.device_name})",
        "compute type": probe.compute_type,
        "why": probe.reason,
        "card not used because": probe.cuda_error or "-",
        "card memory (MiB)": probe.vram_total // MIB,
        "cores": probe.cpu_count,
        "memory (MiB)": probe.memory // MIB,
    }
    runs, evidence = [], {}
    for one in media:
        say(f"transcribing {one.name}")
        with gpu.speech(taker("doctor --speech", say)):
            run, transcript = transcribed(settings, client, one, file is None and probe.model == DEMO_MODEL)
        runs.append(run)
        if transcript and file is None:
            # The user's own audio stays out of a report that may be shared.
            evidence[one.name] = transcript.text
    return Report("speech", facts, runs, evidence)


def transcribed(settings: Settings, client: SpeechClient, media: Path, scored: bool) -> tuple[dict[str, Any], Transcript | None]:
    name = media.name if media.parent == SAMPLES else f"own file ({media.suffix})"
    started = time.monotonic()
    try:
        transcript = client.transcribe(request_for(media, settings), (), on_window=_ignore, on_progress=_ignore, cancelled=_never)
    except CastMindError as error:
        return {"audio": name, "error": f"{error.code}: {error.detail}"}, None
    seconds = time.monotonic() - started
    run: dict[str, Any] = {
        "audio": name,
        "language": transcript.language,
        "audio seconds": round(transcript.duration, 1),
        "seconds with loading": round(seconds, 1),
        "real-time factor": round(transcript.real_time_factor, 4),
        "device": transcript.engine.device,
        "compute type": transcript.engine.compute_type,
        "worker memory, peak (MiB)": _peak_memory(client.status().pid),
    }
    if scored:
        wrong, words = word_errors(_words(media), transcript.text)
        run |= {"words": words, "wrong": wrong}
    return run, transcript


def _peak_memory(pid: int | None) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None  # the worker has ended, or this is not Linux
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def _words(media: Path) -> str:
    rows = media.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return " ".join(row.split("\t", 2)[2] for row in rows)


# --- notes ------------------------------------------------------------------------------------------


def notes(settings: Settings, *, version: str, say: Say, gpu: GpuLease) -> Report:
    """Write notes on the samples' transcripts with the configured Ollama, and report progress.

    Parts of a sample that were read are kept in the report even if its notes fail or Ctrl-C ends them. Raises OllamaUnreachable,
    OllamaModelMissing, RemoteModel and NotAChatModel, with remedies; later failures are kept in the report.
    """
    language_model = LanguageModel(lambda: settings)
    client = language_model.client()
    choice = language_model.model(client)
    model = choice.name
    fit = language_model.fit(client, choice, max(SAMPLE_LANGUAGES, key=least_context))
    if not fit.num_ctx:
        return Report("notes", {"version": version, "model": model}, [{"language": "", "error": str(fit.why)}])
    installed = next((m for m in client.models() if m.name == model), None)
    facts: dict[str, Any] = {
        "version": version,
        "Ollama": client.version(),
        "model": model,
        "why this one": str(choice.why),
        "parameters": installed.parameters if installed else "",
        "quantization": installed.quantization if installed else "",
        "num_ctx": fit.num_ctx,
        "why no longer": str(fit.why) or "-",
    }
    if language_model.on_processor(client, model):
        client = client.tuned(threads=machine.spare_threads())
        facts["threads"] = machine.spare_threads()
    runs: list[dict[str, Any]] = []
    evidence: dict[str, Any] = {}
    for language in SAMPLE_LANGUAGES:
        request = NotesRequest(model, language, num_ctx=fit.num_ctx, wall_clock_seconds=settings.ollama_timeout_seconds)
        trial = Trial(client, sample_transcript(language), request, say, settings.notes_minutes)
        with gpu.llm(taker("doctor --notes", say), client, model):
            runs.append(trial.run())
        evidence |= {language: trial.written} if trial.written else {}
        if trial.stopped:
            break
    return Report("notes", facts | _placement(client, model), runs, evidence)


def _placement(client: OllamaClient, model: str) -> dict[str, str]:
    """Return how much of the model is on the card, while it is still loaded."""
    try:
        loaded = next((m for m in client.running() if m.name == model), None)
    except CastMindError as error:
        return {"on the card": f"unknown ({error.code})"}
    return {
        "on the card": f"{loaded.vram / loaded.size:.0%} of {loaded.size // MIB} MiB" if loaded and loaded.size else "unknown"
    }


def _ignore(*_: object) -> None:
    """Discard checkpoints, because a checkup is repeated instead of resumed."""


def _never() -> bool:
    return False
