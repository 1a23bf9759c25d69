"""Prove that speech recognition runs on this computer's card, and measure the card memory it needs.

free memory ─▶ the sample by the bundled model, on the card ─▶ free memory ─▶ the worker ends ─▶ free memory
               the same by the configured model, if it is on this computer and another one

A run that fell back to the processor counts as failed: the report proves the card, or names the obstacle.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.ops.doctor import trials
from core.ops.doctor.trials import MIB
from core.ops.notes_trial import SAMPLES, Say
from core.ops.reports import Report
from core.pipeline.gpu import GpuLease
from core.settings import Settings
from core.speech.client.client import SpeechClient
from core.speech.request import DEMO_MODEL

SAMPLE = SAMPLES / "en_episode.mp3"
LOOK_SECONDS = 60
# In a child process: a process that queries the card keeps some of its memory until it ends.
LOOK = """
import json
from core.speech.models.hardware import look
found = look()
card = found.card
print(json.dumps({"error": found.card_error} if card is None else {
    "name": card.name, "total": card.total, "free": card.free, "capability": ".".join(map(str, card.capability))}))
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The card at one moment; `total` and `free` are bytes. `error` is the reason why no card is visible."""

    name: str = ""
    total: int = 0
    free: int = 0
    capability: str = ""
    error: str = ""


def seen() -> Seen:
    """Query the driver in a short-lived child. Each figure contains the same memory of that child."""
    try:
        child = subprocess.run([sys.executable, "-c", LOOK], check=False, capture_output=True, text=True, timeout=LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return Seen(error=f"the NVIDIA driver gave no answer within {LOOK_SECONDS} s")
    if child.returncode:
        return Seen(error=f"looking at the card ended with {child.returncode}: {child.stderr.strip()[-200:]}")
    return Seen(**json.loads(child.stdout))


def prove(
    settings: Settings,
    client: SpeechClient,
    *,
    version: str,
    say: Say,
    given: Mapping[str, str],
    gpu: GpuLease,
    look: Callable[[], Seen] = seen,
) -> Report:
    """Return a report of kind `card`; `given` are facts that only the caller knows, such as the driver's version on the host.

    The card is held exclusively meanwhile, because its memory is measured.
    """
    with gpu.speech(trials.taker("doctor --card", say)):
        return _prove(settings, client, version=version, say=say, given=given, look=look)


def _prove(
    settings: Settings, client: SpeechClient, *, version: str, say: Say, given: Mapping[str, str], look: Callable[[], Seen]
) -> Report:
    before = look()
    facts: dict[str, Any] = {"version": version, **given}
    if before.error:
        return Report("card", facts | {"proven": "no", "card": f"none: {before.error}"}, ())
    facts |= {"card": before.name, "compute capability": before.capability, "card memory (MiB)": before.total // MIB}
    try:
        runs = [_run(model, settings, client, look=look, before=before, say=say) for model in _models(settings, client)]
    finally:
        client.stop()
    facts["free before (MiB)"] = before.free // MIB
    facts["free after (MiB)"] = look().free // MIB
    proven = not any(run.get("error") for run in runs)
    return Report("card", {"proven": "yes" if proven else "no"} | facts, runs)


def _models(settings: Settings, client: SpeechClient) -> list[str]:
    """Return the bundled model, and the configured one if no download is needed."""
    probe = client.probe(trials.request_for(SAMPLE, settings))
    return [DEMO_MODEL, *([probe.model] if probe.model_present and probe.model != DEMO_MODEL else [])]


def _run(
    model: str, settings: Settings, client: SpeechClient, *, look: Callable[[], Seen], before: Seen, say: Say
) -> dict[str, Any]:
    say(f"transcribing {SAMPLE.name} with {model}")
    on_card = settings.model_copy(update={"device": "cuda", "whisper_model": model})
    run, _ = trials.transcribed(on_card, client, SAMPLE, model == DEMO_MODEL)
    run = {"model": model} | run
    if run.get("error"):
        return run
    if run["device"] != "cuda":
        return run | {"error": f"it ran on the {run['device']}: {client.status().reason or 'no reason was given'}"}
    return run | {"card memory taken (MiB)": (before.free - look().free) // MIB}
