"""How the app feels in a browser: the first page, page to page, a star, a transcript, search as you type.

library of 40 episodes, one of an hour ─▶ this tree │ the one before the redesign, in turn ─▶ Chromium, by its own clock
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

from bench.earlier import checkout
from bench.reading.opening import IN_COMPONENTS
from tests.chromium import CALM, chromium
from tests.running import PROJECT, RunningApp

BEFORE = "5a9fc6e"
ROUNDS = 5
SENTENCES = 1200
FILL = (
    "import sys; from pathlib import Path; from tests.fixtures import long_episode, many_episodes; data = Path(sys.argv[1]); "
    "many_episodes.fill(data, 40); long_episode.fill(data, int(sys.argv[2]), int(sys.argv[2]) * 3)"
)
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"
# What is measured, its aim, and its unit; the order of the table.
AIMS = {
    "library, cold (s)": "1.5",
    "the same, every part of it (s)": "",
    "requests of it": "60",
    "megabytes of it, encoded": "1.2",
    "library, warm (s)": "0.8",
    "the same, every part of it, warm (s)": "",
    "page to page, settled (s)": "0.4",
    "star painted (s)": "0.05",
    "library to transcript (s)": "0.8",
    "search, after the last key (s)": "0.2",
}
# The time of the frame after the one in which a row of the library is there, mounted by Streamlit, and after the one in which the
# first view shows it, where there is one.
ROW = """() => new Promise(done => {
    const look = () => {
        const row = window.inComponents('episode-link');
        const marks = () => performance.getEntriesByName("castmind-first-view").filter(({ detail }) => detail === "library");
        const times = () => [...marks().map(({ startTime }) => startTime), performance.now(), performance.now()].slice(-3);
        if (row?.getClientRects().length) requestAnimationFrame(() => done([times()[0], times().at(-1)]));
        else setTimeout(look, 5);
    };
    look();
})"""
# From the next click or key to the frame after the one in which a sign of the page holds.
WATCH = """([sign, wanted]) => {
    window.taken = null;
    const heading = () => [...document.querySelectorAll('*')]
        .map(node => node.matches('h1') ? node : node.shadowRoot?.querySelector('h1')).find(Boolean)?.textContent.trim();
    const before = heading();
    const signs = {
        page: () => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
            && location.pathname === wanted && heading() && heading() !== before,
        pressed: () => window.inComponents('episode-star')?.getAttribute('aria-pressed') === wanted,
        sentence: () => window.inComponents('segment-0')?.getClientRects().length,
        hits: () => window.inComponents('palette-hit')?.getClientRects().length,
    };
    const begin = () => {
        const began = performance.now();
        const look = () => {
            if (signs[sign]()) requestAnimationFrame(() => { window.taken = performance.now() - began; });
            else setTimeout(look, 4);
        };
        setTimeout(look, 0);
    };
    document.addEventListener(sign === 'hits' ? 'keydown' : 'click', begin, { capture: true, once: true });
}"""


class Side:
    """One tree with its own library, server and figures."""

    def __init__(self, name: str, project: Path, folder: Path) -> None:
        self.name = name
        self.figures: dict[str, list[float]] = defaultdict(list)
        data = folder / name.partition(" ")[0]
        data.mkdir()
        # By its own code: the schema of the library is that of the tree.
        subprocess.run([sys.executable, "-c", FILL, str(data), str(SENTENCES)], cwd=project, check=True)
        self.app = RunningApp(data, CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo")
        self.app.parent = None  # type: ignore[misc]
        self.app.project = project

    def keep(self, name: str, value: float) -> None:
        self.figures[name].append(value)

    def round(self, browser: Browser) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        context.set_default_timeout(60_000)
        context.add_init_script(IN_COMPONENTS)
        page = context.new_page()
        traffic = Traffic(context.new_cdp_session(page))
        self._library(page, "library, cold (s)", "the same, every part of it (s)")
        page.locator(STILL).wait_for()
        page.wait_for_load_state("networkidle")
        self.keep("requests of it", traffic.requests)
        self.keep("megabytes of it, encoded", traffic.size / 1e6)
        page.close()
        page = context.new_page()
        self._library(page, "library, warm (s)", "the same, every part of it, warm (s)")
        self._pages(page)
        self._star(page)
        self._search(page)
        self._transcript(page)
        context.close()

    def _library(self, page: Page, shown: str, whole: str) -> None:
        page.goto(self.app.url, wait_until="commit")
        for name, taken in zip((shown, whole), page.evaluate(ROW), strict=True):
            self.keep(name, taken / 1000)

    def _pages(self, page: Page) -> None:
        page.locator(STILL).wait_for()
        for path in ("/queue", "/search", "/"):
            link = page.locator(f'a[href$="{path}"]').first
            self._press(page, link, "page to page, settled (s)", "page", path)

    def _star(self, page: Page) -> None:
        star = page.get_by_test_id("episode-star").first
        star.wait_for()
        before = star.get_attribute("aria-pressed")
        if before is not None:
            self._press(page, star, "star painted (s)", "pressed", "false" if before == "true" else "true")

    def _search(self, page: Page) -> None:
        opener = page.get_by_test_id("open-palette")
        if not opener.count():
            return
        opener.click()
        field = page.get_by_test_id("palette-field")
        field.fill("harbou")
        page.wait_for_timeout(600)
        field.fill("")
        page.wait_for_timeout(600)
        field.press_sequentially("lanter", delay=30)
        page.evaluate(WATCH, ["hits", ""])
        field.press("n")
        self._taken(page, "search, after the last key (s)")
        field.fill("")
        page.keyboard.press("Escape")
        page.get_by_test_id("palette").wait_for(state="hidden")

    def _transcript(self, page: Page) -> None:
        link = page.get_by_role("link", name="Five hours about harbours").first
        link.wait_for()
        self._press(page, link, "library to transcript (s)", "sentence", "")

    def _press(self, page: Page, what: Locator, name: str, sign: str, wanted: str) -> None:
        page.locator(STILL).wait_for()
        page.evaluate(WATCH, [sign, wanted])
        what.click()
        self._taken(page, name)

    def _taken(self, page: Page, name: str) -> None:
        page.wait_for_function("() => window.taken !== null", timeout=60_000)
        self.keep(name, page.evaluate("() => window.taken") / 1000)


class Traffic:
    """Counts the requests of a page and their bytes on the wire."""

    def __init__(self, session: CDPSession) -> None:
        self.requests = 0
        self.size = 0.0
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: dict[str, object]) -> None:
        self.requests += event.get("type") != "WebSocket"

    def _finished(self, event: dict[str, float]) -> None:
        self.size += event["encodedDataLength"]


def measure(folder: Path, quick: bool) -> Iterator[str]:
    sides = [Side("now", PROJECT, folder)]
    if before := checkout(BEFORE, folder / "tree"):
        sides.append(Side(f"before ({BEFORE})", before, folder))
    else:
        yield f"This clone has no commit {BEFORE}: the app before is left out.\n"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(CALM))
        for side in sides:
            side.app.start()
        try:
            for _ in range(1 if quick else ROUNDS):
                for side in sides:
                    side.round(browser)
        finally:
            for side in sides:
                side.app.stop()
            browser.close()
    yield from table(sides)


def table(sides: list[Side]) -> Iterator[str]:
    yield f"| median of {len(sides[0].figures['library, cold (s)'])} rounds | {' | '.join(side.name for side in sides)} | aim |"
    yield f"| --- | {'--- | ' * len(sides)}--- |"
    for name, aim in AIMS.items():
        figures = [f"{statistics.median(values):.3g}" if (values := side.figures[name]) else "none" for side in sides]
        yield f"| {name} | {' | '.join(figures)} | {aim} |"
