"""What brings the server down three times is given up, what ran beside it is done, and an end that was asked for is no crash."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.domain.job import MAX_CRASHES, Job, Stage, State
from core.ops.last_run import NAME, LastRun
from core.store import jobs
from core.store.db import Store
from tests.ops.crashing import CURED, POISON
from tests.running import PROJECT, RunningApp, wait_for


def rows(data: Path) -> dict[str, Job]:
    """The one job of each episode, by its title."""
    store = Store(data / "castmind.db")
    with closing(store):
        store.open()
        titles = {row[0]: row[1] for row in store.read().execute("SELECT id, title FROM episodes")}
        return {titles[job.episode_id]: job for job in jobs.in_states(store.read(), list(State))}


def started(data: Path, stage: Stage, how: str) -> int:
    command = [sys.executable, "-m", "tests.ops.crashing", str(data), stage.value, how]
    return subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, timeout=120).returncode


@pytest.mark.parametrize(
    ("stage", "how"),
    [
        (Stage.TRANSCRIBE, "killed"),
        pytest.param(Stage.FETCH, "segfault", marks=pytest.mark.long),
        pytest.param(Stage.SUMMARISE, "abort", marks=pytest.mark.long),
        pytest.param(Stage.PUBLISH, "exit", marks=pytest.mark.long),
    ],
)
def test_what_ends_the_server_three_times_is_given_up_and_what_ran_beside_it_is_done(
    tmp_path: Path, stage: Stage, how: str
) -> None:
    ends = [started(tmp_path, stage, how) for _ in range(MAX_CRASHES)]
    assert 0 not in ends
    assert rows(tmp_path)[POISON].state is State.RUNNING
    assert started(tmp_path, stage, how) == 0
    found = rows(tmp_path)
    poison = found.pop(POISON)
    assert (poison.state, poison.error and poison.error["code"]) == (State.FAILED, "server_keeps_ending")
    assert {job.state for job in found.values()} == {State.DONE}
    assert {job.crashes for job in found.values()} == {0}
    assert not (tmp_path / NAME).exists()

    store = Store(tmp_path / "castmind.db")
    with closing(store):
        store.open()
        store.write(lambda db: jobs.rerun(db, poison.episode_id, stage, priority=1, afresh=False))
        assert jobs.get(store.read(), poison.id).crashes == 0
    assert started(tmp_path, stage, CURED) == 0
    assert rows(tmp_path)[POISON].state is State.DONE


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers: a fetch from it runs until it is ended."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/talk.mp3"


def test_an_end_that_was_asked_for_counts_as_no_crash_even_where_it_is_cut_short(tmp_path: Path, silent: str) -> None:
    mark = tmp_path / "data" / NAME
    with RunningApp(tmp_path / "data") as app:
        episode = app.client.post("/api/v1/episodes/import", json={"url": silent}).json()["id"]

        def fetch() -> dict[str, Any]:
            found: dict[str, Any] = app.client.get("/api/v1/jobs").json()["items"][0]
            return found

        for ask in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            wait_for(lambda: app.states(episode)["fetch"] == "running", why=app.last_words)
            assert mark.exists()
            assert app._process
            app._process.send_signal(ask)
            wait_for(lambda: not mark.exists(), pause=0.001, why=app.last_words)
            if ask is signal.SIGTERM:
                app.kill()  # as `docker stop` does once its patience is at an end
            app._process.wait(30)
            app.start()
            assert fetch()["error"] is None
        wait_for(lambda: app.states(episode)["fetch"] == "running", why=app.last_words)
        app.kill()
        app.start()
        assert fetch()["error"]["code"] == "server_ended"


def test_a_mark_that_cannot_be_written_keeps_nobody_from_starting(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME).mkdir()
    run = LastRun(tmp_path)
    run.begin()
    run.end()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
