"""Large exports: on disk, some at a time, whole or not at all."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from core import errors
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.export.bundle import ArchiveEntry, ZipFileOnDisk
from core.services.library.export_archives import KEPT_SECONDS, ExportArchives, file
from core.services.library.export_task import FOLDER
from tests.runner_fixture import Rig
from tests.services.library.conftest import NOW, left


def test_what_cannot_be_is_refused_before_it_begins(rig: Rig, export_tasks: Tasks, bundles: ExportArchives) -> None:
    with pytest.raises(errors.NotFound):
        bundles.begin(OWNER, [99], ["md"], now=NOW)
    with pytest.raises(errors.UserError):
        bundles.begin(OWNER, [rig.add()], [], now=NOW)
    for name in ("", "..", "../../castmind.db", "x.zip"):
        with pytest.raises(errors.NotFound):
            bundles.path(OWNER, name)
    assert export_tasks.listing() == []


def test_they_are_there_for_a_day(rig: Rig, export_tasks: Tasks, bundles: ExportArchives) -> None:
    episode = rig.add()
    rig.run_all()
    run = export_tasks.wait(bundles.begin(OWNER, [episode], ["txt"], now=NOW).id)
    (rig.data / FOLDER / "left by a crash.part").write_bytes(b"PK")
    bundles.step()
    assert len(left(rig)) == 2
    for path in (rig.data / FOLDER).iterdir():
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - KEPT_SECONDS - 1))
    bundles.step()
    assert left(rig) == []
    with pytest.raises(errors.NotFound):
        bundles.path(OWNER, file(run))


def test_a_part_is_no_zip_until_it_is_finished(tmp_path: Path) -> None:
    made = ZipFileOnDisk(tmp_path / "a" / "b.zip", now=NOW)
    made.put(ArchiveEntry("one.txt", b"1"))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.part"]
    assert zipfile.ZipFile(made.finish()).namelist() == ["one.txt"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.zip"]
