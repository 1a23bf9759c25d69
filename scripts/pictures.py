"""Take the README's pictures from the real app, so that they never go stale:  make pictures, or python -m scripts.pictures

samples, a slow download ─▶ CastMind in a temporary folder ─▶ Chromium, once per language ─▶ docs/pictures/
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.fakes.podcast_host import Mode, PodcastHost
from tests.running import PROJECT, RunningApp, wait_for

FOLDER = PROJECT / "docs" / "pictures"
SAMPLES = PROJECT / "demo" / "samples"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
TITLES = {"en_episode.mp3": "History and robots", "en_meeting.m4a": "Weekly meeting", "zh_episode.mp3": "时间与音乐"}
WINDOW = ViewportSize(width=1280, height=800)


@contextmanager
def library() -> Iterator[tuple[RunningApp, int]]:
    """Run a CastMind with finished episodes and one slow, running download; yield it with the first episode's id."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PodcastHost() as host,
        RunningApp(Path(folder) / "data", CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo") as app,
    ):
        ids = []
        for file, title in TITLES.items():
            ids.append(app.upload(SAMPLES / file).json()["id"])
            app.wait_done(ids[-1], patience=300)
            app.client.patch(f"/api/v1/episodes/{ids[-1]}", json={"title": title}).raise_for_status()
        address = {"url": host.audio_url("en_episode.mp3", Mode.DRIP), "title": "An evening with Ada"}
        arriving = app.client.post("/api/v1/episodes/import", json=address).json()["id"]
        wait_for(lambda: app.states(arriving).get("fetch") == "running")
        yield app, ids[0]


def views(episode: int) -> dict[str, tuple[str, str]]:
    """Return by name the path, and an element that is visible once the page is drawn."""
    return {
        "library": ("", "[data-testid=episode-link]"),
        "episode": (f"episode?id={episode}&t=20", "[data-testid=segment-0]"),
        "search": ("search?q=history", "[class*=st-key-found-] a"),
        "queue": ("queue", "[data-testid=queue-card]"),
    }


def take(page: Page, target: Path) -> None:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.evaluate("document.fonts.ready")
    Image.open(io.BytesIO(page.screenshot(animations="disabled"))).save(target, "WEBP", quality=82, method=6)


def take_all(folder: Path, scale: float = 1.0) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with library() as (app, episode), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for language, locale in LOCALES.items():
            page = browser.new_page(locale=locale, viewport=WINDOW, device_scale_factor=scale)
            page.set_default_timeout(120_000)
            for name, (path, there) in views(episode).items():
                page.goto(f"{app.url}/{path}")
                page.locator(there).first.wait_for(state="attached")
                taken.append(folder / f"{name}.{language}.webp")
                take(page, taken[-1])
            page.close()
        browser.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    for picture in take_all(parser.parse_args().folder):
        print(f"{picture} ({picture.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()
