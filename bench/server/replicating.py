"""What is lost when server and Litestream are killed at once, and how long the way back takes; Litestream has to be in the PATH.

round: a server over a library, and Litestream ─▶ tags, one after the other ─▶ a random moment ─▶ kill -9 of both
       ─▶ the replica, into another folder ─▶ which tags are there? ─▶ a server over it, until it is ready
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core.ops.replica import drill
from core.store.db import db_copies
from tests.fixtures.litestream import litestream
from tests.fixtures.many_episodes import fill
from tests.running import RunningApp, wait_for

SEED = 20261201
SPAN = (2.0, 6.0)


def is_current(app: RunningApp) -> bool:
    """Return whether the replica has everything, by /health."""
    found = app.client.get("/health").json()["checks"]["replica"]
    return bool(found["code"] == "current" and found["params"]["seconds"] <= 2)


def _round(folder: Path, count: int, chance: random.Random) -> tuple[float, float, float, float]:
    """Return the seconds of lost changes, of the restore, of the check, and until the server is ready again."""
    data, target = folder / "data", folder / "target"
    data.mkdir(parents=True)
    fill(data, count)
    saved: list[tuple[str, float]] = []
    with RunningApp(data, CASTMIND_REPLICA="true") as app, litestream(data, target) as process:
        wait_for(lambda: is_current(app), why=app.last_words)
        ends = time.time() + chance.uniform(*SPAN)
        while time.time() < ends:
            name = f"tag {len(saved)}"
            app.client.post("/api/v1/tags", json={"name": name}).raise_for_status()
            saved.append((name, time.time()))
        os.kill(app.pid, signal.SIGKILL)
        process.kill()
        killed = time.time()
    back = folder / "back"
    back.mkdir()
    copy = back / "castmind.db"
    began = time.monotonic()
    drill.restore(f"file://{target}", copy)
    restored = time.monotonic()
    fault = db_copies.check(copy)
    checked = time.monotonic()
    if fault:
        raise AssertionError(fault)
    with closing(sqlite3.connect(copy)) as db:
        there = {name for (name,) in db.execute("SELECT name FROM tags")}
    with RunningApp(back):
        ready = time.monotonic()
    lost = [at for name, at in saved if name not in there]
    return (killed - min(lost) if lost else 0.0), restored - began, checked - restored, ready - began


def measure(folder: Path, quick: bool) -> Iterator[str]:
    rounds, count = (2, 300) if quick else (20, 10_000)
    if shutil.which(drill.PROGRAM) is None:
        yield "Left out: there is no litestream in the PATH."
        return
    chance, found = random.Random(SEED), []
    for number in range(rounds):
        place = folder / str(number)
        found.append(_round(place, count, chance))
        shutil.rmtree(place)
    yield f"{rounds} rounds, {count:,} episodes, seed {SEED}"
    yield ""
    yield "| | median (s) | worst (s) |"
    yield "| --- | --- | --- |"
    names = ("changes lost (RPO)", "restored", "checked", "restored, checked and the server ready (RTO)")
    for name, values in zip(names, zip(*found, strict=True), strict=True):
        yield f"| {name} | {statistics.median(values):.2f} | {max(values):.2f} |"
