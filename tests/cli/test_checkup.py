"""`python -m core doctor` as somebody at a terminal meets it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from core import __main__ as command_line
from core.ops.doctor import examinations
from core.ops.doctor.examinations import EXAMINATIONS
from core.store.db.folder_lock import DataFolderLock
from tests.ops.backup import library

# Those that start a worker or ask other programs have tests of their own.
QUICK = [each for each in EXAMINATIONS if each.name in ("secrets", "permissions", "leftovers", "database", "clock")]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A filled data folder with an open key, for commands in this process."""
    folder = tmp_path / "data"
    library.fill(folder)
    (folder / "secret.key").write_text("key")
    (folder / "secret.key").chmod(0o644)
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(folder))
    monkeypatch.setenv("CASTMIND_ENV", "test")
    monkeypatch.setenv("CASTMIND_LANGUAGE", "en")
    monkeypatch.setattr(examinations.examine, "__kwdefaults__", examinations.examine.__kwdefaults__ | {"examinations": QUICK})
    return folder


def test_it_tells_what_is_wrong_and_ends_with_one(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert f"Others can read {data / 'secret.key'}" in said and "Run chmod 600" in said and "\x1b" not in said


def test_it_speaks_chinese_where_the_locale_does(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASTMIND_LANGUAGE", "auto")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    command_line.main(["doctor"])
    assert "其他用户可以读取" in capsys.readouterr().out


def test_a_fix_is_said_before_it_is_done_and_done_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command_line.main(["doctor", "--fix", "--dry-run"])
    assert "Would make" in capsys.readouterr().out and (data / "secret.key").stat().st_mode & 0o777 == 0o644
    assert command_line.main(["doctor", "--fix"]) == 0
    assert "readable for its owner only" in capsys.readouterr().out
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert command_line.main(["doctor", "--fix"]) == 0
    assert "Nothing to fix" in capsys.readouterr().out


def test_it_needs_no_lock(data: Path) -> None:
    lock = DataFolderLock(data)
    lock.acquire()
    try:
        assert command_line.main(["doctor"]) == 1
    finally:
        lock.release()


def test_a_broken_index_is_rebuilt(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["reindex"]) == 0
    with closing(sqlite3.connect(data / "castmind.db")) as db, db:
        (live,) = db.execute("SELECT live FROM search_state").fetchone()
        db.execute(f"UPDATE search_{live}_data SET block = x'00112233' WHERE id > 10")
    assert command_line.main(["doctor"]) == 2
    assert command_line.main(["doctor", "--fix"]) == 0
    assert "Rebuilt the search index" in capsys.readouterr().out


def test_json_and_a_bundle(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "support.zip"
    assert command_line.main(["doctor", "--json", "--fix", "--bundle", str(target)]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["status"] == 0 and {deed["code"] for deed in body["fixed"]} == {"secret_modes", "folders"}
    assert {"group", "said", "remedy", "code"} <= body["findings"][0].keys()
    assert zipfile.is_zipfile(target)


def test_a_bundle_goes_into_a_folder_that_exists(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["doctor", "--bundle", str(data / "none" / "x.zip")])
    assert ended.value.code == 2 and "a folder that exists" in capsys.readouterr().err


def test_a_broken_database_is_a_finding(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "castmind.db").write_text("this is no database " * 100)
    assert command_line.main(["doctor"]) == 2
    assert "The database is damaged" in capsys.readouterr().out
