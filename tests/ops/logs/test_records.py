from __future__ import annotations

import logging
from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars

from core.ops.logs import output, records
from tests.ops.logs.conftest import Rows

log = logging.getLogger("test.logs")


def test_each_record_is_one_json_object_with_what_it_concerns(
    tmp_path: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    output.send_to(tmp_path / "logs")
    with bound_contextvars(request_id="abc", user_id=3, job_id=4):
        log.info("window %d\nis done", 3, extra={"job_id": 5, "episode_id": 7, "stage": "transcribe", "unknown": "x"})
    log.debug("not kept")
    (row,) = rows()
    assert list(row) == [
        *("timestamp", "level", "kind", "logger", "event", "request_id", "user_id", "job_id", "episode_id", "stage")
    ]
    assert row["event"] == "window 3\nis done" and row["level"] == "info" and row["timestamp"].endswith("Z")
    assert (row["request_id"], row["user_id"], row["job_id"]) == ("abc", 3, 5)
    assert (row["kind"], row["logger"]) == ("application", "test.logs")
    err = capsys.readouterr().err
    assert err.endswith("INFO test.logs [job 5 episode 7 stage transcribe request abc] window 3 is done\n")


def test_an_exception_is_kept_whole_in_the_file_and_short_for_people(
    tmp_path: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    output.send_to(tmp_path / "logs")
    try:
        inner_secret = "a local variable"
        raise ValueError("https://me:hunter2@pod.example/feed?token=abc123 broke")
    except ValueError as error:
        log.error("it failed", exc_info=error)
    (row,) = rows()
    err = capsys.readouterr().err
    assert "Traceback" in row["exception"] and err.count("\n") == 1
    for text in (row["exception"], err):
        assert "hunter2" not in text and "abc123" not in text and "pod.example" in text and inner_secret not in text


def test_foreign_text_forges_no_line(tmp_path: Path, rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    output.send_to(tmp_path / "logs")
    forged = '\r\n{"level": "info", "event": "all is well"}\u2028\x85\x1b[2J\u202eevil'
    log.warning("feed %s", forged, extra={"path": forged})
    raw = (tmp_path / "logs" / "application.log").read_text(encoding="utf-8")
    assert len(raw.splitlines()) == 1 and not set("\r\x1b\x85\u2028\u202e") & set(raw)
    assert rows()[0]["event"] == f"feed {forged}"
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and not set("\r\x1b\x85\u2028\u202e") & set(err)


def test_secrets_leave_texts_arguments_and_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output.send_to(tmp_path / "logs")
    log.info("asked %s", {"password": "hunter2"}, extra={"details": {"token": "hunter3", "url": "tgram://hunter4/5"}})
    told = (tmp_path / "logs" / "application.log").read_text() + capsys.readouterr().err
    assert "hunter" not in told and '"token": "***"' in told


def test_half_a_character_does_not_lose_the_line(tmp_path: Path, rows: Rows) -> None:
    output.send_to(tmp_path / "logs")
    record = logging.makeLogRecord({"msg": "file \udcff.mp3", "levelno": logging.INFO, "levelname": "INFO", "name": "test.logs"})
    # Straight to the handlers: pytest cannot send a captured log with such a name between its processes.
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, type(records.for_files())):
            handler.handle(record)
    assert "mp3" in rows()[0]["event"]


def test_what_is_too_long_keeps_its_two_ends(tmp_path: Path, rows: Rows) -> None:
    output.send_to(tmp_path / "logs")
    log.info("begin %s end", "x" * 50_000)
    text = rows()[0]["event"]
    assert len(text) <= records.LONGEST_EVENT + 10 and text.startswith("begin") and text.endswith("end")


def test_details_of_an_audit_line_stand_in_the_line_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output.send_to(tmp_path / "logs")
    log.info("role changed", extra={"details": {"user": 3}})
    assert 'role changed {"user": 3}\n' in capsys.readouterr().err
