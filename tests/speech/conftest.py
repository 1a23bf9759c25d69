"""Speech of the demo grammar, and one warm worker for the tests that only need some worker."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.domain.transcripts.transcript import Transcript, Window
from core.settings import PROJECT
from core.speech.client.client import SpeechClient
from core.speech.request import Progress, SpeechRequest
from tests.words import error_rate, grammar

SAMPLES = PROJECT / "demo" / "samples"


def error_share(reference: str, text: str) -> float:
    wrong, total = error_rate(reference, text)
    return wrong / total


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


class Listener:
    """Runs a request and records its reports; `on_window` and `on_progress` may be replaced."""

    def __init__(self, client: SpeechClient) -> None:
        self.client = client
        self.windows: list[Window] = []
        self.progress: list[Progress] = []
        self.on_window: Callable[[Window], object] = lambda window: None
        self.on_progress: Callable[[Progress], object] = lambda progress: None
        self.cancelled = False

    def hear(self, media: Path, **options: Any) -> Transcript:
        request = SpeechRequest(**{"media": media, "model": "demo", **options})
        return self.client.transcribe(
            request, list(self.windows), on_window=self._window, on_progress=self._progress, cancelled=lambda: self.cancelled
        )

    def _window(self, window: Window) -> None:
        self.windows.append(window)
        self.on_window(window)

    def _progress(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.on_progress(progress)


@pytest.fixture(scope="session")
def warm_client() -> Iterator[SpeechClient]:
    client = SpeechClient()
    yield client
    client.stop()


@pytest.fixture
def listener(warm_client: SpeechClient) -> Listener:
    return Listener(warm_client)


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """A listener with a client of its own, for tests that end or kill the worker."""
    client = SpeechClient()
    yield Listener(client)
    client.stop()


@pytest.fixture(scope="session")
def built_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stand-in for the NVIDIA driver's library."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("driver")
    source = PROJECT / "tests" / "fakes" / "nvidia_driver.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(folder / "libcuda.so.1"), str(source)], check=True)
    return folder


@pytest.fixture
def nvidia_driver(built_driver: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives processes that start from now on that driver, in the mood that is asked for."""

    def install(mood: str) -> None:
        monkeypatch.setenv("LD_LIBRARY_PATH", str(built_driver))
        monkeypatch.setenv("FAKE_DRIVER", mood)

    return install


def speak(folder: Path, language: str, seconds: float, seed: int, **options: Any) -> tuple[Path, str]:
    """A recording of the demo grammar, and its words."""
    clip = grammar().make_episode(random.Random(seed), language, seconds, **options)
    path = folder / f"{language}-{seed}.wav"
    grammar().write_wav(path, clip.audio)
    return path, clip.text


@pytest.fixture
def synthesise(tmp_path: Path) -> Callable[..., tuple[Path, str]]:
    return partial(speak, tmp_path)
