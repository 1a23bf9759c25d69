"""The library in a browser: links, stars, selection, tags, trash and undo, filters in the address, the keyboard, a phone."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import DESK, PHONE, SAMPLES, LibraryOf, Shot, Visit
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

EPISODES = 60
MANY = 250


@pytest.fixture(scope="module")
def full(library_of: LibraryOf) -> RunningApp:
    return library_of(EPISODES)


@pytest.fixture(scope="module")
def many(library_of: LibraryOf) -> RunningApp:
    """More than are done while the reader waits."""
    return library_of(MANY)


def rows(page: Page) -> Locator:
    return page.get_by_test_id("episode-rows").get_by_role("listitem")


def count(page: Page) -> Locator:
    return page.get_by_test_id("episode-count")


@pytest.mark.long
def test_a_title_opens_its_episode_inside_the_app_and_a_middle_click_a_tab(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    expect(rows(page)).to_have_count(50)
    first = rows(page).first.get_by_test_id("episode-link")
    with page.context.expect_page() as opened:
        first.click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_url(re.compile(r"/episode\?id="))
    opened.value.close()
    page.evaluate("window.sameDocument = true")
    title = first.inner_text()
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate("window.sameDocument")


@pytest.mark.long
def test_more_rows_come_when_asked_for(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    expect(rows(page)).to_have_count(50)
    page.get_by_test_id("episode-more").click()
    expect(rows(page)).to_have_count(EPISODES)
    expect(page.get_by_test_id("episode-more")).to_be_hidden()


@pytest.mark.long
def test_a_star_is_kept_and_can_be_filtered_by(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    star = (
        rows(page).filter(has=page.locator("[data-testid=episode-star][aria-pressed=false]")).first.get_by_test_id("episode-star")
    )
    name = star.get_attribute("aria-label") or ""
    star.click()
    pressed = page.get_by_label(name, exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.goto(f"{full.url}/?starred=1")
    expect(page.get_by_label(name, exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Starred").click()
    expect(rows(page)).to_have_count(50)
    assert "starred" not in page.url


@pytest.mark.long
def test_what_is_ticked_is_tagged_and_the_tag_narrows_the_list(full: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(full)
    page.get_by_test_id("episode-choose").click()
    rows(page).nth(0).get_by_test_id("episode-tick").check()
    rows(page).nth(2).get_by_test_id("episode-tick").click(modifiers=["Shift"])
    expect(page.get_by_test_id("episode-chosen")).to_have_text("3 selected")
    shot(page, "library-selection")
    page.get_by_test_id("bulk-tag").click()
    sheet = page.get_by_test_id("tag-sheet")
    expect(sheet.get_by_role("heading")).to_have_text("Tags of 3 episodes")
    expect(page.get_by_test_id("tag-field")).to_be_focused()
    for name in ("to keep", "for later", "by mistake"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    expect(sheet.get_by_test_id("head-tag").filter(has_text="by mistake")).to_be_visible()
    shot(page, "library-tags")
    assert complaints(page) == []
    page.get_by_test_id("tag-undo").click()
    expect(rows(page).filter(has_text="#by mistake")).to_have_count(0)
    for name in ("to keep", "for later"):
        expect(rows(page).filter(has_text=f"#{name}")).to_have_count(3)
    page.set_viewport_size(PHONE)
    fits(page)
    page.get_by_test_id("tags-done").click()
    expect(sheet).to_be_hidden()
    page.set_viewport_size(DESK)
    wait_for(lambda: {"to keep", "for later"} <= {tag["name"] for tag in full.client.get("/api/v1/tags").json()["items"]})
    page.get_by_test_id("chip-tag").click()
    page.get_by_role("menuitem", name="#to keep").click()
    expect(rows(page)).to_have_count(3)
    assert "tag=" in page.url


@pytest.mark.long
def test_tags_are_renamed_and_deleted_and_a_deletion_is_undone(full: RunningApp, visit: Visit) -> None:
    page = visit(full, ignore=(" 409 ",))
    settled(page)
    ids = [item["id"] for item in full.client.get("/api/v1/episodes").json()["items"][:3]]
    bulk = lambda **said: full.client.post("/api/v1/episodes/bulk", json=said).raise_for_status()  # noqa: E731
    for name in ("first", "second"):
        bulk(action="tag", tag=name, episode_ids=ids)
    bulk(action="delete", episode_ids=ids[2:])
    page.reload()
    expect(rows(page).filter(has_text="#first")).to_have_count(2)
    page.get_by_test_id("episode-choose").click()
    rows(page).nth(0).get_by_test_id("episode-tick").check()
    page.get_by_test_id("bulk-tag").click()
    sheet = page.get_by_test_id("tag-sheet")
    sheet.get_by_text("Rename or delete tags").click()
    entry = sheet.locator(".all-tags li").filter(has=page.get_by_role("button", name="Rename: first"))
    entry.get_by_test_id("tag-name").fill("second")
    entry.get_by_test_id("tag-save").click()
    expect(entry.get_by_role("alert")).to_contain_text("second")
    expect(entry.get_by_test_id("tag-name")).to_have_attribute("aria-invalid", "true")
    assert complaints(page) == []
    entry.get_by_test_id("tag-name").fill("third")
    entry.get_by_test_id("tag-save").click()
    expect(rows(page).filter(has_text="#third")).to_have_count(2)
    sheet.get_by_role("button", name="Delete: third").click()
    expect(rows(page).filter(has_text="#third")).to_have_count(0)
    names = lambda: {tag["name"] for tag in full.client.get("/api/v1/tags").json()["items"]}  # noqa: E731
    page.route("**/api/v1/episodes/bulk", lambda route: route.fulfill(status=409, json={"code": "conflict", "detail": "No."}))
    page.get_by_test_id("tag-undo").click()
    expect(page.get_by_test_id("tag-said")).to_contain_text("This isn’t possible right now")
    page.unroute("**/api/v1/episodes/bulk")
    page.get_by_test_id("tag-undo").click()
    expect(rows(page).filter(has_text="#third")).to_have_count(2)
    wait_for(lambda: {"second", "third"} <= names() and "first" not in names())
    bulk(action="restore", episode_ids=ids[2:])
    assert "third" in {tag["name"] for tag in full.client.get(f"/api/v1/episodes/{ids[2]}").json()["tags"]}


@pytest.mark.long
def test_what_is_deleted_permanently_is_asked_about_first(full: RunningApp, visit: Visit, shot: Shot) -> None:
    last = full.upload(SAMPLES / "silence.wav").json()["id"]
    full.client.post("/api/v1/episodes/bulk", json={"action": "delete", "episode_ids": [last]}).raise_for_status()
    page = visit(full, "/?trash=1")
    page.get_by_test_id(f"episode-row-{last}").get_by_test_id("episode-purge").click()
    sheet = page.get_by_test_id("purge-sheet")
    expect(page.get_by_test_id("purge-cancel")).to_be_focused()
    shot(page, "library-purge")
    assert complaints(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert full.client.get(f"/api/v1/episodes/{last}").status_code == 200
    page.get_by_test_id(f"episode-row-{last}").get_by_test_id("episode-purge").click()
    page.get_by_test_id("purge-yes").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert full.client.get(f"/api/v1/episodes/{last}").status_code == 404


def test_a_deleted_episode_comes_back_by_undo_and_from_the_trash(full: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(full)
    expect(count(page)).to_have_text(f"{EPISODES} episodes")
    title = rows(page).nth(4).get_by_test_id("episode-link").inner_text()
    page.get_by_test_id("episode-choose").click()
    rows(page).nth(4).get_by_test_id("episode-tick").check()
    page.get_by_test_id("bulk-delete").click()
    expect(count(page)).to_have_text(f"{EPISODES - 1} episodes")
    expect(page.get_by_test_id("episode-undo")).to_contain_text("trash")
    page.get_by_test_id("undo").click()
    expect(count(page)).to_have_text(f"{EPISODES} episodes")
    page.get_by_test_id("episode-choose").click()
    rows(page).filter(has_text=title).get_by_test_id("episode-tick").check()
    page.get_by_test_id("bulk-delete").click()
    expect(count(page)).to_have_text(f"{EPISODES - 1} episodes")
    page.goto(f"{full.url}/?trash=1")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("Kept until")
    shot(page, "library-trash")
    rows(page).first.get_by_test_id("episode-restore").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.get_by_role("button", name="Back to library").click()
    expect(count(page)).to_have_text(f"{EPISODES} episodes")


@pytest.mark.long
def test_all_that_match_are_marked_at_once(full: RunningApp, visit: Visit) -> None:
    page = visit(full, "/?unread=1")
    expect(rows(page).first).to_be_visible()
    unread = int(count(page).inner_text().split()[0])
    page.get_by_test_id("episode-choose").click()
    page.get_by_test_id("bulk-all").click()
    expect(page.get_by_test_id("episode-chosen")).to_have_text(f"{unread} selected")
    page.get_by_test_id("bulk-read").click()
    expect(page.get_by_text("No matching episodes")).to_be_visible()
    expect(page.get_by_text("You’ve read everything")).to_be_visible()
    page.get_by_role("button", name="Unread").click()
    expect(rows(page)).to_have_count(50)


@pytest.mark.long
def test_many_are_exported_in_the_background_and_saved_as_one_zip(many: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(many)
    page.get_by_test_id("episode-choose").click()
    page.get_by_test_id("bulk-all").click()
    expect(page.get_by_test_id("episode-chosen")).to_have_text(f"{MANY} selected")
    page.get_by_test_id("bulk-export").click()
    page.get_by_role("dialog").get_by_role("button", name=f"Create a zip of {MANY}").click()
    save = page.get_by_role("link", name="Save zip")
    expect(save).to_be_visible()
    expect(page.get_by_test_id("stMain")).to_contain_text(f"of {MANY} episodes")
    shot(page, "library-export-many")
    with page.expect_download() as saving:
        save.click()
    with zipfile.ZipFile(saving.value.path()) as made:
        assert made.testzip() is None
        assert "not-exported.txt" in made.namelist()
    page.get_by_role("button", name="Remove").click()
    expect(save).to_have_count(0)


@pytest.mark.long
def test_many_are_marked_in_the_background_and_back_again(many: RunningApp, visit: Visit) -> None:
    page = visit(many)
    for act, unread in (("read", 0), ("mark_unread", MANY)):
        page.get_by_test_id("episode-choose").click()
        page.get_by_test_id("bulk-all").click()
        page.get_by_test_id(f"bulk-{act}").click()
        expect(page.get_by_text(re.compile(r"\d+ episodes updated"))).to_be_visible()
        answer = many.client.get("/api/v1/episodes", params={"unread": True, "limit": 200}).json()
        assert len(answer["items"]) == min(unread, 200)
        page.get_by_test_id("stToast").get_by_role("button").first.click()
        expect(page.get_by_test_id("stToast")).to_have_count(0)


@pytest.mark.long
def test_the_keyboard_moves_ticks_stars_and_opens(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    expect(rows(page)).to_have_count(50)
    rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_test_id("episode-chosen")).to_have_text("1 selected")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("episode-bar")).to_be_hidden()
    star = rows(page).nth(1).get_by_test_id("episode-star")
    before = star.get_attribute("aria-pressed")
    page.keyboard.press("s")
    expect(star).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    title = rows(page).nth(1).get_by_test_id("episode-link").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.long
def test_on_a_phone_the_list_begins_on_the_first_screen(full: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(full, locale="zh-CN")
    page.set_viewport_size(PHONE)
    expect(rows(page).first).to_be_in_viewport()
    settled(page)
    fits(page)
    shot(page, "library-list-phone")
    page.get_by_test_id("episode-choose").click()
    rows(page).first.get_by_test_id("episode-tick").check()
    expect(page.get_by_test_id("bulk-delete")).to_be_in_viewport()
    fits(page)
    shot(page, "library-selection-phone")


@pytest.mark.long
def test_a_press_on_a_title_is_not_lost_when_its_row_changes_meanwhile(full: RunningApp, visit: Visit) -> None:
    page = visit(full)
    row = rows(page).nth(2)
    link, star = row.get_by_test_id("episode-link"), row.get_by_test_id("episode-star")
    title, starred = link.inner_text(), star.get_attribute("aria-pressed")
    link.hover()
    page.mouse.down()
    star.dispatch_event("click")
    expect(star).not_to_have_attribute("aria-pressed", str(starred))
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
