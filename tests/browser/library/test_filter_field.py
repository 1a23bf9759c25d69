"""The title filter: it filters while the reader types, also with an input method, and Back takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LibraryOf, Visit
from tests.browser.test_pages import settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser
COMPOSE = """(field, words) => {
    field.focus();
    field.dispatchEvent(new CompositionEvent("compositionstart"));
    for (let n = 1; n <= words.length; n++) {
        field.value = words.slice(0, n);
        field.dispatchEvent(new InputEvent("input", { isComposing: true }));
    }
}"""


@pytest.fixture(scope="module")
def some(library_of: LibraryOf) -> RunningApp:
    return library_of(30)


def total(app: RunningApp, words: str) -> int:
    found: int = app.client.get("/api/v1/episodes", params={"q": words, "count": True}).json()["total"]
    return found


def shown(page: Page, count: int) -> None:
    expect(page.get_by_test_id("episode-rows").get_by_role("listitem")).to_have_count(count)


def test_titles_are_filtered_while_typing_and_back_shows_all(some: RunningApp, visit: Visit) -> None:
    page = visit(some)
    shown(page, 30)
    settled(page)
    before = page.evaluate("history.length")
    field = page.get_by_test_id("filter-field")
    field.click()
    page.keyboard.type("river", delay=40)
    shown(page, total(some, "river"))
    expect(page).to_have_url(f"{some.url}/?q=river")
    expect(field).to_be_focused()
    page.keyboard.type(" z")
    expect(page.get_by_text("No matching episodes")).to_be_visible()
    expect(field).to_have_value("river z")
    expect(field).to_be_focused()
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    shown(page, 30)
    expect(field).to_have_value("")
    page.go_forward()
    expect(field).to_have_value("river z")
    page.get_by_test_id("filter-clear").click()
    shown(page, 30)
    expect(field).to_be_focused()
    assert "q=" not in page.url


def test_an_input_method_is_not_disturbed(some: RunningApp, visit: Visit) -> None:
    page = visit(some)
    shown(page, 30)
    settled(page)
    field = page.get_by_test_id("filter-field")
    field.evaluate(COMPOSE, "moxing")
    page.keyboard.press("Enter")
    settled(page)
    expect(field).to_have_value("moxing")
    assert "q=" not in page.url
    field.evaluate("""field => {
        field.value = "模型";
        field.dispatchEvent(new CompositionEvent("compositionend", { data: "模型" }));
    }""")
    shown(page, total(some, "模型"))
    expect(field).to_have_value("模型")
    expect(page).to_have_url(re.compile("q="))
    settled(page)
    page.reload()
    expect(field).to_have_value("模型")
    page.get_by_test_id("filter-clear").click()
    shown(page, 30)
    expect(field).to_have_value("")
