"""What a viewer sees: everything to read and listen to, and no control that the server would refuse.

The long test presses every visible control of each page, one after another, and no answer may be a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.browser.conftest import DESK, PATIENCE_MS
from tests.browser.room import fill
from tests.fixtures import many_episodes
from tests.running import RunningApp

PASSWORD = "correct horse battery"
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
# Pressing them leads away from the page, or plays for long; what they lead to is opened on its own.
LEADS_AWAY = "nav a, [data-testid^=place-]"
PRESSED = ("button", "[role=button]", "[role=tab]", "summary", "input[type=checkbox]")
PAGES = ("/", "/?inbox=1", "/?trash=1", "/episode?id=1", "/feeds", "/show?id=1", "/queue", "/search?q=harbour", "/highlights")
OWN_PAGES = ("/settings", "/settings?group=accounts", "/status", "/schedules", "/logs", "/doctor")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("viewer") / "data"
    fill(data)
    many_episodes.fill(data, 30)
    with RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive") as running:
        with httpx.Client(base_url=running.url, headers={"Origin": running.url}) as owner:
            owner.put("/api/v1/accounts/me/password", json={"present": "", "password": PASSWORD}).raise_for_status()
            assert owner.post("/sign-in", data={"name": "admin", "password": PASSWORD, "next": "/"}).status_code == 303
            for name in ("viewer", "member"):
                owner.post("/api/v1/accounts", json={"name": name, "role": name, "password": PASSWORD}).raise_for_status()
        yield running


def signed_in(browser: Browser, app: RunningApp, name: str) -> Page:
    page = browser.new_context(viewport=DESK, locale="en-US").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{app.url}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button.accent")
    page.locator(READY).wait_for()
    return page


def opened(page: Page, app: RunningApp, path: str) -> None:
    page.goto(app.url + path)
    page.locator(READY).wait_for()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_viewer_reads_and_marks_and_a_member_edits(app: RunningApp, browser: Browser) -> None:
    viewer, member = signed_in(browser, app, "viewer"), signed_in(browser, app, "member")
    for page, edits in ((viewer, False), (member, True)):
        opened(page, app, "/")
        expect(page.get_by_test_id("episode-star").first).to_be_visible()
        expect(page.get_by_test_id("add-open")).to_be_visible(visible=edits)
        expect(page.get_by_test_id("episode-retry").first).to_be_visible(visible=edits)
        opened(page, app, "/episode?id=1")
        expect(page.get_by_test_id("transcript")).to_be_visible()
        expect(page.get_by_test_id("tag-add")).to_be_visible(visible=edits)
        page.get_by_test_id("head-menu").click()
        expect(page.get_by_test_id("menu-downloads")).to_be_visible()
        expect(page.get_by_test_id("menu-delete")).to_have_count(int(edits))
        opened(page, app, "/settings")
        expect(page.get_by_role("radio", name="Accounts")).to_be_visible()
        expect(page.get_by_role("radio", name="Server")).to_have_count(0)
        page.context.close()


NAMED = """(nodes, away) => nodes.map((node, at) => {
    const name = node.dataset.testid || node.getAttribute("aria-label") || node.textContent;
    return [at, name.replace(/[0-9]+/g, "0"), node.matches(away) || node.disabled];
})"""


def controls(page: Page) -> tuple[Locator, dict[str, int]]:
    """Return the visible controls, and the place of the first one of each kind: sentences have a hundred of the same."""
    found = page.locator(", ".join(f"{kind}:visible" for kind in PRESSED))
    kinds: dict[str, int] = {}
    for at, name, left_alone in found.evaluate_all(NAMED, LEADS_AWAY):
        if not left_alone:
            kinds.setdefault(name, at)
    return found, kinds


@pytest.mark.long
@pytest.mark.parametrize("path", [*PAGES, *OWN_PAGES])
def test_no_control_of_a_viewer_is_refused(app: RunningApp, browser: Browser, path: str) -> None:
    page = signed_in(browser, app, "viewer")
    refused: list[str] = []
    pressed = ""

    def heard(response: Response) -> None:
        if response.status == 403:
            refused.append(f"{pressed}: {response.request.method} {response.url}")

    page.on("response", heard)
    opened(page, app, path)
    for pressed in controls(page)[1]:
        found, there = controls(page)
        if pressed not in there:
            continue  # it came and went, as a message does
        found.nth(there[pressed]).click(force=True, no_wait_after=True)
        page.locator(READY).wait_for()
        if page.get_by_text("isn’t allowed to do this").count():
            refused.append(pressed)
        opened(page, app, path)
    page.context.close()
    assert refused == []
