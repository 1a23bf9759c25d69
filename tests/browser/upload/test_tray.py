"""Files dropped anywhere in the window, on any page; and the tray at its foot that shows how they go on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit, cards
from tests.browser.test_pages import settled
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("tray") / "data") as running:
        running.upload(SAMPLES / "en_short.wav").raise_for_status()
        yield running


class Drag:
    """Something that is dragged over the window from elsewhere, as Chromium is told of it."""

    def __init__(self, page: Page, *files: Path, **item: str) -> None:
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        items = [{"mimeType": "text/plain", "data": "", **item}] if item else []
        self.data = {"items": items, "files": [str(file) for file in files], "dragOperationsMask": 1}

    def to(self, x: float, y: float, *, enters: bool = False) -> None:
        for kind in ("dragEnter", "dragOver") if enters else ("dragOver",):
            self._send(kind, x, y)

    def drop(self, x: float, y: float) -> None:
        self._send("drop", x, y)

    def leave(self) -> None:
        """Go past the window's lower edge."""
        self._send("dragOver", 700, 2000)

    def _send(self, kind: str, x: float, y: float) -> None:
        self.devtools.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": self.data})


def titles(app: RunningApp) -> set[str]:
    return {episode["title"] for episode in app.client.get("/api/v1/episodes?limit=200").json()["items"]}


def another(folder: Path, name: str, number: int) -> Path:
    """A sound with other bytes than all others."""
    folder.mkdir(exist_ok=True)
    made = folder / name
    shutil.copyfile(SAMPLES / "silence.wav", made)
    with made.open("r+b") as file:
        file.seek(100)
        file.write(number.to_bytes(4, "little"))
    return made


OVERLAY = {"/queue": "en-US", "/search": "zh-CN", "/settings": "en-US", "/episode?id=1": "en-US"}


@pytest.mark.parametrize("at", [pytest.param(at, marks=() if at == "/search" else pytest.mark.long) for at in OVERLAY])
def test_every_page_takes_a_drop_anywhere(home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path, at: str) -> None:
    page = visit(home, at, locale=OVERLAY[at])
    page.get_by_test_id("uploader-tray").wait_for(state="attached")
    settled(page)
    overlay = page.get_by_test_id("drop-overlay")
    file = another(tmp_path, f"dropped at {at.strip('/').partition('?')[0]}.wav", list(OVERLAY).index(at))
    drag = Drag(page, file)
    drag.to(700, 200, enters=True)
    expect(overlay).to_be_visible()
    expect(overlay).to_have_text("松开即可添加" if OVERLAY[at] == "zh-CN" else "Drop to add")
    for x, y in ((20, 20), (700, 400), (1200, 850)):
        drag.to(x, y)
    expect(overlay).to_be_visible()
    drag.leave()
    expect(overlay).to_be_hidden()
    drag.to(700, 300, enters=True)
    shot(page, f"drop-{at.strip('/').partition('?')[0]}")
    drag.drop(700, 300)
    expect(overlay).to_be_hidden()
    expect(page.locator("[data-testid=uploader-file][data-state=done]")).to_have_count(1)
    assert page.url == home.url + at
    assert file.stem in titles(home)


NESTED = """() => {
  const files = () => {
    const made = new DataTransfer();
    made.items.add(new File(["x"], "a.wav"));
    return made;
  };
  const how = { bubbles: true, composed: true, cancelable: true };
  const send = (node, kind) => node.dispatchEvent(new DragEvent(kind, { ...how, dataTransfer: files() }));
  const outer = document.querySelector("[data-testid=stMain]");
  const inner = outer.querySelector("h1");
  const gone = outer.appendChild(document.createElement("i"));
  const seen = [];
  const overlay = window.castmindTray.drops.root;
  for (const [node, kind] of [
    [outer, "dragenter"], [inner, "dragenter"], [outer, "dragleave"], [gone, "dragenter"], [inner, "dragleave"],
  ]) {
    send(node, kind);
    seen.push(!overlay.hidden);
  }
  gone.remove();
  send(outer, "dragenter");
  send(outer, "dragleave");
  seen.push(!overlay.hidden);
  return seen;
}"""


def test_text_and_links_do_nothing_and_the_overlay_goes_with_the_files(home: RunningApp, visit: Visit) -> None:
    page = visit(home, "/queue")
    page.get_by_role("heading", level=1).wait_for()
    page.get_by_test_id("uploader-tray").wait_for(state="attached")
    settled(page)
    assert page.evaluate(NESTED) == [True, True, True, True, True, False]
    link: dict[str, Any] = {"mimeType": "text/uri-list", "data": "https://127.0.0.1:9/elsewhere"}
    for item in (link, {"mimeType": "text/plain", "data": "words"}, {"mimeType": "text/html", "data": "<b>words</b>"}):
        drag = Drag(page, **item)
        drag.to(700, 200, enters=True)
        expect(page.get_by_test_id("drop-overlay")).to_be_hidden()
        drag.drop(700, 200)
        assert page.url == f"{home.url}/queue"
    expect(page.get_by_test_id("uploader-file")).to_have_count(0)


def test_the_tray_shows_every_error_whole_and_moves_nothing(home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path) -> None:
    page = visit(home, None, ignore=("415",))
    page.set_viewport_size(PHONE)
    page.goto(home.url)
    first = cards(page, "episode").first
    first.wait_for()
    settled(page)
    before = first.evaluate("row => row.getBoundingClientRect().y")
    letters = [tmp_path / f"letter {number} to a friend, with a long name.mp3" for number in range(6)]
    for number, letter in enumerate(letters):
        letter.write_text(f"Dear diary, this is no audio. {number}\n" * 100, encoding="utf-8")
    page.get_by_test_id("uploader-input").set_input_files(letters)
    failed = page.locator("[data-testid=uploader-file][data-state=failed]")
    expect(failed).to_have_count(6)
    expect(page.get_by_test_id("uploader-sum")).to_have_text("6 files couldn’t be added")
    shot(page, "tray-errors-phone")
    for each in (failed.first, failed.last):
        said = each.get_by_test_id("uploader-status")
        said.scroll_into_view_if_needed()
        place, tray = said.bounding_box(), page.get_by_test_id("uploader-tray").bounding_box()
        assert place
        assert tray
        assert tray["y"] <= place["y"]
        assert place["y"] + place["height"] <= tray["y"] + tray["height"] <= PHONE["height"]
        assert said.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert first.evaluate("row => row.getBoundingClientRect().y") == before
    page.get_by_test_id("uploader-fold").click()
    expect(failed.first).to_be_hidden()
    page.get_by_test_id("uploader-clear").click()
    expect(page.get_by_test_id("uploader-tray")).to_be_hidden()


@pytest.mark.long
def test_the_tray_folds_itself_and_goes_on_from_page_to_page(home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path) -> None:
    page = visit(home)
    page.get_by_test_id("add-open").wait_for()
    settled(page)
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}
    line.send("Network.emulateNetworkConditions", slow)
    files = [tmp_path / f"{name}.mp3" for name in ("one", "two")]
    for number, file in enumerate(files):
        shutil.copyfile(SAMPLES / "en_episode.mp3", file)
        with file.open("ab") as end:
            end.write(bytes([number + 1]) * 500_000)
    page.get_by_test_id("uploader-input").set_input_files(files)
    fold = page.get_by_test_id("uploader-fold")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_test_id("uploader-sum")).to_have_text("Adding 2 files")
    shot(page, "tray-unfolded")
    page.get_by_role("link", name="Queue").first.click()
    page.wait_for_url("**/queue")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(fold).to_be_visible()
    shot(page, "tray-folded")
    line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    expect(page.get_by_test_id("uploader-sum")).to_have_text("2 files added")
    wait_for(lambda: {"one", "two"} <= titles(home), why=home.last_words)
    expect(page.get_by_test_id("uploader-tray")).to_be_hidden()
