from __future__ import annotations

import pytest

from core.errors import UserError
from core.ops.logs.log_query import LogCursor, LogQuery, stamp


def test_needles_name_what_is_rarest_first() -> None:
    assert LogQuery(request_id="Ab", text="x", level="error").needles() == [b'"request_id": "ab"']
    assert LogQuery(text='Say "hi"').needles() == [b'say \\"hi\\"']
    assert LogQuery(level="error").needles() == [b'"level": "critical"', b'"level": "error"']
    assert LogQuery().needles() == []


def test_a_text_is_looked_for_in_values_not_in_names() -> None:
    row = {"level": "info", "event": "Größe Ä", "details": {"user": "Ann"}, "job_id": 12}
    assert LogQuery(text="GRöße").fits(row) and LogQuery(text="ann").fits(row) and LogQuery(text="12").fits(row)
    assert not LogQuery(text="event").fits(row) and not LogQuery(text="bob").fits(row)


def test_an_id_of_another_type_is_another_one() -> None:
    assert LogQuery(job_id=5).fits({"level": "info", "job_id": 5})
    assert not LogQuery(job_id=5).fits({"level": "info", "job_id": "5"}) and not LogQuery(job_id=5).fits({"level": "info"})


def test_a_cursor_counts_lines_of_its_moment() -> None:
    a, b = stamp(10), stamp(9)
    assert str(LogCursor().after([a, b, b])) == f"{b}~2"
    assert LogCursor(b, 2).after([b]) == LogCursor(b, 3) and LogCursor(b, 2).after([]) == LogCursor(b, 2)
    assert LogCursor.parse(f"{b}~2") == LogCursor(b, 2)
    for bad in ("", "x", "~", f"{b}~x", "9999~"):
        with pytest.raises(UserError):
            LogCursor.parse(bad)


def test_stamps_compare_as_times_do() -> None:
    times = [0, 0.5, 1, 1_796_000_000, 1_796_000_000.000001]
    assert sorted(map(stamp, times)) == [stamp(each) for each in times] and len(stamp(1)) == len(stamp(1.000001))
