"""Shared by tests that kill CastMind, as a process or a container: the rounds, and the proof that nothing is lost.

round: request an episode ─▶ this round's step runs ─▶ a random moment ─▶ kill -9 ─▶ start again (without waiting)
at the end: every episode of every round is done; the database is intact
"""

from __future__ import annotations

import io
import random
import signal
import socket
import sqlite3
import time
import wave
from contextlib import closing
from pathlib import Path

from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.running import Server, wait_for
from tests.words import error_rate, words_of

SAMPLE = Path(__file__).resolve().parent.parent / "demo" / "samples" / "en_short.wav"
STAGES = ("fetch", "transcribe", "summarise", "publish")
# How long a stage of these episodes takes, about: the kill comes at a random moment of it.
SPANS = {"fetch": 0.5, "transcribe": 3.0, "summarise": 1.0, "publish": 0.05}
REPEATS = 4


def settings(ollama: FakeOllama) -> dict[str, str]:
    """Windows of six seconds, so that there are several to be killed between."""
    return {"OLLAMA_HOST": ollama.url, "CASTMIND_NOTES_ENGINE": "ollama", "CASTMIND_WINDOW_MINUTES": "0.1"}


def audio(number: int, repeats: int = REPEATS) -> bytes:
    """The short sample a few times, with a silence at the start that makes each number's bytes its own."""
    with wave.open(str(SAMPLE)) as source:
        frames, rate = source.readframes(source.getnframes()), source.getframerate()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(bytes(2 * (1600 + number)) + frames * repeats)
    return buffer.getvalue()


def ask_for(app: Server, host: PodcastHost, number: int) -> int:
    item = host.publish(f"episode-{number}.wav", f"Episode {number}", data=audio(number))
    answer = app.client.post("/api/v1/episodes/import", json={"url": host.audio_url(item.file), "title": f"Episode {number}"})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def wait_for_stage(app: Server, episode_id: int, stage: str) -> None:
    """Until the stage runs, or has run: the shortest ones may be over before they are seen."""
    wait_for(lambda: app.states(episode_id)[stage] in ("running", "done"), pause=0.01, why=app.last_words)


def worker_of(server: int) -> int | None:
    """Return the process id of the speech worker that the server with this id started, if one runs."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
            if parent == server and b"core.speech.worker" in command:
                return int(entry.name)
    return None


def half_an_upload(app: Server) -> socket.socket:
    """A connection that has sent half of a file and says no more."""
    connection = socket.create_connection(("127.0.0.1", app.port))
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="half.wav"\r\n\r\n'
    request = f"POST /api/v1/episodes HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    connection.sendall(request.encode() + b"Content-Length: 900000\r\n\r\n" + head + audio(999)[:200000])
    return connection


def check_everything_is_there(app: Server, ids: list[int]) -> None:
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
    assert app.stop() in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert [p.name for p in app.data.rglob("*.part*")] == []
    assert len(list((app.data / "exports").glob("*.md"))) == len(ids)
    with closing(sqlite3.connect(app.data / "castmind.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM transcripts").fetchone() == (len(ids),)
        assert db.execute("SELECT count(*) FROM notes WHERE engine = 'ollama'").fetchone() == (len(ids),)
        assert db.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (len(ids) * len(STAGES),)


def kill_again_and_again(app: Server, host: PodcastHost, rounds: int, *, seed: int) -> None:
    """`app` runs, with `settings`. It has ended when this returns."""
    chance = random.Random(seed)
    ids = []
    for number in range(rounds):
        stage = STAGES[number % len(STAGES)]
        ids.append(ask_for(app, host, number))
        with half_an_upload(app):
            wait_for_stage(app, ids[-1], stage)
            time.sleep(chance.uniform(0, SPANS[stage]))
            app.kill()
        app.start()
    check_everything_is_there(app, ids)
