"""What it costs to know who asks: a hundred clients, a read a second each, while a worker is busy; open, and with accounts.

one library, twice ─▶ CastMind without a password  ◀═ 100 connections, a read a second ═ load_clients
                   └▶ CastMind with accounts       ◀═ the same, each with an API token or a session   in turn, several rounds
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from bench.processes import processor_seconds
from bench.server.load import _at, _clients, _fill_with_transcripts, _rested, computing
from tests.running import RunningApp

EPISODES, CLIENTS, SECONDS, ROUNDS = 30_000, 100, 20.0, 3
PASSWORD = "correct horse battery"
SETTINGS = {"CASTMIND_WHISPER_MODEL": "demo", "CASTMIND_NOTES_ENGINE": "extractive"}
WAYS = ("open", "API token", "session")


def measure(folder: Path, quick: bool) -> Iterator[str]:
    episodes, seconds, rounds = (2_000, 3.0, 1) if quick else (EPISODES, SECONDS, ROUNDS)
    data = folder / "open"
    data.mkdir()
    _fill_with_transcripts(data, episodes)
    shutil.copytree(data, folder / "guarded")
    yield f"{episodes:,} episodes; {CLIENTS} clients, a read a second each, {seconds:.0f} s, {rounds} rounds in turn.\n"
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    with RunningApp(data, **SETTINGS) as free, RunningApp(folder / "guarded", **SETTINGS) as guarded:
        token, cookie = _accounts(guarded)
        said = {"open": "", "API token": f"Authorization: Bearer {token}", "session": f"Cookie: {cookie}"}
        for app in (free, guarded):
            _rested(app)
        with computing(2):
            for _ in range(rounds):
                for way in WAYS:
                    runs[way].append(_run(free if way == "open" else guarded, seconds, episodes, said[way]))
    yield "| | p50 (ms) | p95 (ms) | processor seconds a 1,000 | of open | errors |"
    yield "| --- | --- | --- | --- | --- | --- |"
    base = _cost(runs["open"])
    for way, done in runs.items():
        times = list(chain.from_iterable(chain.from_iterable(each["took"].values()) for each in done))
        cost, errors = _cost(done), sum(each["errors"] for each in done)
        yield f"| {way} | {_at(times, 0.5):.0f} | {_at(times, 0.95):.0f} | {cost:.2f} | {cost / base:.2f} | {errors} |"


def _accounts(app: RunningApp) -> tuple[str, str]:
    """Set a password; return an API token and the cookie of a session."""
    with httpx.Client(base_url=app.url, headers={"Origin": app.url}) as client:
        client.put("/api/v1/accounts/me/password", json={"present": "", "password": PASSWORD}).raise_for_status()
        client.post("/sign-in", data={"name": "admin", "password": PASSWORD, "next": "/"})
        made = client.post("/api/v1/accounts/me/tokens", json={"name": "bench", "scope": "read"}).raise_for_status()
        return made.json()["token"], "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def _run(app: RunningApp, seconds: float, episodes: int, header: str) -> dict[str, Any]:
    worked = processor_seconds(app.pid)
    found = _clients(app, CLIENTS, str(seconds), str(episodes), "1.0", header)
    return found | {"processor": processor_seconds(app.pid) - worked}


def _cost(runs: list[dict[str, Any]]) -> float:
    """Return the median of the processor seconds for a thousand answers."""
    return statistics.median(1000 * each["processor"] / sum(map(len, each["took"].values())) for each in runs)
