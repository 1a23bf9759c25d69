"""One process at a time over a data folder."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataFolderLocked, DataFolderNotWritable, StartError
from core.store.db.folder_lock import DataFolderLock


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.store.db.folder_lock import DataFolderLock as L; "
        "l = L(Path(sys.argv[1])); l.acquire(); print('held', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        with pytest.raises(DataFolderLocked, match=str(other.pid)):
            DataFolderLock(tmp_path).acquire()
        other.kill()
    lock = DataFolderLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.acquire()
    lock.release()


def test_a_folder_that_cannot_be_made_is_said_with_the_user_id(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataFolderNotWritable, match=str(os.getuid())):
        DataFolderLock(tmp_path / "file" / "data").acquire()


def test_a_mount_without_locks_is_told_apart_from_another_castmind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("core.store.db.folder_lock.fcntl.flock", refuse)
    with pytest.raises(StartError, match="cannot be locked: No locks available"):
        DataFolderLock(tmp_path).acquire()
