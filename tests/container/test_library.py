"""The library survives its container: stopped during a transcription, or killed at any moment.

stop during a transcription ─▶ finished windows are kept ─▶ start ─▶ continue with the next window, never repeat one
"""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import tempfile
import wave
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.container.engine import BASE, RunningContainer, docker
from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.kills import SAMPLE, half_an_upload, kill_again_and_again, settings
from tests.running import Server, wait_for
from tests.words import error_rate, words_of

pytestmark = [pytest.mark.container, pytest.mark.long]

# Five minutes, of which a window is six seconds: there is a middle to stop in, twice.
REPEATS = 60
WINDOW = "--env=CASTMIND_WINDOW_MINUTES=0.1"
# 48 kHz in two channels: more bytes than the buffers between a player and the server can hold.
LARGER = 6


@pytest.fixture
def address(engine: None) -> str:
    """Where containers reach servers of this computer, as Compose's files name it."""
    found = docker("run", "--rm", "--add-host=host.docker.internal:host-gateway", BASE, "getent", "hosts", "host.docker.internal")
    return found.stdout.split()[0]


@pytest.fixture
def ollama(address: str) -> Iterator[FakeOllama]:
    with FakeOllama(host=address) as server:
        server.behave(delay=0.2)
        yield server


@pytest.fixture
def host(address: str) -> Iterator[PodcastHost]:
    with PodcastHost(host=address) as server:
        yield server


def long_audio(target: Path) -> Path:
    with wave.open(str(SAMPLE)) as source:
        rate, frames = source.getframerate(), np.frombuffer(source.readframes(source.getnframes()), dtype=np.int16)
    assert rate == 16000
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate * LARGER // 2)
        for _ in range(REPEATS):
            file.writeframes(np.repeat(frames, LARGER).tobytes())
    return target


def paused_player(app: Server, episode_id: int) -> socket.socket:
    """A connection that asked for the audio and read no more than its beginning."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", app.port))
    connection.sendall(
        f"GET /api/v1/episodes/{episode_id}/audio HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\nRange: bytes=0-\r\n\r\n".encode()
    )
    assert connection.recv(1024).startswith(b"HTTP/1.1 206")
    return connection


@contextmanager
def database(data: Path) -> Iterator[sqlite3.Connection]:
    """A copy of it: opening the real one as root would leave files that CastMind's user may not write."""
    with tempfile.TemporaryDirectory() as folder:
        for path in data.glob("castmind.db*"):
            shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / "castmind.db")) as db:
            yield db


def windows_kept(data: Path) -> dict[str, float]:
    """The windows that are done, and when each was."""
    with database(data) as db:
        return dict(db.execute("SELECT key, created_at FROM checkpoints WHERE stage = 'transcribe'").fetchall())


def tries(data: Path) -> list[tuple[str, int]]:
    with database(data) as db:
        return db.execute("SELECT state, tries FROM jobs WHERE stage = 'transcribe'").fetchall()


def progress(app: Server, episode_id: int) -> float:
    found = next(stage for stage in app.episode(episode_id)["stages"] if stage["name"] == "transcribe")
    return float(found["progress"])


def stop_in_the_middle(app: Server, episode_id: int, beyond: float, *, player: bool) -> dict[str, float]:
    """Stops when the transcript is that far. Gives the windows that it has kept."""
    wait_for(lambda: progress(app, episode_id) > beyond, pause=0.02, patience=300, why=app.last_words)
    with ExitStack() as open_connections:
        if player:
            open_connections.enter_context(paused_player(app, episode_id))
            open_connections.enter_context(half_an_upload(app))
        said = app.last_words
        assert app.stop() != 137, f"it did not end within ten seconds. {said()}"
    assert tries(app.data) == [("queued", 0)]
    return windows_kept(app.data)


@pytest.mark.parametrize("player", [False, True], ids=["quiet", "player and upload open"])
def test_a_stop_in_mid_transcription_ends_in_time_and_no_window_is_done_twice(
    tmp_path: Path, data: Path, cpu_image: str, player: bool
) -> None:
    with RunningContainer(cpu_image, data, WINDOW) as app:
        audio = long_audio(tmp_path / "long.wav")
        episode_id = app.upload(audio).json()["id"]
        first = stop_in_the_middle(app, episode_id, 0.1, player=player)
        app.start()
        second = stop_in_the_middle(app, episode_id, 0.6, player=player)
        assert 0 < len(first) < len(second), json.dumps([first, second])
        assert {key: second[key] for key in first} == first
        app.start()
        app.wait_done(episode_id, patience=300)
        transcript = app.client.get(f"/api/v1/episodes/{episode_id}/transcript").json()
        wrong, words = error_rate(" ".join([words_of(SAMPLE)] * REPEATS), " ".join(s["text"] for s in transcript["segments"]))
        assert wrong <= 0.05 * words, transcript


def test_twenty_kills_at_random_lose_nothing(
    cpu_image: str, data: Path, ollama: FakeOllama, host: PodcastHost, address: str
) -> None:
    chosen = settings(ollama) | {"CASTMIND_ALLOWED_PRIVATE_HOSTS": address}
    with RunningContainer(cpu_image, data, *(f"--env={name}={value}" for name, value in chosen.items())) as app:
        kill_again_and_again(app, host, 20, seed=20261124)
