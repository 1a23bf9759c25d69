"""A job that kills the server three times fails, jobs beside it succeed; a kill or stop from outside counts against no job."""

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

from core.domain.jobs.job import MAX_CRASHES, Job, Stage, State
from core.ops.last_run import FAULT_NAME, NAME, End, LastRun
from core.store.db.database import Store
from core.store.jobs import jobs, queue_views
from tests.ops.crashing import CURED, POISON
from tests.running import PROJECT, RunningApp, wait_for


def rows(data: Path) -> dict[str, Job]:
    """Return each episode's only job, by title."""
    store = Store(data / "castmind.db")
    with closing(store):
        store.open()
        titles = {row[0]: row[1] for row in store.read().execute("SELECT id, title FROM episodes")}
        return {titles[job.episode_id]: job for job in queue_views.in_states(store.read(), list(State))}


def started(data: Path, stage: Stage, how: str) -> int:
    command = [sys.executable, "-m", "tests.ops.crashing", str(data), stage.value, how]
    return subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, timeout=120).returncode


@pytest.mark.long
@pytest.mark.parametrize(("stage", "how"), [(Stage.FETCH, "segfault"), (Stage.TRANSCRIBE, "memory"), (Stage.SUMMARISE, "abort")])
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
    assert {(job.crashes, job.faults) for job in found.values()} == {(0, 0)}
    assert not (tmp_path / NAME).exists()

    store = Store(tmp_path / "castmind.db")
    with closing(store):
        store.open()
        store.write(lambda db: jobs.rerun(db, poison.episode_id, stage, priority=1, afresh=False))
        again = jobs.get(store.read(), poison.id)
        assert (again.crashes, again.faults) == (0, 0)
    assert started(tmp_path, stage, CURED) == 0
    assert rows(tmp_path)[POISON].state is State.DONE


@pytest.mark.long
@pytest.mark.parametrize(
    ("ends", "counted"),
    [
        (["killed", "power", "killed", "exit"], 3),
        pytest.param(["power"] * 4, 0, marks=pytest.mark.long),
        pytest.param(["segfault", "killed", "memory", "killed", "power"], 4, marks=pytest.mark.long),
    ],
)
def test_a_job_is_not_blamed_for_power_cuts_nor_for_who_kills_the_server(tmp_path: Path, ends: list[str], counted: int) -> None:
    assert 0 not in [started(tmp_path, Stage.TRANSCRIBE, how) for how in ends]
    store = Store(tmp_path / "castmind.db")
    with closing(store):
        store.open()
        # The next start counts the last exit.
        assert max(job.crashes for job in queue_views.in_states(store.read(), list(State))) >= counted - 1
    assert started(tmp_path, Stage.TRANSCRIBE, CURED) == 0
    assert {job.state for job in rows(tmp_path).values()} == {State.DONE}


KERNEL = "nr_free_pages 12\noom_kill {}\noom_kill_other 9\n"


@pytest.fixture
def run(tmp_path: Path) -> LastRun:
    (tmp_path / "boot_id").write_text("353e9663-4031-452d-ac40-60d8669dc6f9\n")
    (tmp_path / "vmstat").write_text(KERNEL.format(2))
    return LastRun(tmp_path, boot_id=tmp_path / "boot_id", vmstat=tmp_path / "vmstat")


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("boot_id", "aa3e9663-4031-452d-ac40-60d8669dc6f0\n", End.GONE),
        ("boot_id", "", End.UNTOLD),  # a kernel that hides it
        ("vmstat", KERNEL.format(3), End.FAULT),
        ("vmstat", KERNEL.format(0), End.UNTOLD),
        ("vmstat", "nr_free_pages 1\n", End.UNTOLD),
        ("vmstat", "oom_kill many\n", End.UNTOLD),
        (FAULT_NAME, "Fatal Python error: Segmentation fault\n", End.FAULT),
        (NAME, "4711\n", End.UNTOLD),  # as earlier versions wrote it
        (NAME, "", End.UNTOLD),  # the disk was full
        (NAME, '["boot", 1]', End.UNTOLD),
        (NAME, "\udcff", End.UNTOLD),
    ],
)
def test_how_it_ended_is_told_by_what_is_left(run: LastRun, tmp_path: Path, name: str, content: str, how: End) -> None:
    assert run.how_it_ended() is None
    run.begin()
    assert run.how_it_ended() is End.UNTOLD
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert run.how_it_ended() is how
    run.end()
    assert run.how_it_ended() is None


def test_the_boot_outweighs_what_else_is_left(run: LastRun, tmp_path: Path) -> None:
    run.begin()
    (tmp_path / FAULT_NAME).write_text("Fatal Python error: Aborted\n")
    (tmp_path / "boot_id").write_text("another\n")
    assert run.how_it_ended() is End.GONE


def test_who_was_killed_for_memory_long_before_the_end_is_forgotten(run: LastRun, tmp_path: Path) -> None:
    run.begin()
    (tmp_path / "vmstat").write_text(KERNEL.format(3))
    run.note()
    assert run.how_it_ended() is End.UNTOLD
    run.end()
    (tmp_path / "vmstat").write_text(KERNEL.format(4))
    run.note()
    assert run.how_it_ended() is None


@pytest.fixture
def silent() -> Iterator[str]:
    """Yield the URL of a server that accepts connections and never answers: a fetch from it runs until it is killed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/talk.mp3"


@pytest.mark.long
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
                app.kill()  # as `docker stop` does after its grace period
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
