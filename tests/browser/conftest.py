"""A real Chromium with CastMind as a user runs it. An error in a page's console fails its test.

browser (one for the folder) ─▶ visit(app, at, locale=…) ─▶ Page ─▶ shot(page, name) ─▶ artifacts/<name>.png
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, TimeoutError, ViewportSize, expect, sync_playwright

from tests.browser import room as rooms
from tests.chromium import CALM, chromium
from tests.fixtures import many_episodes
from tests.running import PROJECT, RunningApp

SAMPLES = PROJECT / "demo" / "samples"
PATIENCE_MS = 60_000
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
# A page opened by its URL: Streamlit's own script first looks for the server below that URL, in vain.
PROBES = ("/_stcore/host-config", "/_stcore/health")
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]
LibraryOf = Callable[[int], RunningApp]


def cards(page: Page, kind: str) -> Locator:
    """Return the entries of a list: the rows of `episode`, the cards of `job`, the tiles of `feed`, the containers of others."""
    if kind == "feed":
        return page.get_by_test_id("feed-tile")
    if kind == "job":
        return page.get_by_test_id("queue-card")
    if kind == "episode":
        return page.get_by_test_id("episode-rows").get_by_role("listitem")
    return page.locator(f"[data-testid=stVerticalBlock][class*=st-key-{kind}-]")


def choose(box: Locator, option: str) -> None:
    """Choose an option of a list. The list closes if the page below it moves; then reopen it, as a person does."""
    offered = box.page.get_by_role("option", name=option, exact=True)
    for patience in (5_000, 5_000, 5_000, PATIENCE_MS):
        box.click()
        try:
            offered.click(timeout=patience)
            return
        except TimeoutError:
            if patience == PATIENCE_MS:
                raise
            box.press("Escape")


STILL = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const place = [main.scrollTop, main.scrollHeight].join();
    const kept = (window.stillness ??= {});
    if (kept.place !== place) Object.assign(kept, { place, since: performance.now() });
    return performance.now() - kept.since > 300;
}"""


def unfold(summary: Locator, shows: Locator) -> None:
    """Expand a part of the page, and wait until its content stops moving: a press on a moving element is lost."""
    summary.click()
    shows.wait_for()
    summary.page.evaluate("delete window.stillness")
    summary.page.wait_for_function(STILL)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(CALM))
        yield started
        started.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """One CastMind for all tests of a file that need no own library: the order of files must not matter."""
    with RunningApp(tmp_path_factory.mktemp("browser") / "data") as running:
        yield running


@pytest.fixture(scope="package")
def library(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A CastMind with the episode of `room.fill`, number 1."""
    data = tmp_path_factory.mktemp("room") / "data"
    rooms.fill(data)
    with RunningApp(data) as running:
        yield running


@pytest.fixture(scope="module")
def library_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibraryOf]:
    """Run a CastMind whose library holds so many made-up episodes, until the tests of the file end."""
    with ExitStack() as running:

        def run(count: int) -> RunningApp:
            data = tmp_path_factory.mktemp("made-up") / "data"
            data.mkdir()
            many_episodes.fill(data, count)
            return running.enter_context(RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive"))

        yield run


@pytest.fixture
def room(library: RunningApp, visit: Visit) -> rooms.Room:
    """The page of that episode, not opened yet. Chromium logs every conflict (409), and conflicts are tested."""
    return rooms.Room(library, visit(library, None, ignore=(" 409 ", "ERR_FAILED")))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    complaints: list[str] = []
    expected = list(PROBES)

    def heard(message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location.get('url')})"
        if message.type == "error" and not any(words in said for words in expected):
            complaints.append(said)

    with ExitStack() as contexts:

        def opened(
            app: RunningApp, at: str | None = "/", *, locale: str = "en-US", ignore: tuple[str, ...] = (), offline: bool = False
        ) -> Page:
            expected.extend(ignore)
            context = browser.new_context(locale=locale, viewport=DESK, service_workers="allow" if offline else "block")

            def leave() -> None:
                if leave in app.guests:
                    app.guests.remove(leave)
                    context.close()

            app.guests.append(leave)
            contexts.callback(leave)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("console", heard)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            if at is not None:
                page.goto(app.url + at)
            return page

        yield opened
    assert not complaints


@pytest.fixture
def shot() -> Shot:
    """Save a screenshot for people to look at."""
    folder = PROJECT / "artifacts"

    def keep(page: Page, name: str) -> None:
        folder.mkdir(exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)

    return keep
