"""Files of a confined process: the files that it may write, and kernels that cannot restrict it."""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path

import pytest

from core.sandbox import parent, run
from tests.sandbox.attempted import attempt

FILES = ["write", "append", "update", "unlink", "rename", "truncate", "mkdir"]


def keeping(what: str, folder: Path, path: Path) -> bytes:
    return run("tests.sandbox.attempts", what, str(folder), str(path), timeout=60.0).output


@pytest.mark.parametrize("what", FILES)
def test_one_that_keeps_files_does_so_in_its_folder_alone(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    inside, outside = folder / "there", tmp_path / "there"
    for path in (inside, outside):
        path.write_text("as it was")
    assert keeping(what, folder, inside) == b"done"
    if held_to_folders():
        assert keeping(what, folder, outside) == b"PermissionError"
        assert (outside.read_text(), sorted(p.name for p in tmp_path.iterdir())) == ("as it was", ["own", "there"])


def held_to_folders() -> bool:
    """Whether this kernel has Landlock."""
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


@pytest.mark.parametrize("what", ["datagram", "unix", "pair", "fork", "run", "spawn", "kill", "chmod", "symlink"])
def test_one_that_keeps_files_still_has_no_socket_and_no_process(what: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    assert keeping(what, tmp_path, tmp_path / "there") == b"PermissionError"


@pytest.mark.parametrize("what", ["unheld", "with threads"])
def test_one_that_is_not_held_to_its_files_is_said_once_and_still_writes_none(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parent._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert attempt(what, tmp_path / "new").output == b"PermissionError"
    assert sum("not held to the files" in r.message for r in caplog.records) == 1
    parent._warn.cache_clear()
