"""The listeners of a whole CastMind that is built and not started."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from core import app, events, settings
from core.domain.jobs.job import Stage
from core.events import Event, JobsQueued
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from tests.ops.replica.fake_litestream import fake_litestream
from tests.store.sealed.secrets import with_secrets

DOCS = Path(__file__).resolve().parent.parent / "docs"


RECIPE = re.compile(r"## Add an event listener.*?```python\n(.*?)```", re.DOTALL)


def built(data: Path) -> app.CastMind:
    """Not started."""
    return app.CastMind(settings.load({}, environ={"CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"}))


def test_litestream_closes_the_database_before_it_is_exchanged_and_opens_it_after(
    tmp_path: Path,
) -> None:
    castmind = built(tmp_path)
    with fake_litestream(castmind._store.path) as server:
        castmind.start()
        try:
            assert [what for what, _ in server.did] == ["/stop", "/start"]
            castmind._pause()
            assert [what for what, _ in server.did] == ["/stop", "/start", "/stop"]
            castmind._go_on()
            assert [what for what, _ in server.did] == ["/stop", "/start", "/stop", "/start"]
        finally:
            castmind.stop()


def test_the_recipe_of_the_docs_hears_events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(app, "LISTENERS", app.LISTENERS)
    found = RECIPE.search((DOCS / "recipes.md").read_text(encoding="utf-8"))
    assert found
    names: dict[str, Any] = {}
    exec(compile(found[1], "recipe", "exec"), names)
    bus = built(tmp_path).events
    bus.start()
    bus.publish(events.StepFailed(job_id=1, episode_id=1, step="fetch", code="not_audio", detail=""))
    bus.stop()
    assert names["failures"] == {"not_audio": 1}


def test_a_start_finishes_a_change_of_the_key_and_names_what_cannot_be_opened(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    castmind = built(tmp_path)
    castmind._store.open()
    vault = with_secrets(castmind._store)
    vault.prepare()
    castmind._check_secrets()
    assert not vault.successor.exists()
    assert "key for secrets was interrupted" in caplog.text and "credentials" not in caplog.text
    vault.path.unlink()
    castmind._check_secrets()
    assert "the credentials of the feed Talk; the credentials of the feed News" in caplog.text
    castmind._store.close()


@pytest.mark.parametrize(
    "event",
    [
        JobsQueued(),
        events.QueuePaused(),
        events.QueueResumed(),
        events.StepRequeued(job_id=1, episode_id=1, step="fetch"),
        events.CancelRequested(job_id=1, episode_id=1, step="fetch"),
    ],
)
def test_work_wakes_the_runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: Event) -> None:
    castmind, woken = built(tmp_path), threading.Event()
    monkeypatch.setattr(castmind._runner, "wake", woken.set)
    castmind.events.start()
    castmind.events.publish(event)
    castmind.events.stop()
    assert woken.is_set()


def test_notes_that_wait_for_a_model_go_on_when_one_is_there(tmp_path: Path) -> None:
    castmind = built(tmp_path)
    store = castmind._store
    store.open()

    def wait(db: Database) -> None:
        jobs.enqueue(db, episodes.add(db, {"title": "A talk", "source": "upload"}, now=0.0), priority=0, now=0.0)
        db.execute("UPDATE jobs SET state = 'waiting', not_before = 1e18 WHERE stage = 'summarise'")

    store.write(wait)
    castmind.events.publish(events.ModelPulled(model="llama3"))
    assert castmind.events.settle()
    assert {job.stage: job.not_before for job in jobs.of_episode(store.read(), 1)}[Stage.SUMMARISE] == 0
    store.close()
