"""A file goes in by the library's uploader; its notes point back into the sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SAMPLES, Visit, cards
from tests.running import RunningApp

pytestmark = pytest.mark.browser


def pick(page: Page, file: Path) -> None:
    page.get_by_test_id("uploader-input").set_input_files(file)


def test_a_picked_file_is_transcribed_and_a_citation_plays_its_place(app: RunningApp, visit: Visit) -> None:
    page = visit(app)
    pick(page, SAMPLES / "en_meeting.m4a")
    row = cards(page, "episode").filter(has_text="en meeting")
    expect(row.get_by_test_id("episode-gist")).not_to_be_empty()
    row.get_by_role("link").click()
    page.wait_for_url(f"{app.url}/episode?id=*")
    point = app.client.get(f"/api/v1/episodes/{page.url.partition('id=')[2]}/summary").json()["points"][1]
    page.get_by_test_id("segment-0").wait_for()
    # Paused where it landed, so that the position is the citation's however slow the machine is.
    audio = page.get_by_test_id("audio")
    audio.evaluate("audio => audio.addEventListener('seeked', () => audio.pause(), {once: true})")
    page.get_by_test_id("point-1-time").click()
    page.wait_for_function(
        "([audio, start]) => audio.paused && Math.abs(audio.currentTime - start) <= 1",
        arg=[audio.element_handle(), point["start"]],
    )
    cited = "() => [...(CSS.highlights.get('castmind-cite') ?? [])].map(String).join(' ')"
    assert point["quote"].rstrip(".") in page.evaluate(cited)
    expect(page.locator("[data-testid^=segment-][aria-current=true]")).to_contain_text(point["quote"])


@pytest.mark.long
def test_what_is_no_audio_is_refused_in_words(app: RunningApp, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "notes.mp3"
    file.write_text("A shopping list, whatever its name says.\n" * 50, encoding="utf-8")
    before = app.client.get("/api/v1/episodes").json()["items"]
    page = visit(app, ignore=("422", "415"))
    pick(page, file)
    said = page.get_by_test_id("uploader-file").filter(has_text="notes.mp3").get_by_test_id("uploader-status")
    expect(said).to_contain_text("audio")
    expect(said).to_contain_text("Nothing was added")
    assert app.client.get("/api/v1/episodes").json()["items"] == before
