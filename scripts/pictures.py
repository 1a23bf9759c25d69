"""Take the pictures of the docs from the real app, so that they never go stale:  make pictures, or python -m scripts.pictures

samples, a feed, highlights, a slow download ─▶ CastMind in a temporary folder ─▶ Chromium ─▶ docs/pictures/
    ten views, each wide and as a phone shows it, light and dark, in both languages: NAME[.phone][.dark].LANGUAGE.webp
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.chromium import CALM, chromium
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.running import PROJECT, RunningApp, wait_for

FOLDER = PROJECT / "docs" / "pictures"
SAMPLES = PROJECT / "demo" / "samples"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
TITLES = {"en_episode.mp3": "History and robots", "en_meeting.m4a": "Weekly meeting", "zh_episode.mp3": "时间与音乐"}
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"
# In place of a part whose script is still on its way.
UNLOADED = "[data-testid=stSkeleton]"
WINDOW = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
# The theme's name in a picture's name, and the colour of its ground.
THEMES = {"light": ("", "rgb(251, 249, 244)"), "dark": (".dark", "rgb(27, 28, 26)")}
GROUND = "(colour) => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor === colour"
# The views that the README shows.
# The speech worker stays, however long the pictures take: the status page says whether it is there.
SETTINGS = {"CASTMIND_NOTES_ENGINE": "extractive", "CASTMIND_WHISPER_MODEL": "demo", "CASTMIND_SPEECH_IDLE_SECONDS": "86400"}
README = ("episode", "library", "search", "feeds")
MARKS = ((0, "yellow"), (2, "blue"), (4, "green"))


@contextmanager
def library() -> Iterator[tuple[RunningApp, int]]:
    """Run a CastMind with finished episodes and one slow, running download; yield it with the first episode's id."""
    with (
        tempfile.TemporaryDirectory() as folder,
        PodcastHost() as host,
        RunningApp(Path(folder) / "data", **SETTINGS) as app,
    ):
        ids = []
        for file, title in TITLES.items():
            ids.append(app.upload(SAMPLES / file).json()["id"])
            app.wait_done(ids[-1], patience=300)
            app.client.patch(f"/api/v1/episodes/{ids[-1]}", json={"title": title}).raise_for_status()
        base = f"/api/v1/episodes/{ids[0]}"
        sentences = app.client.get(f"{base}/transcript").json()["segments"]
        for number, colour in MARKS:
            end = {"end_segment": number, "end_offset": len(sentences[number]["text"])}
            place = {"start_segment": number, "start_offset": 0} | end
            app.client.post(f"{base}/highlights", json=place | {"colour": colour}).raise_for_status()
        wait_for(lambda: app.client.get(f"{base}/waveform").json()["ready"])
        app.client.post("/api/v1/feeds", json={"url": host.feed_url, "backlog": 0}).raise_for_status()
        address = {"url": host.audio_url("en_episode.mp3", Mode.DRIP), "title": "An evening with Ada"}
        arriving = app.client.post("/api/v1/episodes/import", json=address).json()["id"]
        wait_for(lambda: app.states(arriving).get("fetch") == "running")
        yield app, ids[0]


def views(episode: int) -> dict[str, tuple[str, str]]:
    """Return by name the path, and an element that is visible once the page is drawn."""
    return {
        "library": ("", "[data-testid=episode-link]"),
        "episode": (f"episode?id={episode}&t=20", "[data-testid=segment-0]"),
        "search": ("search?q=history", "[data-testid=search-hit]"),
        "palette": ("", "[data-testid=episode-link]"),
        "feeds": ("feeds", "[data-testid=feed-tile]"),
        "show": ("show?id=1", "h1"),
        "highlights": ("highlights", "[data-testid=highlight-cards] > li"),
        "queue": ("queue", "[data-testid=queue-card]"),
        "settings": ("settings?group=speech", "[data-testid=model-auto]"),
        "status": ("status", "h1"),
    }


def prepare(page: Page, name: str) -> None:
    """Open what a view shows above its page."""
    if name == "palette":
        page.locator(STILL).wait_for()
        page.get_by_test_id("palette-field").wait_for(state="attached")
        page.keyboard.press("Control+k")
        page.get_by_test_id("palette-field").fill("history")
        page.get_by_test_id("palette-hit").first.wait_for()


def take(page: Page, target: Path) -> None:
    page.locator(STILL).wait_for()
    page.wait_for_function("() => !document.castmindFirst")
    page.locator(UNLOADED).first.wait_for(state="detached")
    page.evaluate("document.fonts.ready")
    Image.open(io.BytesIO(page.screenshot(animations="disabled"))).save(target, "WEBP", quality=82, method=6)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return how much of a page looks different, in percent: squares of 20 pixels whose mean grey differs by more than 16 of 255.

    Another date or time makes a few tenths; a missing row of chips 0.6, a missing rail 3, another page 13 and more; lines that
    other fonts move by 4 pixels 3. Pictures of another size: 100.
    """
    if one.size != other.size:
        return 100.0
    small = [each.convert("L").resize((each.width // 20, each.height // 20), Image.Resampling.BOX) for each in (one, other)]
    squares = ImageChops.difference(*small).histogram()
    return 100.0 * sum(squares[17:]) / sum(squares)


def take_all(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with library() as (app, episode), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(CALM))
        for language, locale in LOCALES.items():
            for suffix, window in (("", WINDOW), (".phone", PHONE)):
                page = browser.new_page(locale=locale, viewport=window)
                page.set_default_timeout(120_000)
                for name, (path, there) in views(episode).items():
                    page.goto(f"{app.url}/{path}")
                    page.locator(there).first.wait_for(state="attached")
                    prepare(page, name)
                    for theme, (shade, ground) in THEMES.items():
                        page.emulate_media(color_scheme=theme)
                        page.wait_for_function(GROUND, arg=ground)
                        taken.append(folder / f"{name}{suffix}{shade}.{language}.webp")
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
