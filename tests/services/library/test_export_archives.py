"""Large exports: on disk, some at a time, whole or not at all."""

from __future__ import annotations

import errno
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.export import bundle
from core.export.bundle import ArchiveEntry, ZipFileOnDisk
from core.services.library.background_actions import ActionOutcome, BackgroundActions
from core.services.library.export_archives import FOLDER, KEPT_SECONDS, ExportArchives
from core.services.library.exports import LEFT_OUT, Exports
from core.store.db.database import Store
from core.store.library import episodes
from core.store.text import transcripts
from tests.memory import peak
from tests.runner_fixture import Rig

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def bulk() -> Iterator[BackgroundActions]:
    made = BackgroundActions()
    yield made
    made.stop()


@pytest.fixture
def bundles(rig: Rig, bulk: BackgroundActions) -> ExportArchives:
    return ExportArchives(rig.exports, bulk, rig.data)


def left(rig: Rig) -> list[str]:
    return sorted(path.name for path in (rig.data / FOLDER).glob("*"))


def test_the_zip_holds_what_was_asked_for_and_names_what_it_could_not(
    rig: Rig, bulk: BackgroundActions, bundles: ExportArchives
) -> None:
    done = rig.add(title="Done")
    rig.run_all()
    waiting = rig.add(title="Waiting")
    run = bulk.wait(bundles.begin([waiting, done, done], ["md", "srt"], now=NOW).number)
    assert (run.outcome, run.total, run.changed, run.result) == (ActionOutcome.DONE, 2, 1, "CastMind 2026-01-31 120000.zip")
    with zipfile.ZipFile(bundles.path(run.result or "")) as made:
        assert made.testzip() is None
        assert made.namelist() == ["Done.md", "Done.srt", LEFT_OUT]
        assert f"Episode {waiting}" in made.read(LEFT_OUT).decode()
    assert left(rig) == [run.result]


def test_what_cannot_be_is_refused_before_it_begins(rig: Rig, bulk: BackgroundActions, bundles: ExportArchives) -> None:
    with pytest.raises(errors.NotFound):
        bundles.begin([99], ["md"], now=NOW)
    with pytest.raises(errors.UserError):
        bundles.begin([rig.add()], [], now=NOW)
    for name in ("", "..", "../../castmind.db", "x.zip"):
        with pytest.raises(errors.NotFound):
            bundles.path(name)
    assert bulk.runs() == []


def test_a_stopped_one_leaves_nothing(
    rig: Rig, bulk: BackgroundActions, bundles: ExportArchives, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [rig.add() for _ in range(12)]
    rig.run_all()
    begun, go_on, real = threading.Event(), threading.Event(), ZipFileOnDisk.put

    def slowly(self: ZipFileOnDisk, entry: ArchiveEntry) -> None:
        real(self, entry)
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(ZipFileOnDisk, "put", slowly)
    run = bundles.begin(ids, ["txt"], now=NOW)
    assert begun.wait(30)
    bulk.cancel(run.number)
    go_on.set()
    ended = bulk.wait(run.number)
    assert (ended.outcome, ended.done, ended.result, left(rig)) == (ActionOutcome.STOPPED, 1, None, [])


def test_a_full_disk_is_said_and_leaves_nothing(
    rig: Rig, bulk: BackgroundActions, bundles: ExportArchives, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = rig.add()
    rig.run_all()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(bundle, "_put", full)
    run = bulk.wait(bundles.begin([episode], ["txt"], now=NOW).number)
    assert (run.outcome, (run.error or {})["code"], left(rig)) == (ActionOutcome.FAILED, "disk_full", [])


def test_they_are_there_for_a_day(rig: Rig, bulk: BackgroundActions, bundles: ExportArchives) -> None:
    episode = rig.add()
    rig.run_all()
    run = bulk.wait(bundles.begin([episode], ["txt"], now=NOW).number)
    (rig.data / FOLDER / "left by a crash.part").write_bytes(b"PK")
    bundles.step()
    assert len(left(rig)) == 2
    for path in (rig.data / FOLDER).iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - KEPT_SECONDS - 1))
    bundles.step()
    assert left(rig) == []
    with pytest.raises(errors.NotFound):
        bundles.path(run.result or "")


def written(data: str, path: str, ids: list[int]) -> None:
    """Makes a bundle on disk."""
    store, bulk = Store(Path(path)), BackgroundActions()
    store.open()
    bundles = ExportArchives(Exports(store), bulk, Path(data))
    assert bulk.wait(bundles.begin(ids, ["json"], now=NOW).number).changed == len(ids)
    bulk.stop()
    store.close()


def test_ten_times_as_many_take_no_more_memory(rig: Rig) -> None:
    said = tuple(Segment(i, i * 3.0, i * 3.0 + 2, f"Sentence {i} of a talk that goes on for a while.") for i in range(60))
    ids: list[int] = []

    def add(db: Any) -> None:
        for _ in range(400):
            ids.append(episodes.add(db, {"title": "A talk", "source": "upload"}, now=rig.now))
            transcripts.save(db, ids[-1], Transcript("en", 180.0, said, SpeechEngine("demo")), now=rig.now)

    rig.store.write(add)
    few, many = (peak(written, str(rig.data), str(rig.store.path), ids[:count]) for count in (40, 400))
    assert many < few + 1_000_000


def test_a_part_is_no_zip_until_it_is_finished(tmp_path: Path) -> None:
    made = ZipFileOnDisk(tmp_path / "a" / "b.zip", now=NOW)
    made.put(ArchiveEntry("one.txt", b"1"))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.part"]
    assert zipfile.ZipFile(made.finish()).namelist() == ["one.txt"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.zip"]
