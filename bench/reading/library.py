"""The library page with ten thousand episodes: the time of a rerun, and the memory of twenty browser windows.

made-up library ─▶ the page in process (AppTest) ─▶ p50, p95 per kind of rerun
              └──▶ CastMind as users run it ─▶ twenty pages of a real Chromium ─▶ resident memory of the server
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest

from bench.processes import MB, children, resident
from core import app, settings
from tests.fixtures.many_episodes import FEEDS, WORDS, fill
from tests.running import PROJECT, RunningApp

EPISODES = 10_000
SESSIONS = 20


def measure(folder: Path, quick: bool) -> Iterator[str]:
    count, runs = (300, 8) if quick else (EPISODES, 60)
    data = folder / "data"
    data.mkdir()
    fill(data, count)
    yield f"{count:,} episodes of {FEEDS} feeds, {(data / 'castmind.db').stat().st_size / MB:.0f} MB.\n"
    yield from _reruns(data, runs)
    yield ""
    yield from _sessions(data, 3 if quick else SESSIONS)


# --- reruns -----------------------------------------------------------------------------------------------


def _reruns(data: Path, runs: int) -> Iterator[str]:
    yield "| rerun of the page | p50 (ms) | p95 (ms) | p95, processor (ms) | aim (ms) |"
    yield "| --- | --- | --- | --- | --- |"
    os.environ |= {
        "CASTMIND_ENV": "test",
        "CASTMIND_DATA_DIR": str(data),
        "CASTMIND_WHISPER_MODEL": "demo",
        "CASTMIND_DEVICE": "cpu",
    }
    set_log_level("error")  # Streamlit logs a warning at every run outside a server
    os.environ["CASTMIND_NOTES_ENGINE"] = "extractive"
    castmind = app.build(settings.load())
    castmind.start()
    try:
        page = AppTest.from_file(str(PROJECT / "pages" / "shell.py"), default_timeout=60).run()
        assert not page.exception, page.exception
        rng = random.Random(7)
        kinds: dict[str, Callable[[], Any]] = {
            "nothing changed": lambda: page,
            "a word of the titles": lambda: _asking(page, q=rng.choice(WORDS)),
            "another state": lambda: _asking(page, state=rng.choice(("", "done", "failed"))),
            "another feed": lambda: _asking(page, feed=str(rng.randrange(FEEDS) + 1)),
            "another order": lambda: _asking(page, sort=rng.choice(("newest", "longest", "title"))),
        }
        for name, change in kinds.items():
            wall, processor = _timed(change, runs)
            aim = "300"
            yield f"| {name} | {statistics.median(wall):.0f} | {_p95(wall):.0f} | {_p95(processor):.0f} | {aim} |"
    finally:
        castmind.stop()


def _asking(page: AppTest, **query: str) -> AppTest:
    """Set filters as a chip does: in the URL."""
    for name, value in query.items():
        page.query_params[name] = value
    return page


def _timed(change: Callable[[], Any], runs: int) -> tuple[list[float], list[float]]:
    wall, processor = [], []
    for _ in range(runs):
        asked = change()
        began, worked = time.perf_counter(), time.process_time()
        done = asked.run()
        wall.append(1000 * (time.perf_counter() - began))
        processor.append(1000 * (time.process_time() - worked))
        assert not done.exception, done.exception
    return wall, processor


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


# --- many windows -----------------------------------------------------------------------------------------


def _sessions(data: Path, count: int) -> Iterator[str]:
    yield "| browser windows that show the library | server and its children, resident (MB) | aim (MB) |"
    yield "| --- | --- | --- |"
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: make bench installs it"
    with RunningApp(data) as running, sync_playwright() as playwright:
        yield f"| 0 | {_resident(running) / MB:.0f} | |"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        pages = []
        for number in range(1, count + 1):
            pages.append(_window(browser, running.url))
            if number in (1, count):
                yield f"| {number} | {_resident(running) / MB:.0f} | {1000 if number == count else ''} |"
        browser.close()


def _window(browser: Browser, url: str) -> Page:
    """Open a new window that shows the list; reload if a busy machine's network lost a request."""
    page = browser.new_page()
    for patience in (30_000, 60_000, 120_000):
        page.goto(url)
        try:
            page.get_by_test_id("episode-link").nth(49).wait_for(timeout=patience)
        except TimeoutError:
            continue
        return page
    raise RuntimeError("the library did not show in a browser window")


def _resident(running: RunningApp) -> int:
    return sum(resident(pid) for pid in (running.pid, *children(running.pid)))
