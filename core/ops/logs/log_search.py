"""Search the logs, newest first.

    pieces that may hold it, by their last time ─▶ some at once, in two threads (decompressing takes no lock)
        ─▶ a needle from the end of the bytes ─▶ its line ─▶ parsed ─▶ does it fit?
        ─▶ enough lines, and all pieces left are older? ─▶ a page, and the cursor behind it

A search ends after `BUDGET_SECONDS`, with what it has and the cursor of where to go on, so no question keeps a reader waiting.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.ops.logs import log_pieces
from core.ops.logs.log_pieces import LogStretch
from core.ops.logs.log_query import LogCursor, LogQuery, stamp

BUDGET_SECONDS = 1.5
_THREADS = 2
_FIRST_BATCH, _BATCH = 5, 8
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, newest first. `cursor` is None at the end of the logs. `reached` is set if the time was up before the page was
    full: lines older than that were not looked at."""

    lines: list[Row]
    cursor: LogCursor | None
    reached: str | None = None


def search(
    folder: Path,
    query: LogQuery,
    *,
    limit: int,
    cursor: LogCursor | None = None,
    budget: float = BUDGET_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> LogPage:
    began = clock()
    start = cursor or (LogCursor() if query.until is None else LogCursor(stamp(query.until)))
    wanted = limit + start.skip + 1  # one more than is given, to know whether there is one
    left = sorted(log_pieces.listing(folder, query, start.at), key=lambda each: each.last)
    found: list[Row] = []
    batch = _FIRST_BATCH
    with ThreadPoolExecutor(_THREADS) as threads:
        while left and not (len(found) >= wanted and found[wanted - 1]["timestamp"] > left[-1].last):
            if clock() - began > budget:
                return _part(found, start, limit, reached=min(left[-1].last, start.at))
            now, left = left[-batch:], left[:-batch]
            batch = _BATCH
            for rows in threads.map(partial(_scan, query=query, until=start.at, most=wanted), now):
                found += rows
            found.sort(key=lambda row: row["timestamp"], reverse=True)
    page = _behind(found, start, limit + 1)
    more, page = len(page) > limit or bool(left), page[:limit]
    return LogPage(page, start.after([row["timestamp"] for row in page]) if more else None)


def _part(found: list[Row], start: LogCursor, limit: int, *, reached: str) -> LogPage:
    """Return what is newer than all that was not looked at; the rest is found again by the next search."""
    page = [row for row in _behind(found, start, limit) if row["timestamp"] > reached]
    if len(page) == limit:
        return LogPage(page, start.after([row["timestamp"] for row in page]))
    skip = start.skip if reached == start.at else 0
    return LogPage(page, LogCursor(reached, skip), reached)


def _behind(found: list[Row], start: LogCursor, limit: int) -> list[Row]:
    given = 0
    while given < min(start.skip, len(found)) and found[given]["timestamp"] == start.at:
        given += 1
    return found[given : given + limit]


def _scan(piece: LogStretch, query: LogQuery, until: str, most: int) -> list[Row]:
    """Return the newest `most` lines of a piece that fit."""
    since = "" if query.since is None else stamp(query.since)
    data = piece.read()
    rows: list[Row] = []
    for line in _candidates(data, query.needles()):
        row = _parsed(line)
        if row is None or row["timestamp"] > until or not query.fits(row):
            continue
        if row["timestamp"] < since or len(rows) == most:
            break
        rows.append(row)
    return rows


def _parsed(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get("timestamp"), str) else None


def _candidates(data: bytes, needles: list[bytes]) -> Iterator[bytes]:
    """Yield the lines that hold one of the needles (all lines without any), from the last one."""
    lowered = data.lower() if needles else b""
    end = len(data.rstrip(b"\n"))
    places = dict.fromkeys(needles, end)
    while end > 0:
        at = end
        if needles:
            places = {
                each: lowered.rfind(each, 0, end) if place >= 0 and place + len(each) > end else place
                for each, place in places.items()
            }
            at = max(places.values())
            if at < 0:
                return
        start = data.rfind(b"\n", 0, at) + 1
        stop = data.find(b"\n", at)
        yield data[start : stop if stop >= 0 else len(data)]
        end = max(start - 1, 0)
