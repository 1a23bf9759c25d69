"""The view before Streamlit runs: the rail and the library at once, at the places and in the colours of the page that follows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_pages import settled
from tests.fixtures.many_episodes import fill
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

SCRIPTS = "**/static/joined-*/**"
GONE = "() => document.castmindFirst === null && !document.querySelector('.castmind-first')"
# Places, colours and texts of parts, by the roots of their shadow trees.
NAMES = ("episode-row-20", "episode-row-18", "open-palette", "place-feeds", "tab-bar", "add-open", "chip-unread")
LOOK = """(roots) => {
    const found = {};
    for (const root of roots) {
        for (const name of NAMES) {
            const part = root.querySelector(`[data-testid=${name}]`);
            if (!part?.getClientRects().length) continue;
            const { x, y, width, height } = part.getBoundingClientRect();
            const { color, fontFamily, borderBottomColor } = getComputedStyle(part);
            const family = fontFamily.split(",")[0].replaceAll('"', "");
            found[name] = { at: [x, y, width, height].map(Math.round), color, family, borderBottomColor, text: part.textContent };
        }
    }
    return found;
}""".replace("NAMES", str(list(NAMES)))
FIRST = "document.castmindFirst.parts.map((part) => part.parentElement)"
THEN = "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].map((host) => host.shadowRoot)"
COLOURS = "(host) => Object.fromEntries(%s.map((name) => [name, getComputedStyle(host).getPropertyValue(name).toUpperCase()]))"


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("first") / "data"
    data.mkdir()
    fill(data, 20)
    with RunningApp(data, CASTMIND_NOTES_ENGINE="extractive") as running:
        # Until then the library shows the first steps, and they go away while a test compares places.
        wait_for(lambda: running.client.get("/health").json()["checks"]["speech"]["code"] != "probing", why=running.last_words)
        yield running


def without_streamlit(page: Page, url: str) -> None:
    """Open an address whose scripts of Streamlit do not come."""
    page.route(SCRIPTS, lambda route: route.abort())
    page.goto(url)
    page.wait_for_function("() => performance.getEntriesByName('castmind-first-view').length")


def whole(page: Page, url: str) -> None:
    page.unroute(SCRIPTS)
    page.goto(url)
    settled(page)
    page.wait_for_function(GONE)


@pytest.mark.parametrize(("locale", "size", "dark"), [("en-GB", DESK, 0), ("en-GB", DESK, 1), ("zh-CN", PHONE, 0)])
def test_nothing_moves_when_the_page_takes_its_place(
    some: RunningApp, visit: Visit, locale: str, size: ViewportSize, dark: int
) -> None:
    page = visit(some, None, locale=locale, ignore=("ERR_FAILED",))
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="dark" if dark else "light")
    whole(page, some.url)  # by then the first steps are known to be done
    without_streamlit(page, some.url)
    first = page.evaluate(f"() => ({LOOK})({FIRST})")
    assert {"episode-row-20", "chip-unread", "add-open"} <= first.keys() and ("place-feeds" in first) is (size is DESK)
    names = page.evaluate("() => Object.keys(document.castmindFirst.data.colours)")
    colours = COLOURS % names
    seen = page.evaluate(f"() => ({colours})(document.castmindFirst.host)")
    whole(page, some.url)
    assert first == page.evaluate(f"() => ({LOOK})({THEN})")
    shown = page.evaluate(f"() => ({colours})(document.querySelector('[data-testid=stBidiComponentIsolated]'))")
    given = {name: re.findall(r"#\w+", value)[dark] for name, value in seen.items()}
    assert given == shown


def test_its_links_lead_on_before_streamlit_runs(some: RunningApp, visit: Visit) -> None:
    page = visit(some, ignore=("ERR_FAILED",))
    settled(page)
    without_streamlit(page, some.url)
    link = f"{FIRST}.at(-2).querySelector('[data-testid=episode-link]')"
    box = page.evaluate(f"() => {{ const at = {link}.getBoundingClientRect(); return [at.x + 5, at.y + 5]; }}")
    assert page.evaluate(f"() => {FIRST}.flatMap((root) => [...root.querySelectorAll('button:not([inert])')]).length") == 0
    page.mouse.click(*box)
    expect(page).to_have_url(re.compile(r"/episode\?id=\d+$"))


def test_the_page_under_it_takes_neither_presses_nor_focus_until_it_ends(some: RunningApp, visit: Visit) -> None:
    page = visit(some, ignore=("ERR_FAILED",))
    settled(page)
    assert not page.evaluate("document.getElementById('root').inert")
    without_streamlit(page, some.url)
    assert page.evaluate("document.getElementById('root').inert")
    assert page.evaluate("document.elementFromPoint(700, 500).className") == "castmind-first whole"
    held = f"{FIRST}.at(-2).querySelector('[data-testid=episode-link]')"
    page.evaluate(f"{held}.focus()")
    page.evaluate("document.castmindFirst.end()")
    assert not page.evaluate("document.getElementById('root').inert")


@pytest.mark.parametrize("path", ["/feeds", "/?trash=1", "/episode?id=1", "/?q=zzzz"])
def test_it_ends_on_every_page(some: RunningApp, visit: Visit, path: str) -> None:
    page = visit(some, path)
    page.wait_for_function(GONE)
    expect(page.get_by_test_id("rail")).to_have_count(1)


def test_a_window_from_before_an_update_gets_the_parts_that_it_lacks(some: RunningApp, visit: Visit) -> None:
    page = visit(some, None)
    page.route("**/app/parts/all-*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(some.url)
    settled(page)
    expect(page.get_by_test_id("episode-row-20")).to_be_visible()
    expect(page.get_by_test_id("place-feeds")).to_be_visible()
