"""The task of a large export: one episode after another into a zip that is whole, or is not there."""

from __future__ import annotations

import errno
import threading
import zipfile
from pathlib import Path

import pytest

from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.export import bundle
from core.export.bundle import ArchiveEntry, ZipFileOnDisk
from core.services.library.export_archives import ExportArchives, file
from core.services.library.export_task import ExportTask
from core.services.library.exports import LEFT_OUT, Exports
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.text import transcripts
from tests.memory import peak
from tests.runner_fixture import Rig
from tests.services.library.conftest import NOW, left


def test_the_zip_holds_what_was_asked_for_and_names_what_it_could_not(
    rig: Rig, export_tasks: Tasks, bundles: ExportArchives
) -> None:
    done = rig.add(title="Done")
    rig.run_all()
    waiting = rig.add(title="Waiting")
    run = export_tasks.wait(bundles.begin(OWNER, [waiting, done, done], ["md", "srt"], now=NOW).id)
    assert (run.state, run.total, run.detail["exported"], file(run)) == (State.DONE, 2, 1, "CastMind 2026-01-31 120000.zip")
    with zipfile.ZipFile(bundles.path(OWNER, file(run))) as made:
        assert made.testzip() is None
        assert made.namelist() == ["Done.md", "Done.srt", LEFT_OUT]
        assert f"Episode {waiting}" in made.read(LEFT_OUT).decode()
    assert left(rig) == [file(run)]


def test_a_stopped_one_leaves_nothing(
    rig: Rig, export_tasks: Tasks, bundles: ExportArchives, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [rig.add() for _ in range(12)]
    rig.run_all()
    begun, go_on, real = threading.Event(), threading.Event(), ZipFileOnDisk.put

    def slowly(self: ZipFileOnDisk, entry: ArchiveEntry) -> None:
        real(self, entry)
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(ZipFileOnDisk, "put", slowly)
    run = bundles.begin(OWNER, ids, ["txt"], now=NOW)
    assert begun.wait(30)
    export_tasks.cancel(run.id)
    go_on.set()
    ended = export_tasks.wait(run.id)
    assert (ended.state, ended.done, file(ended), left(rig)) == (State.CANCELLED, 1, "", [])


def test_one_that_a_stop_has_ended_is_made_anew(
    rig: Rig, export_tasks: Tasks, bundles: ExportArchives, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [rig.add() for _ in range(3)]
    rig.run_all()
    begun, go_on, real = threading.Event(), threading.Event(), ZipFileOnDisk.put

    def slowly(self: ZipFileOnDisk, entry: ArchiveEntry) -> None:
        real(self, entry)
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(ZipFileOnDisk, "put", slowly)
    run = bundles.begin(OWNER, ids, ["txt"], now=NOW)
    assert begun.wait(30)
    stopping = threading.Thread(target=export_tasks.stop)
    stopping.start()
    export_tasks._stopping.wait()
    go_on.set()
    stopping.join()
    assert (export_tasks.get(run.id).state, left(rig)) == (State.QUEUED, [])
    export_tasks.start()
    made = export_tasks.wait(run.id)
    assert (made.state, made.done, made.detail["exported"], left(rig)) == (State.DONE, 3, 3, [file(made)])


def test_a_full_disk_is_said_and_leaves_nothing(
    rig: Rig, export_tasks: Tasks, bundles: ExportArchives, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = rig.add()
    rig.run_all()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(bundle, "_put", full)
    run = export_tasks.wait(bundles.begin(OWNER, [episode], ["txt"], now=NOW).id)
    assert (run.state, (run.error or {})["code"], left(rig)) == (State.FAILED, "disk_full", [])


def written(data: str, path: str, ids: list[int]) -> None:
    """Makes a bundle on disk."""
    store = Store(Path(path))
    store.open()
    exports, tasks = Exports(store), Tasks(store)
    tasks.register(ExportTask(exports, Path(data)))
    tasks.start()
    bundles = ExportArchives(exports, tasks, Path(data))
    assert tasks.wait(bundles.begin(OWNER, ids, ["json"], now=NOW).id).detail["exported"] == len(ids)
    tasks.stop()
    store.close()


@pytest.mark.long
def test_ten_times_as_many_take_no_more_memory(rig: Rig) -> None:
    said = tuple(Segment(i, i * 3.0, i * 3.0 + 2, f"Sentence {i} of a talk that goes on for a while.") for i in range(60))
    ids: list[int] = []

    def add(db: Database) -> None:
        for _ in range(400):
            ids.append(episodes.add(db, {"title": "A talk", "source": "upload"}, now=rig.now))
            transcripts.save(db, ids[-1], Transcript("en", 180.0, said, SpeechEngine("demo")), now=rig.now)

    rig.store.write(add)
    few, many = (peak(written, str(rig.data), str(rig.store.path), ids[:count]) for count in (40, 400))
    assert many < few + 1_000_000
