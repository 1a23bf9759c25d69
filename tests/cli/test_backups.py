"""The restore drill as a user does it: CastMind itself in a process of its own, and the command line beside it.

a library: sample, upload, feed, own notes, a setting ─▶ backup ─▶ the data folder is wrecked ─▶ restore ─▶ every row and file
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.podcast_host import PodcastHost
from tests.ops.backup.library import rows, tree
from tests.running import PROJECT, RunningApp, command

SAMPLES = PROJECT / "demo" / "samples"


@pytest.fixture(scope="module")
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as server:
        yield server


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, host: PodcastHost) -> Iterator[RunningApp]:
    """A filled library, all of it done. Every test leaves it so."""
    with RunningApp(
        tmp_path_factory.mktemp("drill") / "data", CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo"
    ) as server:
        sample = server.upload(SAMPLES / "en_short.wav").json()["id"]
        server.wait_done(sample)
        server.client.put(f"/api/v1/episodes/{sample}/notes", json={"markdown": "# 我的笔记"}).raise_for_status()
        item = host.publish("fetched.ogg", "From the web", data=(SAMPLES / "mixed_noise.ogg").read_bytes())
        address = {"url": host.audio_url(item.file), "title": "From the web"}
        fetched = server.client.post("/api/v1/episodes/import", json=address).json()["id"]
        feed = {"url": host.feed_url, "auto_transcribe": False, "backlog": 0}
        server.client.post("/api/v1/feeds", json=feed).raise_for_status()
        server.client.patch("/api/v1/settings", json={"backlog": 7}).raise_for_status()
        for episode in (sample, fetched):
            server.wait_done(episode)
        yield server


def backup(app: RunningApp, *arguments: str) -> str:
    code, out, err = command(app, "backup", *arguments)
    assert code == 0, err
    return Path(out.partition(": ")[0]).name


def files(data: Path) -> dict[str, str]:
    found = tree(data, without=("backups", "logs", "reports", ".lock", ".running"))
    return {name: content for name, content in found.items() if not name.startswith(("castmind.db", "damaged-"))}


def wreck(data: Path) -> None:
    for path in data.glob("castmind.db*"):
        path.unlink()
    shutil.rmtree(data / "exports")
    for path in [*(data / "uploads").iterdir(), *(data / "media").iterdir()]:
        if path.is_file():
            path.write_bytes(b"scrambled")


def ask_all_the_while(app: RunningApp, over: threading.Event, answers: list[httpx.Response]) -> None:
    with httpx.Client(base_url=app.url, timeout=30.0, trust_env=False) as client:
        while not over.is_set():
            answers += [client.get("/api/v1/episodes"), client.get("/api/v1/jobs"), client.get("/health/ready")]


@pytest.mark.long
def test_a_running_server_restores_and_goes_on(app: RunningApp) -> None:
    name = backup(app, "--media")
    before: dict[str, Any] = app.client.get("/api/v1/episodes").json()
    first = min(item["id"] for item in before["items"])
    app.client.delete(f"/api/v1/episodes/{first}").raise_for_status()
    app.client.patch("/api/v1/settings", json={"backlog": 1}).raise_for_status()
    over, answers = threading.Event(), list[httpx.Response]()
    asking = threading.Thread(target=ask_all_the_while, args=(app, over, answers))
    asking.start()
    try:
        code, out, err = command(app, "restore", name, "--yes")
    finally:
        over.set()
        asking.join()
    assert code == 0, err + app.last_words()
    assert "The running CastMind is asked" in err and "restore-point" in out
    assert {answer.status_code for answer in answers} <= {200, 503}
    refused = [answer for answer in answers if answer.status_code == 503 and "health" not in str(answer.url)]
    assert all(answer.json()["code"] == "restoring" for answer in refused)
    assert app.ready()
    after = app.client.get("/api/v1/episodes").json()
    assert [item["id"] for item in after["items"]] == [item["id"] for item in before["items"]]
    assert app.client.get(f"/api/v1/episodes/{first}/audio").status_code == 200
    assert {row["name"]: row["value"] for row in app.client.get("/api/v1/settings").json()["items"]}["backlog"] == 7
    again = app.upload(SAMPLES / "silence.wav")
    assert again.status_code == 201
    app.wait_done(again.json()["id"])
    assert "Traceback" not in app.last_words()


def test_a_damaged_backup_is_refused_by_a_running_server_that_goes_on(app: RunningApp) -> None:
    name = backup(app)
    path = app.data / "backups" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    listed = app.client.get("/api/v1/episodes").json()
    code, _, err = command(app, "restore", name, "--yes")
    assert code == 1 and "backup_damaged" in err
    assert app.client.get("/api/v1/episodes").json() == listed
    path.unlink()


@pytest.mark.long
def test_without_a_terminal_and_without_yes_nothing_happens(app: RunningApp) -> None:
    name = backup(app)
    before = files(app.data)
    code, _, err = command(app, "restore", name)
    assert code == 2 and "--yes" in err
    assert files(app.data) == before
    code, out, _ = command(app, "verify", name)
    assert code == 0 and "whole" in out


def test_after_the_folder_was_wrecked_every_row_and_every_file_is_back(app: RunningApp) -> None:
    name = backup(app, "--media")
    app.stop()
    before, kept = rows(app.data / "castmind.db"), files(app.data)
    assert len(before["segments"]) > 1 and before["own_notes"] and before["feeds"] and before["notes"]
    wreck(app.data)
    code, out, err = command(app, "restore", name, "--yes")
    assert code == 0, err
    assert "Restored" in out and "damaged-" in out
    assert rows(app.data / "castmind.db") == before
    assert files(app.data) == kept
    app.start()
    assert app.client.get("/health").json()["checks"]["database"]["status"] == "pass"
    assert {row["name"]: row["value"] for row in app.client.get("/api/v1/settings").json()["items"]}["backlog"] == 7
