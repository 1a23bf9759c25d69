"""`kill -9` at seeded random points of every stage: whatever was asked for ends done, once, with nothing left behind.

round: ask for an episode ─▶ its stage of this round runs ─▶ a random moment ─▶ kill -9 ─▶ start again (nothing is waited for)
at the end: every episode of every round is done; the database is whole
"""

from __future__ import annotations

import io
import os
import random
import signal
import socket
import sqlite3
import time
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.running import RunningApp, wait_for
from tests.words import error_rate, words_of

SAMPLE = Path(__file__).resolve().parent.parent / "demo" / "samples" / "en_short.wav"
STAGES = ("fetch", "transcribe", "summarise", "publish")
# How long a stage of these episodes takes, about: the kill comes at a random moment of it.
SPANS = {"fetch": 0.5, "transcribe": 3.0, "summarise": 1.0, "publish": 0.05}
REPEATS = 4


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        server.behave(delay=0.2)
        yield server


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as server:
        yield server


def running(folder: Path, ollama: FakeOllama) -> RunningApp:
    # Windows of six seconds, so that there are several to be killed between.
    return RunningApp(folder, OLLAMA_HOST=ollama.url, CASTMIND_NOTES_ENGINE="ollama", CASTMIND_WINDOW_MINUTES="0.1")


def audio(number: int) -> bytes:
    """The short sample four times, with a silence at the start that makes each number's bytes its own."""
    with wave.open(str(SAMPLE)) as source:
        frames, rate = source.readframes(source.getnframes()), source.getframerate()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(bytes(2 * (1600 + number)) + frames * REPEATS)
    return buffer.getvalue()


def ask_for(app: RunningApp, host: PodcastHost, number: int) -> int:
    item = host.publish(f"episode-{number}.wav", f"Episode {number}", data=audio(number))
    answer = app.client.post("/api/v1/episodes/import", json={"url": host.audio_url(item.file), "title": f"Episode {number}"})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def wait_for_stage(app: RunningApp, episode_id: int, stage: str) -> None:
    """Until the stage runs, or has run: the shortest ones may be over before they are seen."""
    wait_for(lambda: app.states(episode_id)[stage] in ("running", "done"), pause=0.01, why=app.last_words)


def half_an_upload(app: RunningApp) -> socket.socket:
    """A connection that has sent half of a file and says no more."""
    connection = socket.create_connection(("127.0.0.1", app.port))
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="half.wav"\r\n\r\n'
    request = f"POST /api/v1/episodes HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    connection.sendall(request.encode() + b"Content-Length: 900000\r\n\r\n" + head + audio(999)[:200000])
    return connection


def check_everything_is_there(app: RunningApp, ids: list[int]) -> None:
    for episode_id in ids:
        app.wait_done(episode_id, patience=180)
    reference = " ".join([words_of(SAMPLE)] * REPEATS)
    listed = app.client.get("/api/v1/episodes", params={"limit": 200}).json()["items"]
    assert sorted(item["id"] for item in listed) == sorted(ids)
    for episode_id in ids:
        transcript = app.client.get(f"/api/v1/episodes/{episode_id}/transcript").json()
        wrong, words = error_rate(reference, " ".join(s["text"] for s in transcript["segments"]))
        assert wrong <= 0.05 * words, transcript
        assert app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["engine"] == "ollama"
    # uvicorn ends in good order, and then raises the signal that it was given once more.
    assert app.stop() in (0, -signal.SIGTERM)
    assert [p.name for p in app.data.rglob("*.part*")] == []
    assert len(list((app.data / "exports").glob("*.md"))) == len(ids)
    with closing(sqlite3.connect(app.data / "castmind.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM transcripts").fetchone() == (len(ids),)
        assert db.execute("SELECT count(*) FROM notes WHERE engine = 'ollama'").fetchone() == (len(ids),)
        assert db.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (len(ids) * len(STAGES),)


def kill_the_server(tmp_path: Path, ollama: FakeOllama, host: PodcastHost, rounds: int) -> None:
    chance = random.Random(20261122)
    ids = []
    with running(tmp_path / "data", ollama) as app:
        for number in range(rounds):
            stage = STAGES[number % len(STAGES)]
            ids.append(ask_for(app, host, number))
            with half_an_upload(app):
                wait_for_stage(app, ids[-1], stage)
                time.sleep(chance.uniform(0, SPANS[stage]))
                app.kill()
            app.start()
        check_everything_is_there(app, ids)


def worker_of(app: RunningApp) -> int | None:
    """The process id of the speech worker, if one runs."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
            if parent == app.pid and b"core.speech.worker" in command:
                return int(entry.name)
    return None


def kill_the_worker(tmp_path: Path, ollama: FakeOllama, host: PodcastHost, rounds: int) -> None:
    chance = random.Random(20261123)
    ids, killed = [], 0
    with running(tmp_path / "data", ollama) as app:
        for number in range(rounds):
            ids.append(ask_for(app, host, number))
            wait_for_stage(app, ids[-1], "transcribe")
            time.sleep(chance.uniform(0, SPANS["transcribe"]))
            if pid := worker_of(app):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        assert killed >= rounds // 2
        check_everything_is_there(app, ids)


def test_ten_kills_of_the_server_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_server(tmp_path, ollama, host, 10)


def test_ten_kills_of_the_worker_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_worker(tmp_path, ollama, host, 10)


@pytest.mark.long
def test_fifty_kills_of_the_server_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_server(tmp_path, ollama, host, 50)


@pytest.mark.long
def test_fifty_kills_of_the_worker_lose_nothing(tmp_path: Path, ollama: FakeOllama, host: PodcastHost) -> None:
    kill_the_worker(tmp_path, ollama, host, 50)
