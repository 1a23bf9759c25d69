"""Whether a restored folder opens, and where the state before it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DatabaseDamaged
from core.ops.backup.manifest import DATABASE
from core.ops.backup.restorable import holds_something, kept_folder, opens, too_new, unreadable
from tests.new_database import new_database


def test_a_folder_for_what_is_kept_is_free(tmp_path: Path) -> None:
    first = kept_folder(tmp_path, 1e9)
    first.mkdir()
    second = kept_folder(tmp_path, 1e9)
    assert first.name.startswith("damaged-2001") and second.name == f"{first.name}-1"


def test_a_library_opens_and_a_broken_one_says_why(tmp_path: Path) -> None:
    new_database(tmp_path)
    opens(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"no database at all " * 100)
    with pytest.raises(DatabaseDamaged) as said:
        opens(tmp_path)
    assert "Nothing was changed" in unreadable(said.value).detail


def test_empty_and_hidden_files_are_nothing(tmp_path: Path) -> None:
    folder, file = tmp_path / "media", tmp_path / "a.mp3"
    assert not holds_something(folder)
    folder.mkdir()
    (folder / ".part").write_bytes(b"x")
    file.touch()
    assert not holds_something(folder) and not holds_something(file)
    (folder / "b.mp3").touch()
    file.write_bytes(b"x")
    assert holds_something(folder) and holds_something(file)


def test_a_later_step_of_the_schema_is_named() -> None:
    assert "0999_later" in too_new("0999_later").detail and too_new("0999_later").params == {"step": "0999_later"}
