"""A start after the last server: its jobs go back into the queue, its partial files go, and what can be resumed stays."""

from __future__ import annotations

import pytest

from core.domain.jobs.job import MAX_CRASHES, Stage, State
from core.ops import recovery
from core.ops.last_run import End
from core.sources.media.download import part_name
from core.store.jobs import jobs, leases
from tests.runner_fixture import Rig


def run_one(rig: Rig) -> int:
    """Claim a fetch, as a server does that is then gone."""
    episode = rig.add()
    assert rig.store.write(lambda db: leases.claim(db, Stage.FETCH, now=rig.now))
    return episode


@pytest.mark.parametrize(("ended", "blamed"), [(None, (0, 0)), (End.GONE, (0, 0)), (End.UNTOLD, (1, 0)), (End.FAULT, (1, 1))])
def test_what_was_running_is_queued_again_and_blamed_for_what_the_server_did(
    rig: Rig, ended: End | None, blamed: tuple[int, int]
) -> None:
    episode = run_one(rig)
    recovery.take_back(rig.store, ended)
    job = rig.job(episode, Stage.FETCH)
    assert (job.state, job.lease_until, (job.crashes, job.faults)) == (State.QUEUED, 0.0, blamed)
    assert rig.states(episode) == "qqqq"


def test_a_job_that_brings_the_server_down_each_time_is_given_up(rig: Rig) -> None:
    episode = run_one(rig)
    for _ in range(MAX_CRASHES - 1):
        recovery.take_back(rig.store, End.FAULT)
        assert rig.store.write(lambda db: leases.claim(db, Stage.FETCH, now=rig.now + 1e6))
    recovery.take_back(rig.store, End.FAULT)
    job = rig.job(episode, Stage.FETCH)
    assert (job.state, (job.error or {}).get("code")) == (State.FAILED, "server_keeps_ending")


@pytest.mark.parametrize("ended", [None, End.GONE])
def test_a_cancel_that_was_asked_for_is_not_forgotten(rig: Rig, ended: End | None) -> None:
    episode = run_one(rig)
    job = rig.job(episode, Stage.FETCH)
    rig.store.write(lambda db: jobs.request_cancel(db, job.id, now=rig.now))
    recovery.take_back(rig.store, ended)
    assert rig.state(episode, Stage.FETCH) is State.CANCELLED


def test_partial_files_go_but_for_downloads_that_will_be_resumed(rig: Rig) -> None:
    waiting, done = rig.add(), rig.add()
    rig.store.write(lambda db: db.execute("DELETE FROM jobs WHERE episode_id = ?", [done]))
    kept = rig.data / "media" / part_name(waiting)
    gone = [rig.data / "media" / part_name(done), rig.data / "uploads" / "talk.part", rig.data / "exports" / ".1-talk.md.tmp"]
    others = [rig.data / "media" / "talk.mp3", rig.data / "exports" / "1-talk.md", rig.data / "exports" / ".note.tmp"]
    for path in (kept, *gone, *others):
        path.write_bytes(b"half")
        path.with_name(f"{path.name}.json").write_text("{}")
    recovery.sweep(rig.data, rig.queue, rig.ingest)
    assert kept.is_file() and kept.with_name(f"{kept.name}.json").is_file()
    assert [path.name for path in gone if path.exists()] == []
    assert all(path.is_file() for path in others)


def test_a_sweep_of_a_folder_that_is_not_there_yet_is_none(rig: Rig) -> None:
    (rig.data / "exports").rmdir()
    (rig.data / "media").rmdir()
    recovery.sweep(rig.data, rig.queue, rig.ingest)
    assert not (rig.data / "media").exists()
