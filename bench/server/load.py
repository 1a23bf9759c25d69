"""A hundred clients read a library of 30,000 episodes from the real server, idle and while a worker is busy.

made-up library, 300 transcripts ─▶ CastMind as users run it ◀═ 100 connections ═ load_clients (a process)
                                    beside it: nothing │ a listener whose position is saved every second: no cached answer holds
                                                │ two niced processes that only compute, like transcription
                                  ◀═ 20 WebSockets at once, each with a page drawn

Clients and server share the machine. On a machine with other work the processor time per thousand answers is the figure
to compare.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from bench.beside import repeated
from bench.processes import processor_seconds
from bench.reading.search import Texts
from bench.server.load_clients import KINDS, SPOKEN
from core.store.db.database import Store
from core.store.text import transcripts
from tests.fixtures.many_episodes import BEGAN, fill
from tests.running import RunningApp

EPISODES, CLIENTS, SECONDS, PAGES = 30_000, 100, 20.0, 20
SEGMENTS = 400
# The nice level of the speech worker.
NICE = 10


def measure(folder: Path, quick: bool) -> Iterator[str]:
    episodes, seconds = (2_000, 3.0) if quick else (EPISODES, SECONDS)
    data = folder / "data"
    data.mkdir()
    _fill_with_transcripts(data, episodes)
    yield f"{episodes:,} episodes, {SPOKEN} with a transcript of {SEGMENTS} sentences; {CLIENTS} clients, {seconds:.0f} s.\n"
    # Let a new library build its index and counts first.
    with RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive") as app:
        app.client.get("/api/v1/episodes").raise_for_status()
        _asked(app, seconds / 4, episodes)
        _rested(app)
        runs = {}
        for name, beside in (
            ("at rest", computing(0)),
            ("a change a second", changing(app)),
            ("beside a busy worker", computing(2)),
        ):
            with beside:
                runs[name] = _asked(app, seconds, episodes)
        yield "| server | requests/s | p50 (ms) | p95 (ms) | processor seconds a 1,000 | errors |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for name, run in runs.items():
            yield _row(name, run)
        yield "\n| read, at rest | share | p50 (ms) | p95 (ms) |"
        yield "| --- | --- | --- | --- |"
        for kind, (share, _) in KINDS.items():
            times = runs["at rest"]["took"][kind]
            yield f"| {kind} | {share} % | {_at(times, 0.5):.0f} | {_at(times, 0.95):.0f} |"
        yield "\n| 20 pages opened at once | connected, last (s) | drawn, median (s) | drawn, last (s) |"
        yield "| --- | --- | --- | --- |"
        for name in ("first time", "again"):
            times = _clients(app, PAGES, "pages")
            drawn = times["drawn"]
            yield f"| {name} | {max(times['connected']):.2f} | {statistics.median(drawn):.2f} | {max(drawn):.2f} |"


def _fill_with_transcripts(data: Path, episodes: int) -> None:
    fill(data, episodes)
    texts = Texts(seed=4)
    store = Store(data / "castmind.db")
    store.open()
    try:
        for number in range(1, SPOKEN + 1):
            store.write(partial(transcripts.save, episode_id=number, transcript=texts.transcript(SEGMENTS), now=BEGAN))
    finally:
        store.close()


def _rested(app: RunningApp) -> None:
    """Wait until the server uses less than 0.1 s of processor time in 2 s: the new text is indexed then."""
    before = processor_seconds(app.pid) - 1.0
    while processor_seconds(app.pid) - before > 0.1:
        before = processor_seconds(app.pid)
        time.sleep(2.0)


def _asked(app: RunningApp, seconds: float, episodes: int) -> dict[str, Any]:
    worked = processor_seconds(app.pid)
    found = _clients(app, CLIENTS, str(seconds), str(episodes))
    return found | {"processor": processor_seconds(app.pid) - worked}


def _clients(app: RunningApp, count: int, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.server.load_clients", str(app.port), str(count), *more]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return found


def _row(name: str, run: dict[str, Any]) -> str:
    times = list(chain.from_iterable(run["took"].values()))
    rate, cost = len(times) / run["seconds"], 1000 * run["processor"] / len(times)
    return f"| {name} | {rate:.0f} | {_at(times, 0.5):.0f} | {_at(times, 0.95):.0f} | {cost:.2f} | {run['errors']} |"


def _at(times: list[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return 1000 * sorted(times)[int(share * (len(times) - 1))] if times else 0.0


@contextmanager
def changing(app: RunningApp) -> Iterator[None]:
    """Save a playback position every second, as a listener's player does."""
    with httpx.Client(base_url=app.url, timeout=30.0, trust_env=False) as client:

        def listen() -> None:
            client.put("/api/v1/episodes/1/position", json={"seconds": time.monotonic() % 100}).raise_for_status()

        with repeated(listen, pause=1.0):
            yield


@contextmanager
def computing(count: int) -> Iterator[None]:
    """Run `count` processes that only compute, at the speech worker's nice level."""
    code = f"import os\nos.nice({NICE})\nwhile True: sum(range(1000))"
    busy = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
