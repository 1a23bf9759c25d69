"""The button "Add": an address in a sheet, what another app shares, the way to podcasts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("add") / "data") as running:
        running.upload(SAMPLES / "en_short.wav").raise_for_status()
        yield running


def titles(app: RunningApp) -> set[str]:
    return {item["title"] for item in app.client.get("/api/v1/episodes", params={"limit": 200}).json()["items"]}


def test_an_address_is_added_and_a_fault_stands_at_the_field(home: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(home, ignore=(" 400 ", " 422 "))
    cards(page, "episode").first.wait_for()
    settled(page)
    page.get_by_test_id("add-open").click()
    shot(page, "library-add")
    assert complaints(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    sheet, field, fault = (page.get_by_test_id(f"add-{name}") for name in ("sheet", "field", "fault"))
    expect(field).to_be_focused()
    page.keyboard.type("hello world")
    page.keyboard.press("Enter")
    expect(fault).to_contain_text("hello world")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert complaints(page) == []
    field.fill("pods.example/talk.mp3")
    expect(fault).to_be_empty()
    page.get_by_test_id("add-send").click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_test_id("add-message")).to_contain_text("is in the library")
    expect(cards(page, "episode").filter(has_text="talk")).to_be_visible()
    assert "talk" in titles(home)
    page.get_by_test_id("add-open").click()
    page.get_by_test_id("add-podcast").click()
    page.wait_for_url(f"{home.url}/feeds")


def test_what_another_app_shares_is_added_after_one_press(home: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(home, "/?share_title=A+talk&share_text=Listen:+https://shared.example/shared.mp3.")
    field = page.get_by_test_id("add-field")
    expect(field).to_have_value("https://shared.example/shared.mp3")
    expect(page.get_by_test_id("add-note")).to_contain_text("Another app shared this")
    expect(page).not_to_have_url(re.compile("share_"))
    settled(page)
    shot(page, "library-shared")
    assert "shared" not in titles(home)
    page.get_by_test_id("add-send").click()
    expect(page.get_by_test_id("add-message")).to_contain_text("is in the library")
    assert "shared" in titles(home)
    page.goto(f"{home.url}/?share_text=nothing+to+hear")
    expect(page.get_by_test_id("add-note")).to_contain_text("no web address")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("add-sheet")).to_be_hidden()


# A form of the app's own page, sent as the browser sends what another app shares: the installed app's helper passes it on.
SHARES = """() => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "/share", enctype: "multipart/form-data" });
    form.innerHTML = '<input type="file" name="files" multiple id="shares"><input name="title" value="two files">';
    document.body.append(form);
}"""


@pytest.mark.long
def test_files_that_another_app_shares_are_taken_in_and_told(home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words", encoding="utf-8")
    page = visit(home, offline=True)
    cards(page, "episode").first.wait_for()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.evaluate(SHARES)
    page.locator("#shares").set_input_files([SAMPLES / "silence.wav", tmp_path / "notes.txt"])
    page.evaluate("document.getElementById('shares').form.submit()")
    message = page.get_by_test_id("add-message")
    expect(message).to_contain_text("“silence” is in the library. “notes.txt” wasn’t added: This file has no audio")
    expect(page).to_have_url(f"{home.url}/")
    expect(page.get_by_test_id("add-sheet")).to_be_hidden()
    expect(cards(page, "episode").filter(has_text="silence")).to_be_visible()
    settled(page)
    shot(page, "library-shared-files")
    assert complaints(page) == []
    page.set_viewport_size(PHONE)
    fits(page)
