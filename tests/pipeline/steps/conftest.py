"""Real steps: the speech worker of the demo model, a fake Ollama over HTTP, a fake podcast host."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.jobs.job import Stage
from core.llm.ollama import FoundServer, find
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.pipeline.gpu import Card, GpuLease
from core.pipeline.step import Resources
from core.settings import PROJECT
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from tests.fakes.ollama import FakeOllama
from tests.runner_fixture import Rig, real_runs

SAMPLES = PROJECT / "demo" / "samples"
F, T, S, P = Stage


def locate(configured: str) -> FoundServer:
    return find([configured])


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server


@pytest.fixture
def real(store: Store, tmp_path: Path, speech: SpeechClient, ollama: FakeOllama) -> Iterator[Rig]:
    """A rig whose stages are the real ones."""
    environ = {"OLLAMA_HOST": ollama.url, "CASTMIND_NOTES_ENGINE": "auto", "CASTMIND_MIN_FREE_GB": "0"}
    rig = Rig(store, tmp_path, environ)
    model = LanguageModel(lambda: rig.settings.values, locate=locate)
    fetcher = Fetcher(lambda: ("127.0.0.1",))
    gpu = GpuLease(speech, card=Card, ollama=model.client, on_processor=model.on_processor)
    rig.stages = real_runs(Resources(tmp_path, speech, model, gpu, fetcher))
    yield rig
    fetcher.close()


def take_in(rig: Rig, sample: str) -> int:
    path = rig.data / sample
    shutil.copyfile(SAMPLES / sample, path)
    return rig.ingest.take_file(path).episode.id


def exported(rig: Rig, suffix: str) -> str:
    (found,) = (rig.data / "exports").glob(f"*{suffix}")
    return found.read_text(encoding="utf-8")
