"""The probe, and cards that are missing, fail, hang or break off: always the CPU in the end, and always said so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import errors
from core.speech.client.client import SpeechClient
from core.speech.client.worker_process import Child
from core.speech.request import Probe, SpeechRequest
from tests.speech.conftest import SAMPLES, Listener

HANG = ("sh", "-c", """echo '{"event": "trying", "device": "cuda"}'; exec sleep 60""")


def test_the_probe_says_what_auto_means_and_why(warm_client: SpeechClient, tmp_path: Path) -> None:
    request = SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path, device="cpu")
    probe = warm_client.probe(request)
    assert (probe.device, probe.compute_type, probe.model_present) == ("cpu", "int8", False)
    assert probe.model in ("tiny", "base", "small")
    assert probe.model in probe.reason
    assert probe.cpu_count >= 1 and probe.memory > 0
    assert warm_client.probe(request) is probe


def test_asking_for_a_card_that_is_not_there_falls_back_visibly(warm_client: SpeechClient, tmp_path: Path) -> None:
    if Path("/dev/nvidia0").exists():
        pytest.skip("this computer has a card")
    probe = warm_client.probe(SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path, device="cuda", model="demo"))
    assert probe.device == "cpu"
    assert probe.cuda_error and probe.cuda_error in probe.reason


@pytest.mark.long
def test_a_card_that_crashes_the_worker_is_left_alone_afterwards(tmp_path: Path) -> None:
    crash = 'print(\'{"event": "trying", "device": "cuda"}\', flush=True); import os; os.abort()'
    commands = [(sys.executable, "-c", crash), (sys.executable, "-m", "core.speech.worker")]
    client = SpeechClient(start_child=lambda: Child(commands.pop(0)))
    probe = client.probe(SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path, device="auto", model="demo"))
    assert probe.device == "cpu"
    assert probe.cuda_error and "SIGABRT" in probe.cuda_error
    client.stop()


@pytest.mark.long
def test_a_card_that_hangs_is_given_up_by_the_probe(tmp_path: Path) -> None:
    answer = Probe("cpu", "CPU", "int8", "base", False, "why").to_dict()
    commands = [HANG, ("sh", "-c", 'echo "$0"; cat > /dev/null', json.dumps({"event": "probe", "probe": answer}))]
    client = SpeechClient(start_child=lambda: Child(commands.pop(0)))
    request = SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path)
    assert client.probe(request, timeout=2.0).device == "cpu"
    client.stop()


@pytest.mark.long
def test_a_card_that_hangs_at_the_start_of_the_work_is_left_alone_afterwards() -> None:
    commands = [HANG, (sys.executable, "-m", "core.speech.worker")]
    own = Listener(SpeechClient(trying_seconds=0.2, start_child=lambda: Child(commands.pop(0))))
    with pytest.raises(errors.WorkerDied, match="gave no answer"):
        own.hear(SAMPLES / "en_short.wav")
    assert own.hear(SAMPLES / "en_short.wav").segments
    assert "the card gave no answer" in (own.client.status().reason or "")
    own.client.stop()


def test_a_card_that_breaks_off_is_left_alone_afterwards() -> None:
    broke = ("sh", "-c", """echo '{"event": "card_failed", "problem": "cuBLAS failed"}'; exec sleep 60""")
    commands = [broke, (sys.executable, "-m", "core.speech.worker")]
    own = Listener(SpeechClient(start_child=lambda: Child(commands.pop(0))))
    with pytest.raises(errors.WorkerDied, match="cuBLAS failed"):
        own.hear(SAMPLES / "en_short.wav")
    assert own.hear(SAMPLES / "en_short.wav").segments
    assert "the card broke off during the work: cuBLAS failed" in (own.client.status().reason or "")
    own.client.stop()


def test_a_driver_without_working_cuda_falls_back_visibly(nvidia_driver: Callable[[str], None], tmp_path: Path) -> None:
    nvidia_driver("working")
    own = Listener(SpeechClient())
    probe = own.client.probe(SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path))
    assert (probe.device, probe.vram_total) == ("cpu", 12 * 1024**3)
    assert probe.cuda_error and "CUDA" in probe.cuda_error and probe.cuda_error in probe.reason
    assert own.hear(SAMPLES / "en_short.wav", device="auto").segments
    assert probe.cuda_error in (own.client.status().reason or "")
    own.client.stop()


@pytest.mark.long
def test_a_driver_that_takes_the_worker_down_is_left_alone(nvidia_driver: Callable[[str], None], tmp_path: Path) -> None:
    nvidia_driver("crashing")
    client = SpeechClient()
    probe = client.probe(SpeechRequest(tmp_path / "any.mp3", models_dir=tmp_path))
    assert probe.device == "cpu"
    assert probe.cuda_error and "SIGABRT" in probe.cuda_error
    client.stop()
