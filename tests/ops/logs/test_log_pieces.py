from __future__ import annotations

from pathlib import Path

import pytest

from core.ops.logs import log_index, log_pieces
from core.ops.logs.log_query import LogQuery, stamp
from tests.ops.logs.lines import BEGAN, line, turn_over, write


def test_pieces_of_a_plain_file_are_whole_lines_and_join_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_index, "PIECE_BYTES", 500)
    path = write(tmp_path, "application", *(line(number, "x" * (number % 7 * 90)) for number in range(40)))
    pieces = log_pieces.listing(tmp_path, LogQuery(), "9999")
    assert len(pieces) > 5 and b"".join(each.read() for each in pieces) == path.read_bytes()
    assert all(each.read().endswith(b"\n") for each in pieces)
    assert [each.first for each in pieces[1:]] == [each.last for each in pieces[:-1]] and pieces[-1].last == "9999"


def test_times_levels_and_kinds_rule_pieces_out(tmp_path: Path) -> None:
    for second in (0, 100):
        write(tmp_path, "access", line(second, "early" if second == 0 else "late", job_id=second))
        turn_over(tmp_path, "access", second)
    write(tmp_path, "audit", line(200))

    def found(query: LogQuery, until: str = "9999") -> list[str]:
        return [f"{each.kind} {each.read()[-40:].count(b'late')}" for each in log_pieces.listing(tmp_path, query, until)]

    assert len(found(LogQuery())) == 3
    assert found(LogQuery(level="error")) == ["audit 0"]
    assert len(found(LogQuery(since=BEGAN + 50))) == 2
    assert len(found(LogQuery(), stamp(BEGAN + 50))) == 1
    assert len(found(LogQuery(text="early"))) == 2 and len(found(LogQuery(job_id=100))) == 2


def test_a_file_that_is_deleted_meanwhile_reads_as_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "access", line(1))
    (piece,) = log_pieces.listing(tmp_path, LogQuery(), "9999")
    path.unlink()
    assert piece.read() == b""
