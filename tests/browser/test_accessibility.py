"""No page stands in the way of those who see little or nothing: axe-core has nothing to say, by day and by night.

an empty CastMind, and one with episodes, jobs of every kind, a feed, a backup ─▶ every page, every dialog ─▶ axe-core
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import COLOURS, complaints
from tests.browser.conftest import PHONE, SAMPLES, Visit, unfold
from tests.browser.test_pages import settled
from tests.fakes.podcast_host import PodcastHost
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

EVERYWHERE = (
    "", "queue", "feeds", "search", "settings?group=pages", "settings?group=notes", "settings?group=notifications",
    "settings?group=backup", "status",
)  # fmt: skip
FILLED = ("show?id=1", "search?q=the", "queue?show=done", "queue?show=failed", "episode?id=1")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("bare") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An episode that is done, one that failed, one with notes that wait for Ollama, a feed, a backup."""
    folder = tmp_path_factory.mktemp("furnished") / "data"
    with PodcastHost() as host, RunningApp(folder, CASTMIND_NOTES_ENGINE="extractive") as running:
        running.wait_done(running.upload(SAMPLES / "en_meeting.m4a").json()["id"])
        address = {"url": f"{host.url}/audio/gone.mp3"}
        failing = running.client.post("/api/v1/episodes/import", json=address).json()["id"]
        running.client.post("/api/v1/feeds", json={"url": host.feed_url, "backlog": 0}).raise_for_status()
        running.client.post("/api/v1/backups", json={}).raise_for_status()
        wait_for(lambda: "failed" in running.states(failing).values(), why=lambda: str(running.episode(failing)))
        wait_for(lambda: running.client.get("/api/v1/backups").json()["items"])
        yield running


def opened(page: Page, app: RunningApp, path: str) -> None:
    page.goto(f"{app.url}/{path}")
    page.get_by_role("heading", level=1).first.wait_for()
    if path == "episode?id=1":
        page.get_by_test_id("segment-0").wait_for(state="attached")
    if path == "":
        expect(page.get_by_test_id("add-open")).to_be_visible()
    if path.endswith("backup"):
        expect(page.get_by_test_id("uploader-pick")).not_to_be_empty()
    settled(page)


def findings(page: Page, where: str) -> list[str]:
    """By day and by night."""
    found = []
    for scheme, rules in (("light", ()), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        settled(page)
        found += [f"{where} ({scheme}): {line}" for line in complaints(page, rules)]
    return found


def test_an_empty_castmind(empty: RunningApp, visit: Visit) -> None:
    page, found = visit(empty, None), list[str]()
    for path in (*EVERYWHERE, "episode?id=404"):
        opened(page, empty, path)
        found += findings(page, f"/{path}")
    assert not found, "\n".join(found)


def test_a_castmind_in_use(full: RunningApp, visit: Visit) -> None:
    page, found = visit(full, None), list[str]()
    for path in (*EVERYWHERE, *FILLED):
        opened(page, full, path)
        found += findings(page, f"/{path}")
    assert not found, "\n".join(found)


def test_a_phone(full: RunningApp, visit: Visit) -> None:
    page, found = visit(full, None), list[str]()
    page.set_viewport_size(PHONE)
    for path in ("", "queue", "search?q=the", "episode?id=1"):
        opened(page, full, path)
        found += findings(page, f"/{path} on a phone")
    assert not found, "\n".join(found)


DIALOGS = [
    ("episode?id=1", "menu-again"),
    ("episode?id=1", "menu-downloads"),
    ("episode?id=1", "Rewrite…"),
    ("episode?id=1", "Keyboard shortcuts"),
    ("show?id=1", "Unsubscribe"),
    ("settings?group=backup", "Restore"),
    ("settings?group=backup", "Delete"),
]


def test_dialogs(full: RunningApp, visit: Visit) -> None:
    page, found = visit(full, None), list[str]()
    for path, button in DIALOGS:
        opened(page, full, path)
        if path == "show?id=1":
            options = page.locator("[class*=st-key-feed-unfolded-] summary").first
            unfold(options, page.get_by_role("button", name=button, exact=True).first)
            settled(page)
        if button.startswith("menu-"):
            page.get_by_test_id("head-menu").click()
            found += findings(page, f"/{path}, the menu")
            page.get_by_test_id(button).click()
        else:
            page.get_by_role("button", name=button, exact=True).first.click()
        expect(page.get_by_role("dialog"), f"{button} of /{path}").to_be_visible()
        found += findings(page, f"/{path}, {button}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert not found, "\n".join(found)
