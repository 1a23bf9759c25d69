"""Edits with undo, highlights, quotations, clips, speakers' names, and the reader's own notes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Shot
from tests.browser.room import Room
from tests.running import wait_for

pytestmark = pytest.mark.browser


# --- edits ------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_sentence_is_edited_in_its_place_and_taken_back(room: Room, shot: Shot) -> None:
    before = room.text_of(20)
    room.open()
    room.sentence(20).scroll_into_view_if_needed()
    room.sentence(20).dblclick()
    expect(room["edit-field"]).to_have_value(before)
    room["edit-field"].fill("Corrected 更正 by the reader.")
    shot(room.page, "episode-edit")
    room["edit-field"].press("Enter")
    expect(room.sentence(20)).to_have_text("Corrected 更正 by the reader.")
    room.said("Sentence changed.")
    assert room.text_of(20) == "Corrected 更正 by the reader."
    assert "Corrected 更正" in room.app.client.get(f"{room.base}/transcript?format=srt").text
    room["message-action"].click()
    expect(room.sentence(20)).to_have_text(before)
    assert room.text_of(20) == before


@pytest.mark.long
def test_the_keyboard_edits_undoes_and_does_again(room: Room) -> None:
    before = room.text_of(30)
    room.open()
    room.stand_on(30)
    room.page.keyboard.press("e")
    room["edit-field"].fill("Typed by hand.")
    room["edit-field"].press("Escape")
    expect(room.sentence(30)).to_have_text(before)
    room.page.keyboard.press("e")
    room["edit-field"].fill("Typed by hand.")
    room["edit-field"].press("Enter")
    expect(room.sentence(30)).to_have_text("Typed by hand.")
    expect(room.sentence(30)).to_be_focused()
    room.page.keyboard.press("Control+z")
    expect(room.sentence(30)).to_have_text(before)
    room.page.keyboard.press("Control+Shift+z")
    expect(room.sentence(30)).to_have_text("Typed by hand.")


@pytest.mark.long
def test_the_first_wording_is_shown_and_comes_back(room: Room) -> None:
    before = room.text_of(40)
    room.app.client.patch(f"{room.base}/transcript/segments/40", json={"text": "Wrong."}).raise_for_status()
    room.open()
    expect(room.sentence(40)).to_have_class(re.compile("edited"))
    room.stand_on(40)
    room.page.keyboard.press("e")
    expect(room["edit-original"]).to_contain_text(before)
    room["edit-restore"].click()
    expect(room.sentence(40)).to_have_text(before)
    assert room.text_of(40) == before


@pytest.mark.long
def test_two_windows_that_edit_one_sentence_lose_nothing(room: Room) -> None:
    room.open()
    room.stand_on(50)
    room.page.keyboard.press("e")
    room["edit-field"].fill("Mine.")
    room.app.client.patch(f"{room.base}/transcript/segments/50", json={"text": "Theirs."}).raise_for_status()
    room["edit-field"].press("Enter")
    expect(room["edit-trouble"]).to_contain_text("Theirs.")
    expect(room["edit-field"]).to_have_value("Mine.")
    assert room.text_of(50) == "Theirs."
    room["edit-save"].click()
    expect(room.sentence(50)).to_have_text("Mine.")
    assert room.text_of(50) == "Mine."


# --- highlights -------------------------------------------------------------------------------------


def test_a_selected_passage_is_highlighted_remarked_and_removed_with_a_way_back(room: Room, shot: Shot) -> None:
    room.open("&t=0")
    # The finger begins and ends within words: the passage takes the whole of them.
    words = room.text_of(1).split()
    quote = " ".join(words[1:4])
    begin = len(words[0]) + 2
    room.select(1, begin, begin + len(quote) - 2)
    shot(room.page, "episode-selection")
    room["colour-green"].click()
    mark = room.sentence(1).locator("mark.green")
    expect(mark).to_have_text(quote)
    (kept,) = room.get("/highlights")["items"]
    assert (kept["quote"], kept["colour"]) == (quote.strip(), "green")
    room.tab("highlights")
    room[f"highlight-{kept['id']}-remark"].click()
    room["remark-field"].fill("Ask **why**.")
    room["remark-save"].click()
    expect(room[f"highlight-{kept['id']}-words"]).to_have_text("Ask **why**.")
    shot(room.page, "episode-highlights")
    room[f"highlight-{kept['id']}-time"].click()
    room.plays()
    assert kept["start"] <= room.position < kept["start"] + 5
    room[f"highlight-{kept['id']}-remove"].click()
    expect(mark).to_have_count(0)
    assert room.get("/highlights")["items"] == []
    room["message-action"].click()
    expect(mark).to_have_text(quote)
    (again,) = room.get("/highlights")["items"]
    assert again["remark"] == "Ask **why**."
    room.open()
    expect(mark).to_have_text(quote)
    mark.click()
    room["colour-pink"].click()
    expect(room.sentence(1).locator("mark.pink")).to_have_text(quote)
    room.sentence(1).locator("mark.pink").click()
    room["passage-remove"].click()
    expect(room.sentence(1).locator("mark")).to_have_count(0)


@pytest.mark.long
def test_the_keyboard_highlights_a_sentence(room: Room) -> None:
    room.open("&t=0")
    room["transcript-scroll"].focus()
    for _ in range(3):
        room.page.keyboard.press("ArrowDown")
    expect(room.sentence(2)).to_be_focused()
    room.page.keyboard.press("h")
    expect(room["colour-yellow"]).to_be_focused()
    room.page.keyboard.press("ArrowRight")
    room.page.keyboard.press("ArrowRight")
    room.page.keyboard.press("Enter")
    expect(room.sentence(2).locator("mark.blue")).to_have_text(room.text_of(2))
    (kept,) = room.get("/highlights")["items"]
    room.app.client.delete(f"/api/v1/highlights/{kept['id']}").raise_for_status()


@pytest.mark.long
def test_a_passage_is_copied_with_title_time_and_link(room: Room) -> None:
    room.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    room.open("&t=0")
    room.select(3, 0, 12)
    room["passage-quote"].click()
    room.said("Quote copied.")
    copied = room.page.evaluate("navigator.clipboard.readText()")
    quote = re.match(r".{11}\S\w*", room.text_of(3))
    assert quote
    assert copied == f"“{quote[0].strip()}” — Five hours about harbours, 0:09, {room.address}&t=9"
    room.select(3, 0, 12)
    room["passage-link"].click()
    room.said("Link copied.")
    assert room.page.evaluate("navigator.clipboard.readText()") == f"{room.address}&t=9"


@pytest.mark.long
def test_a_passage_is_cut_out_as_audio(room: Room, tmp_path: Path) -> None:
    room.open("&t=0")
    room.select(3, 0, 12)
    with room.page.expect_download() as started:
        room["passage-clip"].click()
    room.said("Clip saved")
    clip = tmp_path / "clip.mp3"
    started.value.save_as(clip)
    assert started.value.suggested_filename.startswith("Five hours about harbours")
    assert clip.read_bytes()[:3] == b"ID3"


@pytest.mark.long
def test_a_clip_that_takes_long_can_be_cancelled(room: Room) -> None:
    room.open("&t=0")
    room.page.route("**/clip?*", lambda _: None)  # never answered
    room.select(3, 0, 12)
    room["passage-clip"].click()
    room.said("Making the clip")
    room["message-action"].click()
    room.said("Clip cancelled.")
    room.page.unroute("**/clip?*")


@pytest.mark.long
def test_a_finger_finds_all_of_it(room: Room, shot: Shot) -> None:
    room.page.set_viewport_size(PHONE)
    room.open("&t=0")
    room.tab("transcript")
    room.select(0, 0, 8)
    box = room["passage-bar"].bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    shot(room.page, "episode-selection-phone")
    room["passage-edit"].click()
    expect(room["edit-field"]).to_be_focused()


# --- speakers ---------------------------------------------------------------------------------------


@pytest.mark.long
def test_two_speakers_become_one(room: Room, shot: Shot) -> None:
    room.open()
    room["speakers-open"].click()
    expect(room["speaker-2"]).to_have_value("Speaker 3")
    shot(room.page, "episode-speakers")
    room["speaker-0"].fill("Emma")
    room["speaker-0-save"].click()
    expect(room["transcript"].locator(".speaker").first).to_have_text("Emma")
    room["speaker-2"].fill("Emma")
    room["speaker-2-save"].click()
    expect(room["speaker-2"]).to_have_count(0)
    room.page.keyboard.press("Escape")
    expect(room["transcript"].locator(".speaker").first).to_have_text("Emma")
    assert {speaker["name"] for speaker in room.get("/speakers")["items"]} == {"Emma", "Speaker 2"}


# --- own notes --------------------------------------------------------------------------------------


@pytest.mark.long
def test_own_notes_are_saved_by_themselves_and_their_times_seek(room: Room, shot: Shot) -> None:
    room.open("&t=125")
    room.tab("own")
    room["own-notes"].fill("# Plan\n\n- **look** up ")
    room["own-time"].click()
    expect(room["own-notes"]).to_have_value("# Plan\n\n- **look** up [2:05] ")
    expect(room["own-state"]).to_have_text("Saved")
    assert room.get("/notes")["markdown"] == "# Plan\n\n- **look** up [2:05] "
    room["back-15"].click()
    room["own-turn"].click()
    expect(room["own-preview"].locator("strong")).to_have_text("look")
    expect(room["own-preview"].locator("h3")).to_have_text("Plan")
    shot(room.page, "episode-own-notes")
    room["own-preview"].get_by_role("button", name="2:05").click()
    room.plays()
    room.near(125, within=5)


@pytest.mark.long
def test_own_notes_of_two_windows_are_both_kept(room: Room) -> None:
    room.open()
    room.tab("own")
    room["own-notes"].fill("First.")
    expect(room["own-state"]).to_have_text("Saved")
    theirs = room.get("/notes") | {"markdown": "From the other window."}
    room.app.client.put(f"{room.base}/notes", json=theirs).raise_for_status()
    room["own-notes"].fill("First, and more.")
    expect(room["own-conflict"]).to_be_visible()
    expect(room["own-theirs"]).to_have_text("From the other window.")
    assert room.get("/notes")["markdown"] == "From the other window."
    room["own-join"].click()
    expect(room["own-state"]).to_have_text("Saved")
    assert room.get("/notes")["markdown"] == "From the other window.\n\nFirst, and more."


@pytest.mark.long
def test_what_is_typed_outlives_a_server_that_is_away(room: Room) -> None:
    room.open()
    room.tab("own")
    expect(room["own-notes"]).not_to_have_value("")
    room.page.route("**/notes", lambda route: route.abort())
    room["own-notes"].fill("Written in a tunnel.")
    expect(room["own-state"]).to_contain_text("kept in this browser")
    room.page.unroute("**/notes")
    wait_for(lambda: room.get("/notes")["markdown"] == "Written in a tunnel.")
    expect(room["own-state"]).to_have_text("Saved")


@pytest.mark.long
def test_foreign_words_stay_words(room: Room) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\"> [x](javascript:alert(1)) **<b>b</b>**"
    version = room.get("/notes")["version"]
    room.app.client.put(f"{room.base}/notes", json={"markdown": hostile, "version": version}).raise_for_status()
    room.app.client.patch(f"{room.base}/transcript/segments/60", json={"text": hostile}).raise_for_status()
    room.open()
    expect(room.sentence(60)).to_have_text(hostile)
    room.tab("own")
    room["own-turn"].click()
    expect(room["own-preview"]).to_contain_text("<img src=x")
    expect(room["player"].locator("img, b, a[href^='javascript:']")).to_have_count(0)
    assert room.page.title() != "taken"
