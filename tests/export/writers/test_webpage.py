"""The HTML as a browser reads it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from core.export.layout.document import document
from core.export.writers.webpage import webpage
from tests.chromium import chromium
from tests.export.talk import PAGE, material


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_fetched_and_nothing_runs(language: str) -> None:
    found = tags(webpage(document(material(language))))
    assert {tag for tag, _ in found}.isdisjoint({"script", "img", "link", "iframe", "object", "embed", "form", "base"})
    assert not [a for _, attributes in found for a in attributes if a.startswith("on")]
    targets = {a["href"] for tag, a in found if tag == "a"}
    assert "secret" not in webpage(document(material(language)))
    assert {t for t in targets if t and not t.startswith((PAGE, "https://pod.example/"))} == set()


def test_every_time_leads_to_its_second() -> None:
    found = [a["href"] for tag, a in tags(webpage(document(material()))) if tag == "a" and a.get("class") == "time"]
    assert {f"{PAGE}&t=65", f"{PAGE}&t=300", f"{PAGE}&t=60"} <= set(found)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Browser, language: str, folder: Path, complaints: list[str] | None = None) -> Page:
    path = folder / "episode.html"
    path.write_text(webpage(document(material(language))), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    heard = [] if complaints is None else complaints
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    return page


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_browser_shows_the_page_without_a_complaint(browser: Browser, language: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    page = opened(browser, language, tmp_path, complaints)
    assert page.title() == material(language).episode.title
    assert page.locator("h1").inner_text() == material(language).episode.title
    assert page.locator("mark.yellow").first.inner_text() == material(language).highlights[0].quote.strip()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []
    page.close()


@pytest.mark.browser
def test_the_page_prints_in_black_on_white(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, "en", tmp_path)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
    page.close()
