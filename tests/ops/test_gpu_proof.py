"""The proof of the card: with none, with a driver whose CUDA does not work, and with one that does.

The last needs a real card, so the client stands in for the worker there; the driver is a library that answers as NVIDIA's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.jobs.worker_status import WorkerStatus
from core.domain.transcripts.transcript import SpeechEngine
from core.llm.ollama import OllamaClient
from core.ops import gpu_proof
from core.ops.notes_trial import sample_transcript
from core.ops.reports import Report
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.gpu_file import GpuFile
from core.settings import Settings
from core.speech.client.client import SpeechClient
from core.speech.request import Probe
from tests.cli.test_trial_runs import run
from tests.speech.conftest import built_driver, nvidia_driver  # noqa: F401

GIB = 1024**3
CARD = gpu_proof.Seen("RTX 3060", 12 * GIB, 11 * GIB, "8.6")


class WorkingCard:
    """Answers as the speech client does where CUDA works; the loaded model takes `taken` bytes until `stop`."""

    def __init__(self, taken: int, *, model: str = "demo", present: bool = True) -> None:
        self._taken, self._model, self._present = taken, model, present
        self.asked: list[tuple[str, str]] = []
        self.loaded = False

    def look(self) -> gpu_proof.Seen:
        return replace(CARD, free=CARD.free - (self._taken if self.loaded else 0))

    def probe(self, request: Any) -> Probe:
        return Probe("cuda", CARD.name, "float16", self._model, self._present, "why", vram_total=CARD.total)

    def transcribe(self, request: Any, *_: Any, **__: Any) -> Any:
        self.asked.append((request.model, request.device))
        self.loaded = True
        return replace(sample_transcript("en"), engine=SpeechEngine(request.model, device="cuda", compute_type="float16"))

    def status(self) -> WorkerStatus:
        return WorkerStatus(running=True)

    def stop(self) -> None:
        self.loaded = False


def prove(client: Any, folder: Path, *, look: Callable[[], gpu_proof.Seen] = gpu_proof.seen, **given: str) -> Report:
    settings = Settings(data_dir=folder, whisper_model="demo", device="cpu")
    gpu = GpuLease(client, card=lambda: Card(CARD.total), ollama=absent, on_processor=lambda client, model: True, folder=folder)
    return gpu_proof.prove(settings, client, version="1.2.3", say=lambda _: None, given=given, gpu=gpu, look=look)


def absent() -> OllamaClient:
    raise errors.OllamaUnreachable("It is off.")


def test_without_a_card_the_report_says_why_and_proves_nothing(tmp_path: Path) -> None:
    report = prove(SpeechClient(), tmp_path, look=lambda: gpu_proof.Seen(error="no NVIDIA driver was found"), kernel="6.6-WSL2")
    assert not report.passed
    assert (report.facts["proven"], report.facts["kernel"]) == ("no", "6.6-WSL2")
    assert report.markdown().endswith("- card: none: no NVIDIA driver was found\n")


def test_this_computer_s_driver_is_asked() -> None:
    seen = gpu_proof.seen()
    assert seen.error or seen.total >= seen.free > 0


def test_the_driver_s_own_words_are_seen(nvidia_driver: Callable[[str], None]) -> None:  # noqa: F811
    nvidia_driver("working")
    assert gpu_proof.seen() == gpu_proof.Seen("Imaginary RTX", 12 * GIB, 7 * GIB, "8.6")
    nvidia_driver("broken")
    assert "unknown error" in gpu_proof.seen().error
    nvidia_driver("crashing")
    assert "looking at the card ended" in gpu_proof.seen().error


@pytest.mark.long
def test_speech_that_fell_back_to_the_processor_proves_nothing(
    nvidia_driver: Callable[[str], None],  # noqa: F811
    tmp_path: Path,
) -> None:
    nvidia_driver("working")
    report = prove(SpeechClient(), tmp_path)
    assert not report.passed
    assert (report.facts["proven"], report.facts["card"], report.facts["free before (MiB)"]) == ("no", "Imaginary RTX", 7168)
    (run,) = report.runs
    assert run["device"] == "cpu" and "it ran on the cpu" in run["error"] and "CUDA" in run["error"]


def test_speech_on_the_card_is_proven_with_the_memory_it_took(tmp_path: Path) -> None:
    client = WorkingCard(taken=GIB)
    report = prove(client, tmp_path, look=client.look, driver="580.65")
    assert report.passed
    assert report.facts["proven"] == "yes" and report.facts["driver"] == "580.65"
    assert (report.facts["free before (MiB)"], report.facts["free after (MiB)"]) == (11264, 11264)
    assert [(run["model"], run["device"], run["card memory taken (MiB)"]) for run in report.runs] == [("demo", "cuda", 1024)]
    assert report.runs[0]["wrong"] == 0


def test_nobody_else_has_the_card_while_it_is_proven(tmp_path: Path) -> None:
    client, taken = WorkingCard(taken=GIB), []

    def look() -> gpu_proof.Seen:
        other = GpuFile(tmp_path)
        taken.append(other.take())
        other.give()
        return client.look()

    assert prove(client, tmp_path, look=look).passed
    assert set(taken) == {False}
    afterwards = GpuFile(tmp_path)
    assert afterwards.take()
    afterwards.give()


@pytest.mark.parametrize(("present", "models"), [(True, ["demo", "small"]), (False, ["demo"])])
def test_the_configured_model_is_tried_when_nothing_needs_to_be_downloaded(
    present: bool, models: list[str], tmp_path: Path
) -> None:
    client = WorkingCard(taken=GIB, model="small", present=present)
    report = prove(client, tmp_path, look=client.look)
    assert client.asked == [(model, "cuda") for model in models]
    assert report.passed


@pytest.mark.long
def test_the_command_keeps_a_report_and_ends_with_1_where_nothing_is_proven(tmp_path: Path) -> None:
    if Path("/dev/nvidia0").exists():
        pytest.skip("this computer has a card")
    done = run("doctor", "--card", "--fact", "WSL2=6.6.87", folder=tmp_path, CASTMIND_WHISPER_MODEL="demo")
    assert done.returncode == 1, done.stderr
    (kept,) = (tmp_path / "reports").glob("card-*.md")
    assert "- proven: no" in kept.read_text() and "- WSL2: 6.6.87" in kept.read_text()
    assert run("doctor", "--card", "--fact", "nonsense", folder=tmp_path).returncode == 2
