"""How long a search in 1 GB of logs takes: lines like those of a busy server, packed as the server packs them.

Each question is asked several times; the table has the median and the longest. The files are in the page cache, as they are on a
server that has just written them.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from core.domain.log_kinds import LogKind
from core.ops.logs import archives, log_search
from core.ops.logs.log_files import ARCHIVE, FILE_BYTES
from core.ops.logs.log_query import LogQuery, stamp

BEGAN = 1_790_000_000.0
WORDS = (
    *("fetch", "transcribe", "summarise", "publish", "window", "done", "starts", "feed", "episode", "polled", "new", "queued"),
    *("changed", "waiting", "model", "answered", "tokens", "context", "the", "harbour", "at", "night", "a", "talk", "about"),
    *("cats", "read", "again", "after", "minutes", "could", "not", "be", "had", "cover", "upload", "backup", "restore"),
)
KINDS = ("application", "access", "access", "access", "system", "performance")
RARE = "zanzibar lighthouse keeper"


def measure(folder: Path, quick: bool) -> Iterator[str]:
    total, times = (20_000_000, 2) if quick else (1_000_000_000, 7)
    random.seed(14)
    began = time.perf_counter()
    lines = _fill(folder, total)
    took = time.perf_counter() - began
    on_disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    yield f"{total / 1e6:,.0f} MB of {lines:,} lines, {on_disk / 1e6:,.0f} MB packed with their indexes, made in {took:.0f} s."
    yield ""
    yield "| question | lines found | median (ms) | longest (ms) | whole |"
    yield "| --- | --- | --- | --- | --- |"
    for name, query in _questions(lines):
        took_each = []
        for _ in range(times):
            began = time.perf_counter()
            page = log_search.search(folder, query, limit=100)
            took_each.append(1000 * (time.perf_counter() - began))
        whole = "yes" if page.reached is None else f"since {page.reached}"
        yield f"| {name} | {len(page.lines)} | {statistics.median(took_each):.0f} | {max(took_each):.0f} | {whole} |"


def _questions(lines: int) -> Iterator[tuple[str, LogQuery]]:
    middle = lines // 2
    yield "newest lines", LogQuery()
    yield "newest errors", LogQuery(level="error")
    yield "a job's lines", LogQuery(job_id=middle // 500)
    yield "an episode's errors", LogQuery(episode_id=middle // 2000, level="error")
    yield "a request", LogQuery(request_id=_request(middle))
    yield "words that one line holds", LogQuery(text=RARE)
    yield "words that no line holds", LogQuery(text="no such words at all")
    yield "a common word", LogQuery(text="transcribe")
    yield "common words together, in no line", LogQuery(text="harbour", level="error", job_id=10**9)
    yield "an hour in the middle", LogQuery(since=BEGAN + middle / 10, until=BEGAN + middle / 10 + 3600)


def _request(number: int) -> str:
    return f"{random.Random(number).getrandbits(64):016x}"


def _fill(folder: Path, total: int) -> int:
    """Write lines, ten a second, and pack each full file; return how many."""
    (folder / ARCHIVE).mkdir(parents=True)
    written = number = 0
    full: dict[str, list[bytes]] = {kind: [] for kind in LogKind}
    sizes = dict.fromkeys(LogKind, 0)
    rare_at = total // 3
    while written < total:
        kind = KINDS[number % len(KINDS)]
        event = " ".join(random.choices(WORDS, k=9))
        if written < rare_at <= written + 400:
            event += f" {RARE}"
        row = {
            "timestamp": stamp(BEGAN + number / 10),
            "level": "error" if number % 5003 == 0 else "warning" if number % 97 == 0 else "info",
            "kind": kind,
            "logger": "castmind.access" if kind == "access" else f"core.pipeline.{WORDS[number % 5]}",
            "event": event,
            "request_id": _request(number),
            "job_id": number // 500,
            "episode_id": number // 2000,
            "seconds": round(random.random(), 4),
        }
        line = json.dumps(row).encode() + b"\n"
        full[kind].append(line)
        sizes[LogKind(kind)] += len(line)
        written, number = written + len(line), number + 1
        if sizes[LogKind(kind)] > FILE_BYTES:
            name = row["timestamp"].replace("-", "").replace(":", "")
            (folder / ARCHIVE / f"{kind}-{name}.log").write_bytes(b"".join(full[kind]))
            full[kind], sizes[LogKind(kind)] = [], 0
            archives.pack(next(each for each in archives.listing(folder) if not each.packed))
    for kind, lines in full.items():
        (folder / f"{kind}.log").write_bytes(b"".join(lines))
    return number
