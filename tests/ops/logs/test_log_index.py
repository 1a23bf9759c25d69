from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ops.logs import log_index

LINE = (
    b'{"timestamp": "2026-12-01T05:00:0%d.000000Z", "level": "%s", "event": "Window %d", "job_id": %d, "request_id": "ab%dcd"}\n'
)


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_a_text_that_is_there_is_never_ruled_out(data: bytes, start: int, end: int) -> None:
    text = data[start:end].lower()
    assert log_index.can_hold(log_index.map_of(data), log_index.asked([text], []))


def test_a_text_or_an_id_that_is_not_there_is_ruled_out() -> None:
    bits = log_index.map_of(LINE % (1, b"info", 7, 12, 3))

    def can_hold(text: bytes = b"", name: bytes = b"") -> bool:
        return log_index.can_hold(bits, log_index.asked([text], [name] if name else []))

    assert can_hold(b"window 7") and can_hold(name=b'"job_id": 12') and can_hold(name=b'"request_id": "ab3cd"')
    assert not can_hold(b"summary") and not can_hold(name=b'"job_id": 1') and not can_hold(name=b'"job_id": 123')
    assert can_hold(b"abc")  # too short to rule anything out


def test_pieces_are_whole_lines_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_index, "PIECE_BYTES", 10)
    data = b"one\ntwo\nthree\n" + b"x" * 30 + b"\nfour\nhalf"
    found = list(log_index.pieces(data))
    assert b"".join(found) == data
    assert all(piece.endswith(b"\n") for piece in found[:-1]) and len(found) >= 4
    assert list(log_index.pieces(b"")) == []


def test_what_is_written_is_read(tmp_path: Path) -> None:
    writer = log_index.LogIndexWriter()
    writer.add(LINE % (1, b"info", 1, 1, 1) + LINE % (2, b"error", 2, 2, 2), at=0, size=9)
    writer.add(b"no line of ours\n", at=9, size=5)
    writer.write(tmp_path / "x.idx")
    (one, other), maps = log_index.read(tmp_path / "x.idx")
    assert (one.first, one.last, one.levels) == (
        "2026-12-01T05:00:01.000000Z",
        "2026-12-01T05:00:02.000000Z",
        {"info": 1, "error": 1},
    )
    assert (other.at, other.size, other.first, other.levels) == (9, 5, "", {})
    assert log_index.can_hold(maps[0], log_index.asked([b"window 2"], []))
    assert not log_index.can_hold(maps[1], log_index.asked([b"window 2"], []))


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.idx"
    for content in (b"", b"{}\n", b'{"version": 99, "entries": []}\n', b'{"version": 1, "entries": []}\nxx'):
        path.write_bytes(content)
        with pytest.raises((ValueError, KeyError)):
            log_index.read(path)
