from __future__ import annotations

import json
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.ops import logs

log = logging.getLogger("castmind.test")


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / logs.FILE).read_text(encoding="utf-8").splitlines()]


def test_each_record_is_one_json_object_with_what_it_concerns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(tmp_path / "logs", "INFO")
    log.info("window %d\nis done", 3, extra={"job_id": 5, "episode_id": 7, "stage": "transcribe"})
    log.debug("not kept")
    (row,) = rows(tmp_path / "logs")
    assert row["message"] == "window 3\nis done" and row["level"] == "INFO" and row["time"].endswith("+00:00")
    assert (row["job_id"], row["episode_id"], row["stage"]) == (5, 7, "transcribe")
    err = capsys.readouterr().err
    assert err.endswith("INFO castmind.test [job 5 episode 7 stage transcribe] window 3 is done\n")


def test_an_exception_is_kept_whole_in_the_file_and_short_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(tmp_path)
    try:
        raise ValueError("https://me:hunter2@pod.example/feed?token=abc123 broke")
    except ValueError as error:
        log.error("it failed", exc_info=error)
    (row,) = rows(tmp_path)
    err = capsys.readouterr().err
    assert "Traceback" in row["error"] and err.count("\n") == 1
    for text in (row["error"], err):
        assert "hunter2" not in text and "abc123" not in text and "pod.example" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:p@h.example/x", "https://***@h.example/x"),
        ("https://u:p@ss@h.example/x", "https://***@h.example/x"),
        ("http://h/f?token=s3cret&page=2", "http://h/f?token=***&page=2"),
        ("http://h/f?page=2&api_key=s3cret", "http://h/f?page=2&api_key=***"),
        ("http://h/f?X-Amz-Signature=s3cret", "http://h/f?X-Amz-Signature=***"),
        ("http://h/f?auth=s3cret#t", "http://h/f?auth=***#t"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': 'Basic ***'}"),
        ("a basic idea, monkey=banana, mail a@b.example", "a basic idea, monkey=banana, mail a@b.example"),
        ("http://h/a@b.mp3", "http://h/a@b.mp3"),
    ],
)
def test_secrets_are_taken_out_and_nothing_else(text: str, shown: str) -> None:
    assert logs.redact(text) == shown


def test_configuring_again_replaces_the_handlers(tmp_path: Path) -> None:
    logs.configure(tmp_path / "a")
    logs.configure(tmp_path / "b", "DEBUG")
    log.debug("once")
    assert len(rows(tmp_path / "b")) == 1
    assert not (tmp_path / "a" / logs.FILE).exists()


def test_the_files_stay_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    logs.configure(tmp_path)
    for _ in range(200):
        log.info("x" * 100)
    sizes = [p.stat().st_size for p in tmp_path.iterdir()]
    assert len(sizes) == logs.OLD_FILES + 1 and max(sizes) <= 2000


def test_half_a_character_does_not_lose_the_line(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    record = logging.makeLogRecord({"msg": "file \udcff.mp3", "levelno": logging.INFO, "levelname": "INFO"})
    # Straight to the file's handler: pytest cannot send a captured log with such a name between its processes.
    (file,) = (h for h in logging.getLogger().handlers if isinstance(h, logging.handlers.RotatingFileHandler))
    file.handle(record)
    assert "mp3" in rows(tmp_path)[0]["message"]


def test_a_log_that_cannot_be_written_says_so_once_and_goes_on_when_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path / "logs")
    (tmp_path / "logs").rmdir()
    for _ in range(3):
        log.info("nowhere to write")
    assert capsys.readouterr().err.count("cannot be written: No such file or directory.\n") == 1
    (tmp_path / "logs").mkdir()
    log.info("there again")
    assert [row["message"] for row in rows(tmp_path / "logs")] == ["there again"]
    assert "cannot be written" not in capsys.readouterr().err


def test_nor_does_a_full_disk_fill_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / logs.FILE).symlink_to("/dev/full")
    logs.configure(tmp_path)
    for _ in range(3):
        log.info("no space")
    err = capsys.readouterr().err
    assert err.count("cannot be written: No space left on device.\n") == 1 and err.count("no space\n") == 3
    assert "Traceback" not in err
    (tmp_path / logs.FILE).unlink()
