"""Reading an episode: the voice is followed, words are found, notes show their evidence, other versions are at hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import Shot, Visit
from tests.browser.room import SENTENCES, Room
from tests.running import wait_for

pytestmark = pytest.mark.browser

IN_VIEW = """span => {
    const box = span.getBoundingClientRect();
    const view = span.closest(".scroll").getBoundingClientRect();
    return box.top >= view.top && box.bottom <= view.bottom;
}"""


@pytest.mark.long
def test_the_voice_is_followed_unless_the_reader_scrolls_away(room: Room) -> None:
    room.open("&t=600")
    current = room.page.locator("[data-testid^=segment-][aria-current=true]")
    expect(current).to_have_attribute("data-testid", "segment-200")
    assert current.evaluate(IN_VIEW)
    room["transcript-scroll"].hover()
    room.page.mouse.wheel(0, -4000)
    expect(room["follow"]).to_be_visible()
    wait_for(lambda: not current.evaluate(IN_VIEW))
    room["play"].click()
    room["ahead-30"].click()
    expect(current).not_to_have_attribute("data-testid", "segment-200")
    assert not current.evaluate(IN_VIEW)
    room["follow"].click()
    expect(room["follow"]).to_be_hidden()
    assert current.evaluate(IN_VIEW)


@pytest.mark.long
def test_words_are_marked_while_they_are_spoken(room: Room) -> None:
    room.open()
    room.sentence(8).click()
    wait_for(lambda: room.painted("word"))
    words = set(room.text_of(8).split()) | set(room.text_of(9).split())
    seen = {wait_for(lambda: room.painted("word"))[0]}
    wait_for(lambda: set(room.painted("word")) - seen)
    assert seen | set(room.painted("word")) <= words | set(room.text_of(10).split())


@pytest.mark.long
def test_find_counts_marks_and_goes_from_hit_to_hit(room: Room, shot: Shot) -> None:
    room.open("&t=0")
    room.page.keyboard.press("/")
    expect(room["find"]).to_be_focused()
    room["find"].fill("ＬÁNTERN")  # full width, an accent, capitals
    said = room.get("/transcript?format=json&words=false")["segments"]
    hits = sum(segment["text"].lower().count("lantern") for segment in said)
    expect(room["find-count"]).to_have_text(f"1 of {hits}")
    assert {word.lower() for word in room.painted("find")} == {"lantern"}
    assert len(room.painted("find")) == hits
    room.page.keyboard.press("Enter")
    expect(room["find-count"]).to_have_text(f"2 of {hits}")
    room.page.keyboard.press("Shift+Enter")
    room.page.keyboard.press("Shift+Enter")
    expect(room["find-count"]).to_have_text(f"{hits} of {hits}")
    shot(room.page, "episode-find")
    room["find"].fill("nobody says this")
    expect(room["find-count"]).to_have_text("Not found")
    room.page.keyboard.press("Escape")
    expect(room["find-bar"]).to_be_hidden()
    assert room.painted("find") == []


def test_a_point_marks_its_quote_and_seeks(room: Room) -> None:
    room.open()
    point = room.get("/summary?format=json")["points"][4]
    room["point-4"].hover()
    marked = " ".join(room.painted("hint"))
    assert marked.rstrip(".") == point["quote"].rstrip(".")
    room["gist"].hover()
    wait_for(lambda: not room.painted("hint"))
    room["point-4-time"].focus()
    wait_for(lambda: room.painted("hint"))
    room["point-4-time"].click()
    room.plays()
    assert point["start"] <= room.position < point["start"] + 10
    room["chapter-1-time"].click()
    wait_for(lambda: 300 <= room.position < 310)


def test_an_unverified_point_looks_unverified(room: Room, shot: Shot) -> None:
    room.open()
    number = next(n for n, point in enumerate(room.get("/summary?format=json")["points"]) if not point["verified"])
    invented, proved = room[f"point-{number}"], room["point-0"]
    expect(room[f"point-{number}-unverified"]).to_have_text("Not verified: this quote wasn’t found in the transcript")
    expect(room["point-0-unverified"]).to_have_count(0)
    expect(room[f"point-{number}-time"]).to_have_count(0)
    line = "element => getComputedStyle(element.querySelector('q')).textDecorationLine"
    assert (invented.evaluate(line), proved.evaluate(line)) == ("underline", "none")
    invented.hover()
    assert not room.painted("hint")
    invented.scroll_into_view_if_needed()
    shot(room.page, "episode-unverified")


@pytest.mark.long
def test_versions_of_the_notes_are_compared_side_by_side_and_put_back(room: Room, shot: Shot) -> None:
    room.open()
    expect(room["notes-label"]).to_contain_text("bench")
    room["versions"].click()
    expect(room["version-list"].locator("> li")).to_have_count(2)
    current, older = (version["id"] for version in room.get("/summaries")["items"])
    rows = room.get(f"/summaries/compare?old={older}&new={current}")
    room[f"version-compare-{older}"].click()
    cells = room["comparison-rows"].locator(".cell")
    differing = [row for row in rows["points"] if row["difference"] != "same"]
    expect(cells).to_have_count(2 * (1 + len(differing)))
    expect(cells.first.locator("del")).to_have_text(["lamps", "said"])
    expect(cells.nth(1).locator("ins")).to_have_text(["lanterns", "thought"])
    left, right = (cells.nth(place).bounding_box() for place in (0, 1))
    assert left and right
    assert left["x"] + left["width"] <= right["x"] and left["y"] == right["y"]
    shot(room.page, "episode-versions")
    assert complaints(room.page) == []
    room["compare-only"].uncheck()
    expect(cells).to_have_count(2 * (1 + sum(len(rows[name]) for name in ("points", "chapters", "terms", "actions"))))
    room["compare-old"].select_option(str(current))
    room["compare-only"].check()
    expect(room["comparison-rows"]).to_have_text("Both versions say the same.")
    room.page.keyboard.press("Escape")
    room[f"version-restore-{older}"].click()
    expect(room["notes-label"]).to_contain_text("earlier")
    assert room.get("/summary?format=json")["model"] == "earlier"
    room["message-action"].click()
    expect(room["notes-label"]).to_contain_text("bench")


@pytest.mark.long
def test_the_publishers_transcript_can_be_turned_to(room: Room) -> None:
    room.open()
    room["transcript-source"].select_option("publisher")
    expect(room.sentence(0)).to_have_text("Welcome, says the publisher.")
    expect(room["transcript-status"]).to_contain_text("publisher’s own")
    room.sentence(1).click()
    room.near(60, within=5)
    room.page.keyboard.press("e")
    expect(room["edit-field"]).to_have_count(0)
    room["transcript-source"].select_option("ours")
    expect(room.sentence(SENTENCES - 1)).to_be_attached()


@pytest.mark.long
def test_a_narrow_window_shows_one_part_at_a_time(room: Room) -> None:
    room.page.set_viewport_size({"width": 880, "height": 900})
    room.open()
    expect(room["gist"]).to_be_visible()
    expect(room.sentence(0)).to_be_hidden()
    room.tab("transcript")
    expect(room.sentence(0)).to_be_visible()
    expect(room["gist"]).to_be_hidden()
    room["tab-transcript"].focus()
    room.page.keyboard.press("ArrowRight")
    expect(room["tab-notes"]).to_be_focused()
    expect(room["gist"]).to_be_visible()


@pytest.mark.long
def test_everything_has_a_name_in_chinese_too(room: Room, visit: Visit, shot: Shot) -> None:
    chinese = Room(room.app, visit(room.app, None, locale="zh-CN")).open()
    expect(chinese["tab-highlights"]).to_have_text("高亮")
    unnamed = chinese["player"].evaluate(
        """room => [...room.querySelectorAll("button, input, select, textarea")]
                 .filter(part => !part.hidden && !(part.getAttribute("aria-label") || part.textContent.trim()))
                 .map(part => part.outerHTML)"""
    )
    assert unnamed == []
    shot(chinese.page, "episode-room-chinese")
