"""`kill -9` of the whole program while it does long work: after the next start the work is done, with nothing twice."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.text import transcripts
from tests.new_database import new_database
from tests.running import RunningApp, wait_for

EPISODES = 60
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


def finished(app: RunningApp, number: int) -> dict[str, object] | None:
    told: dict[str, object] = app.client.get(f"/api/v1/bundles/{number}").json()
    return None if told["state"] == "running" else told
