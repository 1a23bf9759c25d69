"""`kill -9` of the whole program while it does long work: after the next start the work is done, with nothing twice."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.domain.feeds.imports import Outline
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.sources import opml
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.text import transcripts
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.new_database import new_database
from tests.running import RunningApp, wait_for

EPISODES = 60
# Sparse; large enough that a kill comes before its end.
UPLOAD_BYTES = 200_000_000
SAID = tuple(Segment(i, i * 3.0, i * 3.0 + 2, f"Sentence {i} of a talk that goes on for a while.") for i in range(100))


def library(data: Path) -> None:
    store = Store(new_database(data))
    store.open()

    def add(db: Database) -> None:
        for number in range(EPISODES):
            episode_id = episodes.add(db, {"title": f"Talk {number}", "source": "upload"}, now=1.0)
            transcripts.save(db, episode_id, Transcript("en", 300.0, SAID, SpeechEngine("demo")), now=1.0)

    store.write(add)
    store.close()


@pytest.mark.long
def test_an_export_that_a_kill_has_broken_off_is_whole_after_the_next_start(tmp_path: Path) -> None:
    library(tmp_path / "data")
    with RunningApp(tmp_path / "data") as app:
        begun = app.client.post("/api/v1/bundles", json={"filter": {}, "formats": ["md", "docx"]}).json()
        part = app.data / "bundles"
        wait_for(lambda: list(part.glob("*.part")), pause=0.01, why=app.last_words)
        app.kill()
        assert not list(part.glob("*.zip"))
        app.start()
        ended = wait_for(lambda: finished(app, begun["id"]), why=app.last_words)
        assert (ended["state"], ended["done"], ended["exported"]) == ("done", EPISODES, EPISODES)
        with zipfile.ZipFile(io.BytesIO(app.client.get(ended["file"]).content)) as made:
            assert made.testzip() is None and len(set(made.namelist())) == len(made.namelist()) == 2 * EPISODES
        assert not list(part.glob("*.part"))


@pytest.mark.long
def test_a_backup_that_a_kill_has_broken_off_is_made_after_the_next_start(tmp_path: Path) -> None:
    library(tmp_path / "data")
    upload = f"uploads/{'ab' * 32}.wav"
    (tmp_path / "data" / "uploads").mkdir()
    with (tmp_path / "data" / upload).open("wb") as file:
        file.truncate(UPLOAD_BYTES)
    with closing(sqlite3.connect(tmp_path / "data" / "castmind.db")) as db:
        db.execute("UPDATE episodes SET media_path = ? WHERE id = 1", [upload])
        db.commit()
    # Without the nightly one, which such an old library would get at once.
    with RunningApp(tmp_path / "data", CASTMIND_BACKUP_NIGHTLY="false") as app:
        folder = app.data / "backups"
        begun = app.client.post("/api/v1/backups").json()["running"]
        assert begun["kind"] == "manual"
        wait_for(lambda: list(folder.glob(".*.part")), pause=0.01, why=app.last_words)
        app.kill()
        assert list(folder.glob(".*.part")) and not list(folder.glob("*.zip"))
        app.start()
        ended = wait_for(lambda: made(app), why=app.last_words)
        assert ended["error"] is None
        assert [path.name for path in folder.iterdir()] == [ended["name"]]
        verified = app.client.post(f"/api/v1/backups/{ended['name']}/verify").json()
        assert verified["bytes"] > UPLOAD_BYTES and verified["skipped"] == []
        tasks = app.client.get("/api/v1/tasks").json()["items"]
        assert [task["state"] for task in tasks if task["kind"] == "backup"] == ["done"]


def made(app: RunningApp) -> dict[str, object] | None:
    told: dict[str, object] | None = app.client.get("/api/v1/backups").json()["last"]
    return told


def finished(app: RunningApp, number: int) -> dict[str, object] | None:
    told: dict[str, object] = app.client.get(f"/api/v1/bundles/{number}").json()
    return None if told["state"] == "running" else told


FEED = "/feed.xml"


def test_an_import_that_a_kill_has_broken_off_goes_on_and_subscribes_to_each_feed_once(tmp_path: Path) -> None:
    with PodcastHost() as host, RunningApp(tmp_path / "data") as app:
        urls = [f"{host.feed_url}?n={number}" for number in range(12)]
        # The last two of these are being fetched when the kill comes: a host is asked two at a time.
        host.play(FEED, *[Mode.OK] * 6, Mode.SILENT, Mode.SILENT)
        begun = app.client.post("/api/v1/opml", content=opml.write([Outline(url) for url in urls], title="Mine", now=0.0)).json()
        before = wait_for(lambda: import_task(app, done=6), why=app.last_words)
        assert (before["key"], before["what"], before["state"], before["total"]) == (str(begun["id"]), "opml", "running", 12)
        wait_for(lambda: sum(each.path.startswith(FEED) for each in host.requests()) == 8, why=app.last_words)
        app.kill()
        app.start()
        after = wait_for(lambda: import_task(app, state="done"), why=app.last_words)
        assert (after["id"], after["done"], after["total"], after["detail"]["added"]) == (before["id"], 12, 12, 12)
        assert sorted(feed["url"] for feed in app.client.get("/api/v1/feeds").json()["items"]) == sorted(urls)
        lines = app.client.get(f"/api/v1/imports/{begun['id']}/lines").json()["items"]
        assert [(line["url"], line["state"]) for line in lines] == [(url, "added") for url in urls]


@pytest.mark.long
def test_a_cancel_of_an_imports_task_is_kept_by_a_kill_that_follows_it(tmp_path: Path) -> None:
    with PodcastHost() as host, RunningApp(tmp_path / "data") as app:
        body = opml.write([Outline(f"{host.feed_url}?n={number}") for number in range(5)], title="Mine", now=0.0)
        host.play(FEED, *[Mode.SILENT] * 5)
        own = f"/api/v1/imports/{app.client.post('/api/v1/opml', content=body).json()['id']}"
        task = wait_for(lambda: import_task(app, state="running"), why=app.last_words)
        app.client.post(f"/api/v1/tasks/{task['id']}/cancel").raise_for_status()
        app.kill()
        app.start()
        told = app.client.get(own).json()
        assert (told["running"], told["counts"]["cancelled"], told["counts"]["waiting"]) == (False, 5, 0)
        assert [each["state"] for each in tasks_of(app)] == ["cancelled"]
        assert app.client.get("/api/v1/feeds").json()["items"] == []


def tasks_of(app: RunningApp) -> list[dict[str, Any]]:
    return [task for task in app.client.get("/api/v1/tasks").json()["items"] if task["kind"] == "import"]


def import_task(app: RunningApp, **wanted: object) -> dict[str, Any] | None:
    return next((task for task in tasks_of(app) if wanted.items() <= task.items()), None)
