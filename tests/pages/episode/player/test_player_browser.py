"""The episode page and its player in a real browser, over the real app, bundled audio and the bundled speech model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chromium import chromium
from tests.running import PROJECT, RunningApp, wait_for

SAMPLES = PROJECT / "demo" / "samples"
PATIENCE_MS = 30_000

pytestmark = [pytest.mark.browser, pytest.mark.long]
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("player") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


def transcribed(app: RunningApp, sample: Path) -> int:
    """Uploads a sample and waits for its notes, extractive ones, for there is no Ollama."""
    answer = app.upload(sample, model="demo", notes_language="en")
    episode_id: int = answer.json()["id"]
    wait_for(lambda: app.client.get(f"/api/v1/episodes/{episode_id}/summary").status_code == 200, why=app.last_words)
    return episode_id


@pytest.fixture(scope="module")
def episode_id(app: RunningApp) -> int:
    return transcribed(app, SAMPLES / "en_episode.mp3")


def position(page: Page) -> float:
    seconds: float = page.get_by_test_id("audio").evaluate("audio => audio.currentTime")
    return seconds


def paused(page: Page) -> bool:
    answer: bool = page.get_by_test_id("audio").evaluate("audio => audio.paused")
    return answer


def open_episode(page: Page, app: RunningApp, episode_id: int, more: str = "") -> None:
    page.goto(f"{app.url}/episode?id={episode_id}{more}")
    page.get_by_test_id("player").wait_for()


def test_a_citation_moves_the_sound_and_marks_its_sentence(app: RunningApp, episode_id: int, page: Page) -> None:
    point = app.client.get(f"/api/v1/episodes/{episode_id}/summary").json()["points"][1]
    open_episode(page, app, episode_id)
    page.get_by_test_id("segment-0").wait_for()
    page.get_by_test_id("point-1-time").click()
    current = page.locator("[data-testid^=segment-][aria-current=true]")
    expect(current).to_contain_text(point["quote"])
    assert point["start"] <= position(page) < point["start"] + 5
    wait_for(lambda: position(page) > point["start"] + 0.2)
    assert not paused(page)


def test_a_sentence_seeks_and_keys_move_the_sound(app: RunningApp, episode_id: int, page: Page) -> None:
    segments = app.client.get(f"/api/v1/episodes/{episode_id}/transcript?format=json").json()["segments"]
    open_episode(page, app, episode_id)
    page.get_by_test_id("segment-8").click()
    expect(page.get_by_test_id("segment-8")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Space")
    wait_for(lambda: paused(page))
    before = position(page)
    assert before >= segments[8]["start"] - 0.1
    page.keyboard.press("ArrowRight")
    wait_for(lambda: abs(position(page) - before - 30) < 0.1)
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: abs(position(page) - before - 15) < 0.1)


def test_it_begins_where_the_address_says_and_comes_back_to_where_it_was(app: RunningApp, episode_id: int, page: Page) -> None:
    open_episode(page, app, episode_id, "&t=22.5")
    wait_for(lambda: abs(position(page) - 22.5) < 0.1)
    page.get_by_test_id("ahead-30").click()
    wait_for(lambda: abs(position(page) - 52.5) < 0.1)
    open_episode(page, app, episode_id)
    wait_for(lambda: abs(position(page) - 52.5) < 0.1)
    assert paused(page)


def test_own_notes_are_saved_while_the_sound_goes_on(app: RunningApp, episode_id: int, page: Page) -> None:
    open_episode(page, app, episode_id)
    page.get_by_test_id("play").click()
    wait_for(lambda: position(page) > 0)
    page.get_by_test_id("tab-own").click()
    page.get_by_role("textbox", name="My notes").fill("Ask **Emma**.")
    expect(page.get_by_test_id("own-state")).to_have_text("Saved")
    assert "Emma" in app.client.get(f"/api/v1/episodes/{episode_id}/notes").text
    assert not paused(page)
    before = position(page)
    wait_for(lambda: position(page) > before)


def test_silence_is_said(app: RunningApp, page: Page) -> None:
    open_episode(page, app, transcribed(app, SAMPLES / "silence.wav"))
    expect(page.get_by_test_id("transcript-status")).to_contain_text("Nobody speaks")
    expect(page.get_by_test_id("gist")).to_contain_text("Nobody speaks")


def test_a_phone_shows_one_side_at_a_time(app: RunningApp, episode_id: int, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_episode(page, app, episode_id)
    expect(page.get_by_test_id("gist")).to_be_visible()
    expect(page.get_by_test_id("segment-0")).to_be_hidden()
    page.get_by_test_id("tab-transcript").click()
    expect(page.get_by_test_id("segment-0")).to_be_visible()
    expect(page.get_by_test_id("gist")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
