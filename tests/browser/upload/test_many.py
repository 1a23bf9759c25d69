"""Many files at once, and folders: picked and dropped as a person does it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("many") / "data") as running:
        yield running


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """Return a typical folder: audio files in it and in subfolders, among other files."""
    folder = tmp_path / "Evening Talk"
    (folder / "Season 2").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name, number in (("01 Harbour.wav", 1), ("02 Night.wav", 2), ("Season 2/01 Return.wav", 3), (".hidden/not this.wav", 4)):
        audio = bytearray((SAMPLES / "silence.wav").read_bytes())
        audio[100:104] = number.to_bytes(4, "little")
        (folder / name).write_bytes(audio)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "notes.txt").write_text("nothing to hear", encoding="utf-8")
    return folder


def titles(app: RunningApp) -> list[str]:
    return sorted(episode["title"] for episode in app.client.get("/api/v1/episodes?limit=200").json()["items"])


def forget_all(app: RunningApp) -> None:
    for episode in app.client.get("/api/v1/episodes").json()["items"]:
        app.client.delete(f"/api/v1/episodes/{episode['id']}?now=true").raise_for_status()


def drop(page: Page, *paths: Path) -> None:
    """From the computer's own file manager, as Chromium is told of it."""
    place = {"x": 640, "y": 450}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        browser.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def all_done(page: Page, number: int) -> None:
    expect(page.locator("[data-testid=uploader-file][data-state=done]")).to_have_count(number)
    expect(page.get_by_test_id("uploader-file")).to_have_count(number)


@pytest.mark.parametrize("way", ["picked", "dropped"])
def test_a_folder_brings_its_sound_and_leaves_the_rest(home: RunningApp, visit: Visit, shot: Shot, show: Path, way: str) -> None:
    forget_all(home)
    page = visit(home)
    page.get_by_test_id("add-open").wait_for()
    settled(page)
    if way == "picked":
        page.get_by_test_id("uploader-folder-input").set_input_files(show)
    else:
        drop(page, show)
    all_done(page, 3)
    expect(page.get_by_test_id("uploader-remarks")).to_contain_text("aren’t audio or video and were skipped: 2")
    assert titles(home) == ["01 Harbour", "01 Return", "02 Night"]
    feeds = home.client.get("/api/v1/feeds").json()["items"]
    assert {feed["title"]: feed["episodes"] for feed in feeds} == {"Evening Talk": 2, "Evening Talk / Season 2": 1}
    shot(page, f"upload-folder-{way}")
    page.get_by_test_id("uploader-clear").click()
    expect(page.get_by_test_id("uploader-file")).to_have_count(0)
    expect(page.get_by_test_id("uploader-remarks")).to_be_empty()


def test_several_dropped_files_take_turns_and_a_refusal_holds_up_nobody(
    home: RunningApp, visit: Visit, shot: Shot, show: Path, tmp_path: Path
) -> None:
    forget_all(home)
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear diary, this is no audio.\n" * 100, encoding="utf-8")
    page = visit(home, ignore=("415",))
    page.get_by_test_id("add-open").wait_for()
    settled(page)
    drop(page, letter, *sorted(show.glob("*.wav")), SAMPLES / "en_short.wav", SAMPLES / "en_meeting.m4a")
    expect(page.locator("[data-testid=uploader-file][data-state=done]")).to_have_count(4)
    refused = page.get_by_test_id("uploader-file").filter(has_text="letter.mp3")
    expect(refused).to_have_attribute("data-state", "failed")
    expect(refused.get_by_test_id("uploader-status")).to_contain_text("This file has no audio that can be read")
    assert refused.get_by_role("button").count() == 0
    assert titles(home) == ["01 Harbour", "02 Night", "en meeting", "en short"]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_all_that_is_on_its_way_can_be_seen_on_a_phone_and_given_up(
    home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path, locale: str
) -> None:
    page = visit(home, locale=locale, ignore=("ERR_ABORTED",))
    page.set_viewport_size(PHONE)
    page.get_by_test_id("add-open").wait_for()
    settled(page)
    line = page.context.new_cdp_session(page)
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    line.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    copies = [tmp_path / f"Gespräch {number} 夜话 – a name that is longer than any phone is wide.mp3" for number in range(5)]
    for number, copy in enumerate(copies):
        shutil.copyfile(SAMPLES / "en_episode.mp3", copy)
        with copy.open("ab") as file:
            file.write(bytes([number]) * 200_000)
    page.get_by_test_id("uploader-input").set_input_files(copies)
    expect(page.locator("[data-testid=uploader-file][data-state=sending]")).to_have_count(3)
    expect(page.locator("[data-testid=uploader-file][data-state=waiting]")).to_have_count(2)
    expect(page.get_by_test_id("uploader-status").first).to_contain_text("kB/s")
    expect(page.get_by_test_id("uploader-overall")).not_to_be_empty()
    fits(page)
    shot(page, f"upload-phone-{locale}")
    page.emulate_media(color_scheme="dark")
    shot(page, f"upload-phone-dark-{locale}")
    page.get_by_test_id("uploader-cancel-all").click()
    expect(page.locator("[data-testid=uploader-file][data-state=cancelled]")).to_have_count(5)
    wait_for(lambda: not list((home.data / "uploads" / "incoming").glob("*.part")), why=home.last_words)
    assert not [title for title in titles(home) if title.startswith("Gespräch")]
