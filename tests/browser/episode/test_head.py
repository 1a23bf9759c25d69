"""The head of an episode's page: rename, star, mark and tag in place, its menu by keyboard, and what a refusal says."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit
from tests.browser.room import Room
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

FIRST_NOTE = 300


def focused(locator: Locator) -> bool:
    answer: bool = locator.evaluate("element => element.getRootNode().activeElement === element")
    return answer


def test_a_title_is_changed_in_its_place(room: Room, shot: Shot) -> None:
    page = room.open().page
    before = room["episode-title"].inner_text()
    expect(room["gist"]).to_be_visible()
    box = room["gist"].bounding_box()
    assert box and box["y"] < FIRST_NOTE
    expect(page.locator(".st-key-stages")).to_have_count(0)
    room["episode-title"].click()
    expect(room["title-field"]).to_have_value(before)
    room["title-field"].fill("  ")
    page.keyboard.press("Enter")
    expect(room["title-trouble"]).to_contain_text("at least one letter")
    shot(page, "episode-title-refused")
    page.keyboard.press("Escape")
    expect(room["episode-title"]).to_have_text(before)
    assert focused(room["title-edit"])
    page.keyboard.press("Enter")
    room["title-field"].fill("Renamed")
    page.route("**/api/v1/episodes/1", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(room["title-trouble"]).to_contain_text("CastMind isn’t responding")
    expect(room["title-field"]).to_have_value("Renamed")
    page.unroute("**/api/v1/episodes/1")
    page.keyboard.press("Enter")
    expect(room["episode-title"]).to_have_text("Renamed")
    assert room.get("")["title"] == "Renamed"
    room.app.client.patch(room.base, json={"title": before}).raise_for_status()


def test_star_mark_and_tags_are_set_by_keyboard_and_kept(room: Room, shot: Shot) -> None:
    page = room.open().page
    room["head-star"].focus()
    page.keyboard.press("Enter")
    expect(room["head-star"]).to_have_attribute("aria-pressed", "true")
    room["head-read"].click()
    expect(room["head-read"]).to_have_accessible_name("Mark as unread")
    wait_for(lambda: (room.get("")["starred"], room.get("")["read"]) == (True, True))
    for name in ("harbours", "boats"):
        room["tag-add"].click()
        page.keyboard.type(name)
        expect(page.get_by_role("option", name=f"New tag “{name}”")).to_be_visible()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert focused(room["tag-add"])
    expect(room["head-tag"]).to_have_text(["#boats×", "#harbours×"])
    wait_for(lambda: {tag["name"] for tag in room.get("")["tags"]} == {"harbours", "boats"})
    settled(page)
    shot(page, "episode-head")
    page.get_by_role("button", name="Remove tag “harbours”").click()
    expect(room["head-tag"]).to_have_text(["#boats×"])
    wait_for(lambda: [tag["name"] for tag in room.get("")["tags"]] == ["boats"])
    room["tag-add"].click()
    page.keyboard.type("harb")
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="#harbours").click()
    expect(room["head-tag"]).to_have_count(2)
    for action in ("unstar", "unread"):
        room.app.client.post("/api/v1/episodes/bulk", json={"action": action, "episode_ids": [1]}).raise_for_status()


def test_the_menu_is_walked_with_keys_and_gives_the_focus_back(room: Room, shot: Shot) -> None:
    page = room.open().page
    assert complaints(page) == []
    room["head-menu"].focus()
    page.keyboard.press("Enter")
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    shot(page, "episode-menu")
    assert complaints(page) == []
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(room["head-menu"]).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("link", name="PDF", exact=True)).to_be_visible()


def test_a_refused_act_of_the_head_is_taken_back(room: Room) -> None:
    page = room.open().page
    page.route("**/api/v1/episodes/bulk", lambda route: route.fulfill(status=409, json={"code": "conflict", "detail": "No."}))
    room["head-star"].click()
    expect(room["head-message"]).to_contain_text("This isn’t possible right now")
    expect(room["head-star"]).to_have_attribute("aria-pressed", "false")


@pytest.mark.long
def test_the_head_fits_a_phone_in_chinese_by_night(library: RunningApp, visit: Visit, shot: Shot) -> None:
    room = Room(library, visit(library, None, locale="zh-CN")).open()
    page = room.page
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    settled(page)
    fits(page)
    room["head-menu"].click()
    expect(page.get_by_role("menuitem").last).to_have_text("删除")
    shot(page, "episode-menu-phone-chinese")
    assert complaints(page) == []
