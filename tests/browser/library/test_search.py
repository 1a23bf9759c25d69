"""Searching, as a reader does it: a word in any script, a hit, its moment; on a desk, a phone, in the dark, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from core.domain.episodes.publisher_extras import Origin, SuppliedTranscript
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes, publisher_extras
from core.store.text import notes, transcripts
from tests.browser.conftest import PHONE, Shot, Visit, cards
from tests.browser.test_pages import settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser

DAY = 86_400
HOSTILE = "You said <img src=x onerror=\"document.title='taken'\"> **memory** [is](http://x.example) `cheap` :red[today]."
SAID = {
    "显存的一切": ("这个模型在家里运行，到底需要多少显存？", "我們討論顯存與記憶體。", "先休息一下。"),
    "An evening in the café": ("The café was closed.", HOSTILE, "So how much memory does the model need?"),
    "Silence": ("Nothing is said here.", "显存 and memory in one sentence.", "nothing more"),
}


def fill(folder: Path) -> None:
    """A library of three transcribed episodes, as an earlier run left it."""
    folder.mkdir(parents=True)
    store = Store(folder / "castmind.db")
    store.open()
    feed = store.write(partial(feeds.add, values={"url": "https://feed.example", "title": "科技早知道"}, now=0.0))
    for number, (title, texts) in enumerate(SAID.items()):
        columns = {"title": title, "source": "feed", "feed_id": feed, "published_at": 1.7e9 + number * DAY}
        store.write(partial(_episode, columns=columns, texts=texts))
    store.close()


def _episode(db: Database, columns: dict[str, Any], texts: tuple[str, ...]) -> None:
    number = episodes.add(db, columns, now=1.7e9)
    segments = tuple(Segment(i, i * 61.0, i * 61.0 + 9, text, ("Anna", None)[i % 2]) for i, text in enumerate(texts))
    transcripts.save(db, number, Transcript("zh", 200.0, segments, SpeechEngine("demo")), now=1.0)
    if number == 1:
        point = Point("显存比内存贵。", texts[0], 0.0, 9.0, 0, True)
        notes.add(db, number, Notes("两位朋友算账。", points=(point,), engine="ollama", model="tiny", coverage=1.0), now=1.0)
    if number == 2:
        episodes.change(db, number, {"description": "<p>With Anna.</p><ul><li>A ride in a <b>zeppelin</b></li></ul>"}, now=1.0)
        published = (Segment(0, 0.0, 9.0, "Good evening.", "Anna"), Segment(1, 61.0, 70.0, "Play the harmonica.", "Ben"))
        publisher_extras.save(db, number, Origin.PUBLISHER, SuppliedTranscript(published, "en"), now=1.0)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("search") / "data"
    fill(folder)
    with RunningApp(folder) as running:
        yield running


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox")


def look_for(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def marks(within: Locator) -> Locator:
    return within.locator(".stMarkdownColoredBackground")


@pytest.mark.long
def test_a_newcomer_reads_what_can_be_typed_and_finds(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library)
    page.get_by_role("link", name="Search").click()
    expect(field(page)).to_be_focused()
    expect(page.get_by_text("speaker:anna")).to_be_visible()
    shot(page, "search-empty")
    look_for(page, "cafe")
    expect(cards(page, "found")).to_have_count(1)
    expect(marks(cards(page, "found"))).to_have_text(["café", "café"])
    assert page.url.endswith("/search?q=cafe")
    shot(page, "search-wide")


def test_a_hit_opens_the_player_at_its_moment(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memory")
    hit = page.get_by_role("link", name="how much memory")
    expect(hit).to_contain_text("2:02")
    # Nothing sticks out of its card.
    card, place = cards(page, "found").first.bounding_box(), hit.bounding_box()
    assert card
    assert place
    assert place["x"] - card["x"] == pytest.approx(card["x"] + card["width"] - place["x"] - place["width"], abs=1)
    hit.click()
    expect(page).to_have_url(re.compile(r"/episode\?id=2&t=122$"))
    expect(page.get_by_test_id("segment-2")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(field(page)).to_have_value("memory")
    expect(cards(page, "found")).to_have_count(2)
    page.goto(f"{library.url}/search?q=closed")
    # A short hit comes with what was said next.
    expect(cards(page, "found").get_by_role("link", name="The café was closed.")).to_contain_text("You said")


@pytest.mark.long
def test_a_hit_in_the_show_notes_opens_them(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=zeppelin")
    hit = cards(page, "found").get_by_role("link", name="A ride in a zeppelin")
    expect(hit).to_contain_text("Show notes")
    hit.click()
    expect(page).to_have_url(re.compile(r"/episode\?id=2&part=about$"))
    expect(page.get_by_test_id("about")).to_be_visible()
    expect(page.get_by_test_id("about")).to_contain_text("A ride in a zeppelin")
    shot(page, "search-show-notes")


@pytest.mark.long
def test_a_hit_in_the_publishers_transcript_opens_that_at_its_moment(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=harmonica")
    hit = cards(page, "found").get_by_role("link", name="Play the harmonica")
    expect(hit).to_contain_text("1:01 · Publisher’s transcript")
    hit.click()
    expect(page.get_by_test_id("transcript-source")).to_have_value("publisher")
    expect(page.get_by_test_id("segment-1")).to_contain_text("Play the harmonica.")
    expect(page.get_by_test_id("segment-1")).to_have_attribute("aria-current", "true")
    shot(page, "search-publisher")


@pytest.mark.long
def test_by_keyboard_alone(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memory")
    expect(cards(page, "found")).to_have_count(2)
    expect(field(page)).to_have_attribute("aria-keyshortcuts", "/")
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("memory")
    page.keyboard.press("ArrowDown")
    links = cards(page, "found").get_by_role("link")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/episode\?id=\d+"))


@pytest.mark.long
def test_the_keys_go_on_working_from_one_search_to_the_next(library: RunningApp, visit: Visit) -> None:
    """The component that listens is mounted anew with each answer, as more or fewer cards stand before it."""
    page = visit(library, "/search")
    links = cards(page, "found").get_by_role("link")
    for words in ("memory", "nothing-of-that-kind", "the", "memory"):
        field(page).fill(words)
        field(page).press("Enter")
        if words.startswith("nothing"):
            expect(links).to_have_count(0)
            continue
        # The sentences of the answer before may hold the words too, but their marks stand elsewhere.
        expect(marks(cards(page, "found")).first).to_have_text(re.compile(words, re.IGNORECASE))
        settled(page)
        page.keyboard.press("ArrowDown")
        expect(links.first).to_be_focused()
        page.keyboard.press("/")


@pytest.mark.long
def test_chinese_in_either_script_and_mixed(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, f"/search?q={quote('显存')}", locale="zh-CN")
    first = cards(page, "found").filter(has_text="显存的一切")
    expect(marks(first)).to_have_text(["显存", "显存", "显存", "顯存"])
    expect(first).to_contain_text("笔记")
    shot(page, "search-chinese")
    look_for(page, "记忆体")
    expect(marks(cards(page, "found"))).to_have_text(["記憶體"])
    look_for(page, "存")
    expect(cards(page, "found")).to_have_count(2)
    look_for(page, "memory 显存")
    expect(marks(cards(page, "found"))).to_have_text(["显存", "memory"])
    look_for(page, "café 模型 feed：科技")
    expect(page.get_by_text("没有一句话同时含有这些词")).to_have_count(0)
    expect(page.get_by_text("没有找到")).to_be_visible()


def test_what_others_wrote_stays_text(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=cheap")
    card = cards(page, "found")
    # Addresses carry a joiner that nobody sees, so that they become no links.
    expect(card).to_contain_text(HOSTILE.replace("http:", "http\u2060:"))
    expect(card.locator("img, code, a[href*=example]")).to_have_count(0)
    shot(page, "search-hostile")
    assert page.title() != "taken"


@pytest.mark.long
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("feed:nothing memory", "No podcast has “nothing” in its name."),
        ('"memory', "A quotation mark isn’t closed"),
        ("colour:red", "There’s no filter “colour:”"),
        ("nowhere", "No results."),
        ("café nothing closed", "No results."),
    ],
)
def test_what_does_not_fit_is_said(library: RunningApp, visit: Visit, query: str, said: str) -> None:
    page = visit(library, f"/search?q={quote(query)}")
    expect(page.get_by_test_id("stMain")).to_contain_text(said)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.long
def test_on_a_phone_and_in_the_dark(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, None)
    page.set_viewport_size(PHONE)
    page.goto(f"{library.url}/search?q=memory")
    expect(cards(page, "found")).to_have_count(2)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")
    for link in cards(page, "found").get_by_role("link").all():
        assert link.evaluate("link => link.scrollWidth <= link.clientWidth + 1"), "a hit is cut off"
    shot(page, "search-phone")
    page.emulate_media(color_scheme="dark")
    shot(page, "search-phone-dark")


@pytest.mark.long
def test_a_changed_title_is_found_and_a_deleted_episode_is_not(library: RunningApp, visit: Visit) -> None:
    page = visit(library, None)
    library.client.patch("/api/v1/episodes/3", json={"title": "Renamed zebra"}).raise_for_status()
    page.goto(f"{library.url}/search?q=zebra")
    expect(cards(page, "found")).to_contain_text("Renamed zebra")
    library.client.delete("/api/v1/episodes/3").raise_for_status()
    page.goto(f"{library.url}/search?q=zebra")
    expect(page.get_by_text("No results.")).to_be_visible()
