"""`kill -9` at seeded random points of every stage: whatever was asked for ends done, once, with nothing left behind.

The rounds and the proof stand in tests/kills.py, for containers are killed in the same way.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.kills import (
    SPANS,
    STAGES,
    ask_for,
    check_everything_is_there,
    kill_again_and_again,
    settings,
    wait_for_stage,
    worker_of,
)
from tests.running import RunningApp


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        server.behave(delay=0.2)
        yield server


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as server:
        yield server


def kill_the_server(tmp_path: Path, ollama: FakeOllama, host: PodcastHost, rounds: int) -> None:
    with RunningApp(tmp_path / "data", **settings(ollama)) as app:
        kill_again_and_again(app, host, rounds, seed=20261122)


def kill_the_worker(tmp_path: Path, ollama: FakeOllama, host: PodcastHost, rounds: int) -> None:
    chance = random.Random(20261123)
    ids, killed = [], 0
    with RunningApp(tmp_path / "data", **settings(ollama)) as app:
        for number in range(rounds):
            ids.append(ask_for(app, host, number))
            wait_for_stage(app, ids[-1], "transcribe")
            time.sleep(chance.uniform(0, SPANS["transcribe"]))
            if pid := worker_of(app.pid):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        assert killed >= rounds // 2
        check_everything_is_there(app, ids)


def test_a_kill_of_the_server_in_each_stage_loses_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_server(tmp_path, ollama, host, len(STAGES))


@pytest.mark.long
def test_four_kills_of_the_worker_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_worker(tmp_path, ollama, host, 4)


@pytest.mark.long
def test_fifty_kills_of_the_server_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_server(tmp_path, ollama, host, 50)


@pytest.mark.long
def test_fifty_kills_of_the_worker_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_worker(tmp_path, ollama, host, 50)
