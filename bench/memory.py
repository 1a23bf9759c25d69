"""Memory: idle after a browser has seen every page, taking a 2 GB upload, transcribing three hours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.audio import silent_wav, spoken
from bench.processes import MB, children, peak, reset_peak, resident, watched
from tests.running import RunningApp, wait_for

PAGES = ("", "queue", "feeds", "settings", "status")


def measure(folder: Path, quick: bool) -> Iterator[str]:
    yield "| situation | process | peak (MB) | aim |"
    yield "| --- | --- | --- | --- |"
    yield from _idle(folder)
    yield from _upload(folder, 200_000_000 if quick else 2_000_000_000)
    yield from _transcription(folder, 600 if quick else 3 * 3600)


def _idle(folder: Path) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    with RunningApp(folder / "idle", CASTMIND_SPEECH_IDLE_SECONDS="5") as app, sync_playwright() as playwright:
        episode_id = app.client.post("/api/v1/episodes/sample").json()["id"]
        app.wait_done(episode_id)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for path in (*PAGES, f"episode?id={episode_id}"):
            page.goto(f"{app.url}/{path}")
            page.wait_for_timeout(3000)
        browser.close()
        wait_for(lambda: not children(app.pid), patience=60)
        time.sleep(5)
        yield f"| idle after every page was visited, model unloaded | server | {resident(app.pid) / MB:.0f} | 250 |"


def _upload(folder: Path, size: int) -> Iterator[str]:
    audio = silent_wav(folder / "large.wav", size)
    with RunningApp(folder / "upload") as app:
        reset_peak(app.pid)
        before = resident(app.pid)
        began = time.monotonic()
        answer = app.client.post("/api/v1/episodes", files={"file": ("large.wav", audio.open("rb"))}, timeout=600)
        seconds = time.monotonic() - began
        grown = peak(app.pid) - before
        app.client.delete(f"/api/v1/episodes/{answer.json()['id']}").raise_for_status()
        yield f"| upload of {size / 1e9:.1f} GB ({seconds:.0f} s) | server, growth | {grown / MB:.0f} | 64 |"
    audio.unlink()


def _transcription(folder: Path, seconds: int) -> Iterator[str]:
    audio = spoken(folder / "long.mp3", seconds)
    with RunningApp(folder / "long") as app, watched(app.pid) as peaks:
        app.wait_done(app.upload(audio).json()["id"], patience=3600)
    yield f"| transcription of {seconds / 3600:.1f} h | speech worker | {peaks.child / MB:.0f} | 2500 |"
    yield f"| the same | server and worker together | {peaks.together / MB:.0f} | |"
