from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.log_kinds import LogKind
from core.ops.logs import log_index, log_search
from core.ops.logs.log_query import LogCursor, LogQuery
from tests.ops.logs.lines import BEGAN, line, turn_over, write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 lines of three kinds, a second apart: packed, plain and written; pieces of a few lines each."""
    monkeypatch.setattr(log_index, "PIECE_BYTES", 1000)
    kinds = ("application", "access", "system")
    for number in range(120):
        level = "error" if number % 40 == 7 else "info"
        fields = {"job_id": number % 30, "request_id": f"req-{number}", "level": level}
        write(tmp_path, kinds[number % 3], line(number, f"Event {number}", **fields))
        if number in (30, 60):
            turn_over(tmp_path, "application", number)
            turn_over(tmp_path, "access", number, pack=number == 30)
    return tmp_path


def events(folder: Path, query: LogQuery, limit: int = 500, cursor: LogCursor | None = None) -> list[int]:
    page = log_search.search(folder, query, limit=limit, cursor=cursor)
    return [int(row["event"].split()[1]) for row in page.lines]


def test_lines_of_all_kinds_come_newest_first_from_all_files(folder: Path) -> None:
    assert events(folder, LogQuery()) == list(range(119, -1, -1))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (LogQuery(kinds=(LogKind.ACCESS,)), range(118, 0, -3)),
        (LogQuery(level="error"), (87, 47, 7)),
        (LogQuery(level="warning", kinds=(LogKind.ACCESS,)), (7,)),
        (LogQuery(since=BEGAN + 117), (119, 118, 117)),
        (LogQuery(until=BEGAN + 2), (2, 1, 0)),
        (LogQuery(since=BEGAN + 40, until=BEGAN + 41.5), (41, 40)),
        (LogQuery(text="EVENT 11"), (119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 11)),
        (LogQuery(text="event 100"), (100,)),
        (LogQuery(text="job_id"), ()),
        (LogQuery(job_id=7), (97, 67, 37, 7)),
        (LogQuery(job_id=7, level="error"), (7,)),
        (LogQuery(request_id="req-5"), (5,)),
        (LogQuery(request_id="req-5", job_id=6), ()),
        (LogQuery(episode_id=1), ()),
    ],
)
def test_filters_hold_together(folder: Path, query: LogQuery, wanted: range | tuple[int, ...]) -> None:
    assert events(folder, query) == list(wanted)


@pytest.mark.parametrize("limit", [1, 7, 40, 119, 120, 121])
@pytest.mark.parametrize("query", [LogQuery(), LogQuery(job_id=7), LogQuery(until=BEGAN + 60)])
def test_pages_join_without_gap_or_repetition(folder: Path, query: LogQuery, limit: int) -> None:
    whole, got, cursor = events(folder, query), list[int](), None
    while True:
        page = log_search.search(folder, query, limit=limit, cursor=cursor)
        got += [int(row["event"].split()[1]) for row in page.lines]
        if page.cursor is None:
            break
        cursor = LogCursor.parse(str(page.cursor))
    assert got == whole


def test_many_lines_of_one_moment_are_each_given_once(tmp_path: Path) -> None:
    write(tmp_path, "application", *(line(1, f"e {number}") for number in range(10)), line(2, "e 99"))
    got, cursor = [], None
    for _ in range(4):
        page = log_search.search(tmp_path, LogQuery(), limit=3, cursor=cursor)
        got += [row["event"] for row in page.lines]
        cursor = page.cursor
    assert cursor is None and sorted(got) == sorted([*(f"e {number}" for number in range(10)), "e 99"])


def test_a_search_whose_time_is_up_says_where_to_go_on(folder: Path) -> None:
    got, cursor, parts = [], None, 0
    while True:
        ticks = iter((0.0, 0.0, 9.0, 9.0))  # the time is up after the first batch of pieces
        page = log_search.search(folder, LogQuery(text="event"), limit=500, cursor=cursor, clock=lambda: next(ticks))  # noqa: B023
        got += [int(row["event"].split()[1]) for row in page.lines]
        parts += page.reached is not None
        if page.cursor is None:
            break
        cursor = page.cursor
    assert got == list(range(119, -1, -1)) and parts > 1


def test_damage_is_passed_over(folder: Path) -> None:
    write(folder, "application", b'{"timestamp": "2026', b"\n\n", b"[1]\n", b'"text"\n', b'{"timestamp": 5}\n')
    for packed in (folder / "archive").glob("system*.gz"):
        packed.write_bytes(b"no gzip")
    for index in (folder / "archive").glob("access*.idx"):
        index.write_bytes(b"no index")
    assert set(events(folder, LogQuery(kinds=(LogKind.APPLICATION,)))) == set(range(0, 120, 3))
    assert events(folder, LogQuery(kinds=(LogKind.ACCESS,)))[0] == 118


def test_an_empty_folder_has_no_lines(tmp_path: Path) -> None:
    assert log_search.search(tmp_path / "none", LogQuery(), limit=5) == log_search.LogPage([], None)


def test_only_pieces_that_can_hold_it_are_decompressed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def scan(piece: log_search.LogStretch, **more: object) -> Iterator[object]:
        read.append(f"{piece.kind} {piece.packed}")
        return iter(())

    monkeypatch.setattr(log_search, "_scan", scan)
    log_search.search(folder, LogQuery(text="nowhere to be found"), limit=5)
    assert read and "True" not in " ".join(read)
