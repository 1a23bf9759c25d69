"""Searching, as a reader does it: while typing, in any script, to a moment; on a desk, a phone, in the dark, by keyboard."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from core.domain.episodes.publisher_extras import Origin, SuppliedTranscript
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes, publisher_extras
from core.store.text import notes, transcripts
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit
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


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """Seventeen episodes with six hits each."""
    folder = tmp_path_factory.mktemp("searches") / "data"
    folder.mkdir(parents=True)
    store = Store(folder / "castmind.db")
    store.open()
    texts = tuple(f"Sentence {number} about a harbour." for number in range(6))
    for number in range(17):
        store.write(partial(_episode, columns={"title": f"Talk {number}", "source": "upload"}, texts=texts))
    store.close()
    with RunningApp(folder) as running:
        yield running


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox")


def found(page: Page) -> Locator:
    """The episodes of the answer."""
    return page.get_by_test_id("search-card")


def hits(page: Page) -> Locator:
    return page.get_by_test_id("search-hit")


def marks(within: Locator) -> Locator:
    return within.locator("mark")


@pytest.mark.long
def test_a_newcomer_reads_what_can_be_typed_and_finds(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library)
    page.get_by_role("link", name="Search").click()
    expect(field(page)).to_be_focused()
    expect(page.get_by_text("speaker:anna")).to_be_visible()
    assert not complaints(page)
    shot(page, "search-empty")
    page.keyboard.type("caf")
    expect(found(page)).to_have_count(1)
    expect(marks(found(page))).to_have_text(["caf", "caf"])
    page.keyboard.type("e")
    expect(marks(found(page))).to_have_text(["café", "café"])
    expect(page.get_by_test_id("search-status")).to_have_text("2 results, best first")
    assert page.url.endswith("/search?q=cafe")
    assert not complaints(page)
    shot(page, "search-wide")


def test_a_hit_opens_the_player_at_its_moment(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memory")
    hit = page.get_by_role("link", name="how much memory")
    expect(hit).to_contain_text("2:02")
    # Nothing sticks out of its card.
    card, place = found(page).first.bounding_box(), hit.bounding_box()
    assert card
    assert place
    assert card["x"] < place["x"] and place["x"] + place["width"] < card["x"] + card["width"]
    hit.click()
    expect(page).to_have_url(re.compile(r"/episode\?id=2&t=122$"))
    expect(page.get_by_test_id("segment-2")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(field(page)).to_have_value("memory")
    expect(found(page)).to_have_count(2)
    page.goto(f"{library.url}/search?q=closed")
    # A short hit comes with what was said next.
    expect(found(page).get_by_role("link", name="The café was closed.")).to_contain_text("You said")


@pytest.mark.long
def test_a_hit_in_the_show_notes_opens_them(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=zeppelin")
    hit = found(page).get_by_role("link", name="A ride in a zeppelin")
    expect(hit).to_contain_text("Show notes")
    hit.click()
    expect(page).to_have_url(re.compile(r"/episode\?id=2&part=about$"))
    expect(page.get_by_test_id("about")).to_be_visible()
    expect(page.get_by_test_id("about")).to_contain_text("A ride in a zeppelin")
    shot(page, "search-show-notes")


@pytest.mark.long
def test_a_hit_in_the_publishers_transcript_opens_that_at_its_moment(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=harmonica")
    hit = found(page).get_by_role("link", name="Play the harmonica")
    expect(hit).to_contain_text("1:01 · Publisher’s transcript")
    hit.click()
    expect(page.get_by_test_id("transcript-source")).to_have_value("publisher")
    expect(page.get_by_test_id("segment-1")).to_contain_text("Play the harmonica.")
    expect(page.get_by_test_id("segment-1")).to_have_attribute("aria-current", "true")
    shot(page, "search-publisher")


@pytest.mark.long
def test_by_keyboard_alone(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memory")
    expect(found(page)).to_have_count(2)
    expect(field(page)).to_have_attribute("aria-keyshortcuts", "/")
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("memory")
    page.keyboard.press("ArrowDown")
    links = found(page).get_by_role("link")
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
    page = visit(library, "/search")
    links = found(page).get_by_role("link")
    for words in ("memory", "nothing-of-that-kind", "the", "memory"):
        field(page).fill(words)
        if words.startswith("nothing"):
            expect(links).to_have_count(0)
            continue
        # The sentences of the answer before may hold the words too, but their marks stand elsewhere.
        expect(marks(found(page)).first).to_have_text(re.compile(words, re.IGNORECASE))
        page.keyboard.press("ArrowDown")
        expect(links.first).to_be_focused()
        page.keyboard.press("/")
        expect(field(page)).to_be_focused()


@pytest.mark.long
def test_chinese_in_either_script_and_mixed(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, f"/search?q={quote('显存')}", locale="zh-CN")
    first = found(page).filter(has_text="显存的一切")
    expect(marks(first)).to_have_text(["显存", "显存", "显存", "顯存"])
    expect(first).to_contain_text("笔记")
    shot(page, "search-chinese")
    field(page).fill("记忆体")
    expect(marks(found(page))).to_have_text(["記憶體"])
    field(page).fill("存")
    expect(found(page)).to_have_count(2)
    field(page).fill("memory 显存")
    expect(marks(found(page))).to_have_text(["显存", "memory"])
    field(page).fill("café 模型 feed：科技")
    expect(page.get_by_text("没有一句话同时含有这些词")).to_have_count(0)
    expect(page.get_by_test_id("search-nothing")).to_contain_text("减少几个词")


def test_what_others_wrote_stays_text(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, "/search?q=cheap")
    card = found(page)
    expect(card).to_contain_text(HOSTILE)
    expect(card.locator("img:not([src^='/api/v1/episodes/']), code, a[href*=example]")).to_have_count(0)
    shot(page, "search-hostile")
    assert page.title() != "taken"


@pytest.mark.long
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("feed:nothing memory", "No podcast has “nothing” in its name."),
        ('"memory', "A quotation mark isn’t closed"),
        ("colour:red", "There’s no filter “colour:”"),
        ("nowhere", "No results"),
        ("café nothing closed", "No results"),
        ("in:music memory", "There’s no kind of text “music”"),
        ("in:notes", "This only says where to search."),
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
    expect(found(page)).to_have_count(2)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")
    for link in found(page).get_by_role("link").all():
        assert link.evaluate("link => link.scrollWidth <= link.clientWidth + 1"), "a hit is cut off"
    shot(page, "search-phone")
    page.emulate_media(color_scheme="dark")
    shot(page, "search-phone-dark")


# --- as you type ---------------------------------------------------------------------------------------


def test_chips_narrow_the_answer_and_stay_in_the_address(library: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(library, f"/search?q={quote('显存')}")
    expect(found(page)).to_have_count(2)
    notes = page.get_by_test_id("chip-kind-note")
    expect(notes).to_have_text("Notes 1")
    notes.click()
    expect(hits(page)).to_have_count(1)
    expect(hits(page)).to_contain_text("显存比内存贵")
    expect(field(page)).to_have_value("in:notes 显存")
    expect(notes).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(r"q=in%3Anotes"))
    # The other kinds are still offered, and the chip clears what it has set.
    page.get_by_test_id("chip-kind-title").click()
    expect(field(page)).to_have_value("in:title 显存")
    expect(notes).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("chip-kind-title").click()
    expect(field(page)).to_have_value("显存")
    expect(found(page)).to_have_count(2)
    page.get_by_test_id("chip-speaker").or_(page.get_by_test_id("chip-after")).last.click()
    page.get_by_role("menuitem", name="Past 7 days").click()
    expect(page.get_by_test_id("search-nothing")).to_be_visible()
    assert not complaints(page)
    shot(page, "search-nothing")
    page.get_by_test_id("search-anywhere").click()
    expect(field(page)).to_have_value("显存")
    expect(found(page)).to_have_count(2)


def test_a_filter_is_put_before_the_word_that_is_still_typed(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memor")
    page.get_by_test_id("chip-after").click()
    page.get_by_role("menuitem", name="Past year").click()
    expect(field(page)).to_have_value(re.compile(r"^after:\d{4}-\d\d-\d\d memor$"))
    expect(field(page)).to_be_focused()


def test_all_hits_of_an_episode_and_more_episodes(many: RunningApp, visit: Visit) -> None:
    page = visit(many, "/search?q=harbour")
    expect(found(page)).to_have_count(15)
    first = found(page).first
    expect(first.get_by_test_id("search-rest")).to_have_text("2 more in this episode")
    first.get_by_test_id("search-rest").click()
    expect(first.get_by_test_id("search-hit")).to_have_count(6)
    expect(first.get_by_test_id("search-rest")).to_have_count(0)
    # The focus goes on where the button was.
    expect(first.get_by_test_id("search-hit").nth(4)).to_be_focused()
    page.get_by_test_id("search-more").click()
    expect(found(page)).to_have_count(17)
    expect(page.get_by_test_id("search-more")).to_be_hidden()
    expect(found(page).nth(15).get_by_role("link").first).to_be_focused()
    # Back leads to all of them.
    found(page).nth(16).get_by_test_id("search-hit").first.click()
    expect(page).to_have_url(re.compile(r"/episode\?id="))
    page.go_back()
    expect(found(page)).to_have_count(17)


def test_all_hits_come_also_while_more_episodes_are_fetched(many: RunningApp, visit: Visit) -> None:
    page = visit(many, "/search?q=harbour")
    expect(found(page)).to_have_count(15)
    held: list[Route] = []
    page.route("**/search/quick?q=episode*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    first = found(page).first
    first.get_by_test_id("search-rest").click()
    page.get_by_test_id("search-more").click()
    expect(found(page)).to_have_count(17)
    held[0].continue_()
    expect(first.get_by_test_id("search-hit")).to_have_count(6)
    expect(first.get_by_test_id("search-rest")).to_have_count(0)
    expect(found(page).nth(15).get_by_role("link").first).to_be_focused()


def test_the_address_is_written_for_each_request_and_on_this_page_alone(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search")
    written = field(page).evaluate("""field => {
        const replace = history.replaceState.bind(history);
        let calls = 0;
        history.replaceState = (...given) => {
            calls += 1;
            replace(...given);
        };
        for (const words of ["m", "me", "mem", "memo", "memory"]) {
            field.value = words;
            field.dispatchEvent(new InputEvent("input"));
        }
        return calls;
    }""")
    assert written == 0
    expect(found(page)).to_have_count(2)
    assert page.url.endswith("/search?q=memory")
    # A browser that refuses keeps no answer back.
    page.evaluate("() => { history.replaceState = () => { throw new DOMException('too often', 'SecurityError'); }; }")
    field(page).fill("closed")
    expect(marks(found(page))).to_have_text(["closed"])
    page.evaluate("() => { delete history.replaceState; }")
    # Keys pressed just after a hit was followed.
    followed = hits(page).first.evaluate("""hit => {
        const field = hit.getRootNode().querySelector("[data-testid=search-field]");
        hit.click();
        field.value = "closedx";
        field.dispatchEvent(new InputEvent("input"));
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        return location.pathname + location.search;
    }""")
    assert followed == "/episode?id=2&t=0"


def test_searches_are_kept_and_offered_again(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search")
    field(page).fill("closed")
    hits(page).first.click()
    expect(page).to_have_url(re.compile(r"/episode\?id=2"))
    page.get_by_test_id("place-search").click()
    expect(page.get_by_test_id("search-recent")).to_have_text(["closed"])
    page.get_by_test_id("search-recent").click()
    expect(found(page)).to_have_count(1)
    page.get_by_test_id("search-clear").click()
    expect(page).to_have_url(f"{library.url}/search")
    page.get_by_test_id("search-forget").click()
    expect(page.get_by_test_id("search-recent")).to_have_count(0)
    # An example of the syntax is typed by a press.
    page.get_by_test_id("search-way-prefix").click()
    expect(field(page)).to_have_value("quant*")
    expect(page.get_by_test_id("search-nothing")).to_be_visible()


def test_a_failure_is_told_in_its_place_and_tried_again(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search?q=memory", ignore=("ERR_FAILED",))
    expect(found(page)).to_have_count(2)
    page.route("**/search/quick*", lambda route: route.abort())
    field(page).fill("closed")
    expect(page.get_by_test_id("search-trouble")).to_contain_text("Check that it’s running, then try again.")
    # What was found before is no answer to these words.
    expect(found(page)).to_have_count(0)
    page.unroute("**/search/quick*")
    page.get_by_test_id("search-retry").click()
    expect(found(page)).to_have_count(1)
    expect(page.get_by_test_id("search-trouble")).to_be_hidden()


def test_an_older_answer_never_replaces_a_newer_one(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/search/quick?q=memory*", hold)
    field(page).fill("memory")
    expect(page.get_by_test_id("search-status")).to_have_text("Searching…")
    assert len(held) == 1
    field(page).fill("closed")
    expect(marks(found(page))).to_have_text(["closed"])
    with contextlib.suppress(Error):  # the browser has dropped the request
        held[0].continue_()
    page.unroute("**/search/quick?q=memory*")
    field(page).fill("zeppelin")
    expect(marks(found(page))).to_have_text(["zeppelin"])


def test_what_an_input_method_composes_is_not_asked_for(library: RunningApp, visit: Visit) -> None:
    page = visit(library, "/search")
    field(page).focus()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/quick" in request.url else None)
    keys = page.context.new_cdp_session(page)
    for part in ("x", "xian", "xiancun"):
        keys.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    expect(field(page)).to_have_value("xiancun")
    keys.send("Input.insertText", {"text": "显存"})
    expect(found(page)).to_have_count(2)
    assert [unquote(url).partition("q=")[2].partition("&")[0] for url in asked] == ["显存"]


# --- last, as an episode is lost -------------------------------------------------------------------------


@pytest.mark.long
def test_a_changed_title_is_found_and_a_deleted_episode_is_not(library: RunningApp, visit: Visit) -> None:
    page = visit(library, None)
    library.client.patch("/api/v1/episodes/3", json={"title": "Renamed zebra"}).raise_for_status()
    page.goto(f"{library.url}/search?q=zebra")
    expect(found(page)).to_contain_text("Renamed zebra")
    library.client.delete("/api/v1/episodes/3").raise_for_status()
    page.goto(f"{library.url}/search?q=zebra")
    expect(page.get_by_test_id("search-nothing")).to_be_visible()
