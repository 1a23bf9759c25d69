from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.log_kinds import LogKind
from core.ops.logs import output
from core.ops.logs.log_files import ARCHIVE, LogFile, LogFiles, first_moment
from tests.ops.logs.conftest import Rows

log = logging.getLogger("test.logs")


def all_lines(folder: Path) -> list[bytes]:
    files = [*sorted((folder / ARCHIVE).glob("*.log")), folder / "application.log"]
    return [line for file in files for line in file.read_bytes().splitlines()]


def test_a_full_file_goes_to_the_archive_and_no_line_is_lost(tmp_path: Path) -> None:
    output.send_to(tmp_path, most_bytes=2000)
    for number in range(200):
        log.info("%d %s", number, "x" * 100)
    assert [json.loads(line)["event"].split()[0] for line in all_lines(tmp_path)] == [str(n) for n in range(200)]
    sizes = [p.stat().st_size for p in (tmp_path / ARCHIVE).iterdir()]
    assert len(sizes) > 5 and max(sizes) <= 2000


def test_a_line_longer_than_a_file_is_written_whole(tmp_path: Path) -> None:
    file = LogFile(tmp_path, LogKind.APPLICATION, most_bytes=10)
    file.write(b"a" * 50 + b"\n")
    file.write(b"b\n")
    assert (tmp_path / "application.log").read_bytes() == b"b\n"


def test_several_processes_write_and_turn_over_without_losing_a_line(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.domain.log_kinds import LogKind;"
        "from core.ops.logs.log_files import LogFile;"
        "file = LogFile(Path(sys.argv[1]), LogKind.APPLICATION, 3000);"
        "[file.write(b'%s %d %s\\n' % (sys.argv[2].encode(), n, b'x' * 80)) for n in range(300)]"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in ("a", "b", "c")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    lines = all_lines(tmp_path)
    assert len(lines) == 900
    for name in (b"a", b"b", b"c"):
        assert sorted(int(line.split()[1]) for line in lines if line.startswith(name)) == list(range(300))


def test_a_log_that_cannot_be_written_says_so_once_and_goes_on_when_it_can(
    tmp_path: Path, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    output.send_to(tmp_path / "logs")
    (tmp_path / "logs").rmdir()
    for _ in range(3):
        log.info("nowhere to write")
    assert capsys.readouterr().err.count("cannot be written: No such file or directory.\n") == 1
    (tmp_path / "logs").mkdir()
    log.info("there again")
    assert [row["event"] for row in rows()] == ["there again"]
    assert "cannot be written" not in capsys.readouterr().err


def test_nor_does_a_full_disk_fill_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "application.log").symlink_to("/dev/full")
    output.send_to(tmp_path)
    for _ in range(3):
        log.info("no space")
    err = capsys.readouterr().err
    assert err.count("cannot be written: No space left on device.\n") == 1 and err.count("no space\n") == 3
    assert "Traceback" not in err


def test_half_a_line_of_an_earlier_run_is_closed_first(tmp_path: Path) -> None:
    (tmp_path / "application.log").write_bytes(b'{"event": "cut o')
    LogFile(tmp_path, LogKind.APPLICATION).write(b"whole\n")
    assert (tmp_path / "application.log").read_bytes() == b'{"event": "cut o\nwhole\n'


def test_a_file_that_cannot_be_moved_grows_on(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_text("a file where the folder belongs")
    file = LogFile(tmp_path, LogKind.APPLICATION, most_bytes=10)
    for _ in range(3):
        file.write(b"some words\n")
    assert (tmp_path / "application.log").read_bytes() == b"some words\n" * 3


def test_a_file_whose_first_line_is_old_is_turned_over(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    path = tmp_path / "audit.log"
    path.write_text('{"timestamp": "2026-11-30T12:00:00.000000Z", "event": "x"}\n')
    at = first_moment(path)
    files.turn_old(at)
    assert path.exists()
    files.turn_old(at + 1)
    assert not path.exists() and len(list((tmp_path / ARCHIVE).glob("audit-*.log"))) == 1
    files.close()


def test_a_record_that_cannot_be_printed_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output.send_to(tmp_path)
    record = logging.makeLogRecord({"msg": "%d", "args": ("x",), "levelno": 20, "levelname": "INFO", "name": "test.logs"})
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogFiles):
            handler.handle(record)
    assert "--- Logging error ---" in capsys.readouterr().err
