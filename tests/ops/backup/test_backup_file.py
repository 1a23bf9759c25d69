"""The file of a backup, looked at without reading it to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.message import Message
from core.ops.backup.backup_file import look, verified


def test_a_file_that_is_no_backup_says_why_and_has_its_size_and_date(tmp_path: Path) -> None:
    path = tmp_path / "castmind-x.zip"
    path.write_bytes(b"no zip at all")
    found = look(path, "manual", path.stat())
    assert (found.name, found.kind, found.bytes, found.created_at) == (path.name, "manual", 13, path.stat().st_mtime)
    assert isinstance(found.error, Message) and found.error.key.startswith("error.")
    assert (found.version, found.counts) == ("", {})
    with pytest.raises(UserError):
        verified(path)


def test_one_that_was_deleted_meanwhile_is_told_of_too(tmp_path: Path) -> None:
    path = tmp_path / "castmind-x.zip"
    path.write_bytes(b"x")
    status = path.stat()
    path.unlink()
    found = look(path, "manual", status)
    assert isinstance(found.error, Message) and found.bytes == 1
