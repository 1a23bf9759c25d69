"""Uploads that break off: they go on where they stopped, whatever broke: the line, the page, the server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from core.api.library import tus
from tests.browser.conftest import Shot, Visit
from tests.browser.test_pages import settled
from tests.fakes.frail_line import FrailLine
from tests.fixtures.audio import silent_wav
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

SIZE = 24_000_000
# Bytes that an open page sends itself, and the start of a block that was lost in transit.
OVERHEAD = 3_000_000
BREAKS = ("ERR_", "Failed to load", "Failed to fetch", "WebSocket", "websocket", "disconnected", "not responding")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """One of its own: it is killed here."""
    with RunningApp(tmp_path_factory.mktemp("resumed") / "data") as running:
        yield running


@pytest.fixture
def recording(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Large enough to be interrupted, and other bytes in every test."""
    name = request.node.name
    made = silent_wav(tmp_path / f"{name}.wav", SIZE)
    with made.open("r+b") as file:
        file.seek(100)
        file.write(name.encode() * 2)
    return made


@lru_cache(maxsize=1)
def line_of(page: Page) -> CDPSession:
    """One for a page: the limits of several sessions would hold at once."""
    return page.context.new_cdp_session(page)


def slow(page: Page, bytes_a_second: int) -> None:
    """-1: as fast as it goes."""
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    line_of(page).send("Network.emulateNetworkConditions", {"offline": False, **speed})


def pick(page: Page, *files: Path) -> None:
    page.get_by_test_id("uploader-input").set_input_files(list(files))


def row(page: Page, file: Path) -> Locator:
    return page.get_by_test_id("uploader-file").filter(has_text=file.name)


def unfinished(app: RunningApp) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.client.get("/api/v1/uploads").json()["items"]
    return found


def here(app: RunningApp) -> int:
    """How many bytes of the one upload have come."""
    return sum(upload["offset"] for upload in unfinished(app))


def titles(app: RunningApp) -> list[str]:
    return [episode["title"] for episode in app.client.get("/api/v1/episodes").json()["items"]]


def whole(app: RunningApp, file: Path) -> bool:
    """The episode's audio is the file, byte for byte."""
    episode = next(e for e in app.client.get("/api/v1/episodes").json()["items"] if e["title"] == file.stem.replace("_", " "))
    return app.client.get(f"/api/v1/episodes/{episode['id']}/audio").content == file.read_bytes()


@pytest.mark.long
def test_a_line_that_breaks_is_tried_again_and_nothing_is_sent_twice(home: RunningApp, visit: Visit, recording: Path) -> None:
    with FrailLine(home.port) as line:
        page = visit(home, ignore=BREAKS)
        page.goto(line.url)
        page.get_by_test_id("add-open").wait_for()
        settled(page)
        before = line.sent
        line.cut_after(10_000_000)
        pick(page, recording)
        assert line.cut.wait(60)
        expect(row(page, recording)).to_have_attribute("data-state", "broken")
        wait_for(lambda: line.arrived)
        assert here(home) > 5_000_000
        line.mend()
        expect(row(page, recording)).to_have_attribute("data-state", "done")
        assert recording.stat().st_size < line.sent - before < recording.stat().st_size + OVERHEAD
    assert whole(home, recording)


@pytest.mark.long
def test_after_a_reload_the_same_file_goes_on(home: RunningApp, visit: Visit, shot: Shot, recording: Path) -> None:
    page = visit(home, ignore=BREAKS)
    page.on("dialog", lambda dialog: dialog.accept())
    slow(page, 2_000_000)
    page.get_by_test_id("add-open").wait_for()
    pick(page, recording)
    wait_for(lambda: here(home) > 3_000_000)
    page.reload()
    slow(page, -1)
    expect(row(page, recording)).to_have_attribute("data-state", "unfinished")
    expect(page.get_by_test_id("uploader-remarks")).to_contain_text("1 upload is unfinished. Choose the same file again")
    shot(page, "upload-unfinished")
    came = here(home)
    asked: list[int] = []
    page.on(
        "request",
        lambda request: asked.append(int(request.headers.get("upload-offset", -1))) if request.method == "PATCH" else None,
    )
    pick(page, recording)
    expect(row(page, recording)).to_have_attribute("data-state", "done")
    assert asked[0] == came
    assert len(page.get_by_test_id("uploader-file").all()) == 1
    assert whole(home, recording)


@pytest.mark.long
def test_a_killed_server_that_comes_back_gets_the_rest(home: RunningApp, visit: Visit, recording: Path) -> None:
    page = visit(home, ignore=BREAKS)
    slow(page, 2_000_000)
    page.get_by_test_id("add-open").wait_for()
    pick(page, recording)
    wait_for(lambda: here(home) > 3_000_000)
    home.kill()
    slow(page, -1)
    expect(row(page, recording)).to_have_attribute("data-state", "broken")
    part = next((home.data / "uploads" / "incoming").glob("*.part"))
    came = part.stat().st_size
    asked: list[int] = []
    page.on(
        "request",
        lambda request: asked.append(int(request.headers.get("upload-offset", -1))) if request.method == "PATCH" else None,
    )
    home.start()
    # As when the computer's own network is back: nothing waits for the pause before the next try to end.
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(row(page, recording)).to_have_attribute("data-state", "done")
    assert asked[0] >= came
    assert whole(home, recording)


def superseded(home: RunningApp, page: Page, recording: Path) -> str:
    """The address of an upload that another client asked for while the page sent it."""
    slow(page, 2_000_000)
    page.get_by_test_id("add-open").wait_for()
    pick(page, recording)
    wait_for(lambda: here(home) > 3_000_000)
    place = f"/api/v1/uploads/{unfinished(home)[0]['id']}"
    assert home.client.head(place, headers={"Tus-Resumable": "1.0.0"}).status_code == 200
    return place


@pytest.mark.long
def test_a_request_that_took_the_upload_over_and_left_is_no_rival(home: RunningApp, visit: Visit, recording: Path) -> None:
    """As one of the page's own does that was aborted, and is handled late."""
    page = visit(home, ignore=BREAKS)
    superseded(home, page, recording)
    slow(page, -1)
    expect(row(page, recording)).to_have_attribute("data-state", "done")
    assert whole(home, recording)


@pytest.mark.long
def test_who_sends_the_same_upload_elsewhere_is_left_alone(home: RunningApp, visit: Visit, recording: Path) -> None:
    page = visit(home, ignore=BREAKS)
    place = superseded(home, page, recording)
    came = here(home)
    rest = recording.stat().st_size - came
    head = f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nContent-Type: {tus.BYTES}\r\n"
    with socket.create_connection(("127.0.0.1", home.port)) as rival:
        rival.sendall(f"{head}Upload-Offset: {came}\r\nContent-Length: {rest}\r\n\r\n".encode())
        wait_for(lambda: unfinished(home)[0]["active"])
        slow(page, -1)
        expect(row(page, recording)).to_have_attribute("data-state", "failed")
        expect(row(page, recording)).to_contain_text(
            "This file is being uploaded over another connection. What was uploaded is kept."
        )
    row(page, recording).get_by_role("button", name="Try again").click()
    expect(row(page, recording)).to_have_attribute("data-state", "done")
    assert whole(home, recording)


@pytest.mark.long
def test_pause_go_on_and_turning_the_page(home: RunningApp, visit: Visit, recording: Path) -> None:
    page = visit(home)
    slow(page, 2_000_000)
    page.get_by_test_id("add-open").wait_for()
    pick(page, recording)
    wait_for(lambda: here(home) > 3_000_000)
    expect(row(page, recording).get_by_test_id("uploader-status")).to_contain_text("MB/s")
    row(page, recording).get_by_test_id("uploader-pause").click()
    expect(row(page, recording)).to_have_attribute("data-state", "paused")
    wait_for(lambda: not unfinished(home)[0]["active"])
    slow(page, -1)
    row(page, recording).get_by_test_id("uploader-resume").click()
    page.get_by_role("link", name="Queue").first.click()
    page.wait_for_url("**/queue")
    wait_for(lambda: recording.stem.replace("_", " ") in titles(home), why=home.last_words)
    page.get_by_role("link", name="Library").first.click()
    expect(row(page, recording)).to_have_attribute("data-state", "done")
    assert whole(home, recording)


@pytest.mark.long
def test_a_paused_and_an_unfinished_one_can_be_given_up(home: RunningApp, visit: Visit, recording: Path) -> None:
    page = visit(home)
    page.on("dialog", lambda dialog: dialog.accept())
    slow(page, 2_000_000)
    page.get_by_test_id("add-open").wait_for()
    for reload in (False, True):
        pick(page, recording)
        wait_for(lambda: here(home) > 1_500_000)
        row(page, recording).get_by_test_id("uploader-pause").click()
        expect(row(page, recording)).to_have_attribute("data-state", "paused")
        if reload:
            page.reload()
            expect(row(page, recording)).to_have_attribute("data-state", "unfinished")
        row(page, recording).get_by_test_id("uploader-cancel").click()
        wait_for(lambda: not list((home.data / "uploads" / "incoming").glob("*.part")), why=home.last_words)
        assert unfinished(home) == []
