"""Covers of real pictures from a podcast's host: large and small, huge, broken and lying ones."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Shot, Visit
from tests.fakes.podcast_host import PodcastHost
from tests.running import RunningApp, wait_for
from tests.sources.media.test_picture_worker import header

pytestmark = [pytest.mark.browser, pytest.mark.long]


def picture(form: str, width: int, height: int, colour: str) -> bytes:
    made = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(made).ellipse((width // 4, height // 4, 3 * width // 4, 3 * height // 4), fill="white")
    out = io.BytesIO()
    made.save(out, form)
    return out.getvalue()


PICTURES = {
    "own.jpg": picture("JPEG", 1400, 900, "#205090"),
    "huge.png": picture("PNG", 5000, 5000, "#308040"),
    "broken.png": picture("PNG", 600, 600, "#803030")[:900],
    "page.png": b"<html><script>document.title='taken'</script></html>",
    "bomb.png": header(60_000, 60_000),
}
SHOWN = ("Own picture", "Huge picture", "Of the feed")


@pytest.fixture(scope="module")
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.files["/cover.png"] = picture("PNG", 1500, 1500, "#c04020")
        running.items.clear()
        sound = running.files["en_short.wav"]
        titles = ("Own picture", "Huge picture", "Broken picture", "A page as a picture", "A bomb as a picture")
        for title, (name, body) in zip(titles, PICTURES.items(), strict=True):
            running.files[name] = body
            extra = f'<itunes:image href="{running.url}/audio/{name}"/>'
            running.publish(f"{name}.wav", title, guid=name, extra=extra, data=sound)
        running.publish("plain.wav", "Of the feed", guid="plain", data=sound)
        yield running


@pytest.fixture(scope="module")
def pictured(host: PodcastHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with RunningApp(tmp_path_factory.mktemp("covers") / "data", CASTMIND_ALLOWED_PRIVATE_HOSTS="127.0.0.1") as running:
        added = running.client.post("/api/v1/feeds", json={"url": host.feed_url, "auto_transcribe": False, "backlog": 0})
        added.raise_for_status()
        yield running


def row(page: Page, title: str) -> Locator:
    return page.get_by_test_id("episode-rows").get_by_role("listitem").filter(has_text=title)


def width(page: Page, title: str) -> int:
    """How many pixels wide the picture of a row is that the browser has; 0 when it has none."""
    found: int = row(page, title).locator(".cover img").evaluate("image => image.complete ? image.naturalWidth : 0")
    return found


def media_type(app: RunningApp, title: str) -> str:
    items = app.client.get("/api/v1/episodes", params={"limit": 50}).json()["items"]
    number = next(item["id"] for item in items if item["title"] == title)
    return str(app.client.get(f"/api/v1/episodes/{number}/cover").headers["content-type"])


def test_pictures_come_small_and_square_and_what_is_none_stays_a_square(pictured: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(pictured)
    expect(page.get_by_test_id("episode-rows").get_by_role("listitem")).to_have_count(6)
    for title in SHOWN:
        wait_for(lambda title=title: media_type(pictured, title) == "image/webp")
    # Where each of them was tried, an empty file says so.
    covers = pictured.data / "media" / "covers"
    wait_for(lambda: sorted(path.stat().st_size == 0 for path in covers.glob("*.webp")) == [False] * 3 + [True] * 3)
    page.reload()
    for title in SHOWN:
        expect(row(page, title)).to_be_visible()
        wait_for(lambda title=title: width(page, title) == 320)
    for title in ("Broken picture", "A page as a picture", "A bomb as a picture"):
        assert media_type(pictured, title) == "image/svg+xml"
        expect(row(page, title).locator(".cover")).to_contain_text("C")
    assert page.title() != "taken"
    shot(page, "library-covers")
    page.emulate_media(color_scheme="dark")
    shot(page, "library-covers-dark")
