"""The publisher's details of an episode and its retention: source of the text, people, rules, their log."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit, cards, choose, unfold
from tests.browser.episode import kept
from tests.browser.room import Room
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.long]
GOING = kept.TITLES[2:]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("kept") / "data"
    kept.fill(data)
    with RunningApp(data, CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo") as running:
        yield running


def opened(page: Page, app: RunningApp, path: str) -> Page:
    page.goto(f"{app.url}/{path}")
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)
    return page


def test_the_episode_says_whose_text_it_has_and_how_that_was_checked(harbour: RunningApp, visit: Visit, shot: Shot) -> None:
    page = Room(harbour, visit(harbour, None)).open().page
    line = page.get_by_test_id("stCaptionContainer").filter(has_text="Publisher’s transcript")
    expect(line).to_contain_text("checked in 3 places")
    assert complaints(page) == []
    line.get_by_test_id("stTooltipIcon").hover()
    said = page.get_by_test_id("stTooltipContent")
    expect(said).to_contain_text("0:00: 98% of the words, +0.1 s")
    expect(said).to_contain_text("0:04: 93% of the words, +0.2 s")
    shot(page, "episode-publisher")
    Room(harbour, page, 2).open()
    expect(page.get_by_text("its text differs in 1 of 3 places")).to_be_visible()


def test_who_takes_part_stands_beside_the_show_notes(harbour: RunningApp, visit: Visit, shot: Shot) -> None:
    room = Room(harbour, visit(harbour, None)).open()
    room.tab("about")
    expect(room["about"]).to_contain_text("Season 2 · Episode 7 · Bonus")
    expect(room["credits"]).to_have_text("With Anna Harbour (host), Bo Lantern (guest), Cy Tern (sound design)")
    expect(room["credits"].get_by_role("link")).to_have_attribute("href", "https://127.0.0.1:9/anna")
    shot(room.page, "episode-credits")
    assert complaints(room.page) == []
    room = Room(harbour, visit(harbour, None, locale="zh-CN")).open()
    room.page.set_viewport_size(PHONE)
    room.tab("about")
    expect(room["about"]).to_contain_text("第 2 季 · 第 7 集 · 番外")
    expect(room["credits"]).to_have_text("参与者：Anna Harbour（主播）、Bo Lantern（嘉宾）、Cy Tern（sound design）")
    fits(room.page)


def test_a_podcast_names_its_people_and_leads_to_them(harbour: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit(harbour, None), harbour, "show?id=1")
    hosts, guests = (page.get_by_test_id("show-people").filter(has_text=words) for words in ("Host:", "Guest:"))
    expect(hosts.get_by_role("link", name="Anna Harbour")).to_have_attribute("href", "https://127.0.0.1:9/anna")
    shot(page, "show-people")
    assert complaints(page) == []
    page.set_viewport_size(PHONE)
    fits(page)
    guests.get_by_role("link", name="Bo Lantern").click()
    expect(page).to_have_url(re.compile(r"/search\?q=.*Bo(\+|%20)Lantern"))


def test_a_feeds_rule_is_tried_out_in_its_card_and_then_saved(harbour: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit(harbour, None), harbour, "feeds")
    cards(page, "feed").filter(has_text=kept.SHOW).click()
    page.get_by_test_id("show-title").wait_for()
    rules = page.get_by_test_id("show-rules")
    expect(rules).to_contain_text("New episodes are transcribed · All episodes are kept · Notes in the language of the episode")
    card = page.locator(".st-key-show-options")
    unfold(page.get_by_test_id("show-rules-change"), card.get_by_text("This removes nothing right now"))
    expect(card.get_by_role("button", name="Save rule")).to_be_disabled()
    choose(card.get_by_role("combobox", name="Keep downloaded audio"), "Until it is transcribed (text only)")
    expect(card.get_by_text(f"This removes the audio of {len(GOING)} episodes")).to_be_visible()
    card.get_by_text("Show which ones").click()
    for title in GOING:
        expect(card.get_by_text(title)).to_be_visible()
    expect(card.get_by_text(kept.THEIRS)).to_have_count(0)
    shot(page, "feeds-rule")
    assert complaints(page) == []
    page.set_viewport_size(PHONE)
    fits(page)
    assert harbour.client.get("/api/v1/feeds/1").json()["keep"]["audio"] is None
    card.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("The rule takes effect within five minutes")).to_be_visible()
    expect(rules).to_contain_text("All episodes are kept · Audio is kept until it’s transcribed")
    assert harbour.client.get("/api/v1/feeds/1").json()["keep"]["audio"] == "text"
    harbour.client.patch("/api/v1/feeds/1", json={"keep": {"audio": None}}).raise_for_status()


def test_the_settings_are_tried_out_saved_and_followed_at_once(harbour: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit(harbour, None), harbour, "settings?group=keeping")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("Nothing yet.")).to_be_visible()
    choose(main.get_by_role("combobox", name="Keep podcast episodes"), "The latest")
    many = main.get_by_role("spinbutton", name="Episodes per podcast")
    many.fill("4")
    many.press("Enter")
    expect(main.get_by_text("This removes 2 episodes (kept in the trash for a week)")).to_be_visible()
    main.get_by_role("button", name="Save rule").click()
    main.get_by_role("button", name="Remove now").click()
    record = main.get_by_role("link", name=GOING[-1])
    expect(record).to_be_visible()
    expect(main.get_by_text("episode · only the latest ones are kept")).to_have_count(2)
    expect(main.get_by_text("This removes nothing right now")).to_be_visible()
    shot(page, "settings-keeping")
    assert complaints(page) == []
    assert {row["title"] for row in harbour.client.get("/api/v1/pruning").json()["items"]} == set(GOING[-2:])
    saved = {row["name"]: row["value"] for row in harbour.client.get("/api/v1/settings").json()["items"]}
    assert (saved["keep_episodes"], saved["keep_newest"]) == ("newest", 4)
