"""Open a five-hour transcript in a browser: from the click in the library to its first sentence, then scroll.

click on the title ─▶ page drawn ─▶ transcript fetched ─▶ first sentence visible       wheel through it ─▶ frames
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.fixtures import long_episode
from tests.running import RunningApp

ROUNDS = 7
# The time when the sentence is on the screen: the frame after the one that inserted it.
IN_COMPONENTS = """window.inComponents = (testid) => [...document.querySelectorAll('*')]
    .map(node => node.shadowRoot?.querySelector(`[data-testid=${testid}]`)).find(Boolean);"""
WATCH = """() => {
    window.clickedAt = null;
    window.sentenceAt = null;
    document.addEventListener('click', () => { window.clickedAt ??= performance.now(); }, { capture: true });
    const look = () => {
        const seen = window.inComponents('segment-0')?.getClientRects().length;
        if (seen) requestAnimationFrame(() => { window.sentenceAt = performance.now(); });
        else setTimeout(look, 10);
    };
    look();
}"""
SCROLL = """async () => {
    const pane = window.inComponents('transcript-scroll');
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let step = 0; step < 180; step += 1) {
        pane.scrollTop += 400;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    return frames;
}"""


def measure(folder: Path, quick: bool) -> Iterator[str]:
    data = folder / "data"
    data.mkdir()
    sentences = 600 if quick else long_episode.SENTENCES
    long_episode.fill(data, sentences, sentences * 3)
    with RunningApp(data) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.add_init_script(IN_COMPONENTS)
        times = [_open(page, app) for _ in range(2 if quick else ROUNDS)]
        frames = sorted(page.evaluate(SCROLL))
        browser.close()
    yield f"Transcript of {sentences:,} sentences with word times.\n"
    yield "| what | seconds | aim |"
    yield "| --- | --- | --- |"
    yield f"| from the click to the first sentence, first time | {times[0]:.2f} | 1 |"
    yield f"| the same, median of {len(times) - 1} later ones | {statistics.median(times[1:]):.2f} | 1 |"
    yield f"| the slowest of them | {max(times[1:]):.2f} | |"
    yield f"| scrolling by 400 pixels a frame, median frame | {statistics.median(frames) / 1000:.3f} | 0.017 |"
    yield f"| the same, 95th percentile | {frames[int(len(frames) * 0.95)] / 1000:.3f} | |"


def _open(page: Page, app: RunningApp) -> float:
    """Return the seconds by the browser's own clock."""
    page.goto(app.url)
    link = page.get_by_role("link", name="Five hours about harbours").first
    link.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    time.sleep(0.5)  # until the library's own images and scripts have loaded
    page.evaluate(WATCH)
    link.click()
    page.wait_for_function("() => window.sentenceAt !== null", timeout=60_000)
    taken: float = page.evaluate("() => (window.sentenceAt - window.clickedAt) / 1000")
    return taken
