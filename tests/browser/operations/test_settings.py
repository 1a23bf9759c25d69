"""The settings in a browser: a speech model is picked from cards, a language model is downloaded and used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from pages.text import texts
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit
from tests.browser.test_pages import fits, settled
from tests.fakes.ollama import FakeOllama
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as running:
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, ollama: FakeOllama) -> Iterator[RunningApp]:
    data: Path = tmp_path_factory.mktemp("settings") / "data"
    with RunningApp(data, CASTMIND_ENV="production", OLLAMA_HOST=ollama.url) as running:
        yield running


def setting(app: RunningApp, name: str) -> Any:
    return next(row["value"] for row in app.client.get("/api/v1/settings").json()["items"] if row["name"] == name)


def test_a_speech_model_is_picked_from_cards_and_given_back(app: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(app, "/settings?group=speech")
    cards = page.get_by_role("group", name="Speech model")
    expect(cards.get_by_role("radio", name="Automatic")).to_be_checked()
    cards.get_by_test_id("model-small").focus()
    page.keyboard.press("Space")
    wait_for(lambda: setting(app, "whisper_model") == "small")
    expect(cards.get_by_test_id("model-small")).to_be_checked()
    shot(page, "settings-speech")
    assert not complaints(page)
    page.get_by_role("button", name="Reset").click()
    expect(cards.get_by_role("radio", name="Automatic")).to_be_checked()
    assert setting(app, "whisper_model") == "auto"


def test_a_model_that_is_not_listed_is_named(app: RunningApp, visit: Visit) -> None:
    page = visit(app, "/settings?group=speech")
    page.get_by_text("More models").click()
    page.get_by_test_id("model-other").fill(" somebody/whisper-cantonese ")
    page.get_by_test_id("model-other").press("Enter")
    wait_for(lambda: setting(app, "whisper_model") == "somebody/whisper-cantonese")
    expect(page.get_by_test_id("model-other")).to_have_value("somebody/whisper-cantonese")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_test_id("model-auto")).to_be_checked()


def test_a_language_model_is_downloaded_and_used(app: RunningApp, visit: Visit, ollama: FakeOllama, shot: Shot) -> None:
    ollama.behave(models=["llama3:latest"])
    page = visit(app, "/settings?group=notes", locale="zh-CN")
    page.set_viewport_size(PHONE)
    cards = page.get_by_role("group", name="语言模型")
    expect(cards.get_by_test_id("model-llama3:latest")).to_be_visible()
    button = cards.get_by_role("button", name="下载").first
    wanted = str(button.get_attribute("data-testid")).removeprefix("pull-")
    settled(page)
    fits(page)
    assert not complaints(page)
    shot(page, "settings-notes-phone")
    button.click()
    wait_for(lambda: wanted in ollama.models)
    expect(cards.get_by_test_id(f"model-{wanted}")).to_be_enabled()
    cards.get_by_test_id(f"model-{wanted}").check()
    wait_for(lambda: setting(app, "ollama_model") == wanted)


def test_a_language_that_is_none_is_refused_beside_its_field(app: RunningApp, visit: Visit) -> None:
    page = visit(app, "/settings?group=speech")
    field = page.get_by_role("combobox", name="Audio language")
    field.fill("hello world")
    field.press("Enter")
    expect(page.get_by_text(texts("en")["error.invalid.setting_language"])).to_be_visible()
    assert setting(app, "audio_language") == "auto"
