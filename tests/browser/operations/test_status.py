"""The status page in a browser: charts for a pointer, the keyboard and a screen reader, by day, by night, on a phone."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import queue_order
from core.store.library import transcription_runs
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit
from tests.browser.test_pages import fits, settled
from tests.fixtures.many_episodes import fill as fill_library
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

DAY = 86_400.0
# The page scrolls inside its window: a picture of all of it needs a tall one.
WIDE = ViewportSize(width=1440, height=1900)
TALL_PHONE = ViewportSize(width=PHONE["width"], height=3200)
FILES = {"uploads/talk.mp3": 412, "media/a.mp3": 1910, "models/small/model.bin": 484, "backups/b.zip": 230, "exports/c.md": 3}
MEGABYTE = 1_000_000


def fill(data: Path) -> None:
    """Sixty episodes, some queued, failed and cancelled; twelve weeks of transcriptions on two devices; feeds that fail."""
    fill_library(data, 60)
    for name, megabytes in FILES.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(megabytes * MEGABYTE)
    store = Store(data / "castmind.db")
    store.open()
    store.write(_write)
    store.close()


def _write(db: Database) -> None:
    rng, now = random.Random(7), time.time()
    for number in range(90):
        card = number > 40
        seconds = rng.uniform(600, 7200)
        took = seconds * rng.uniform(0.02, 0.05) if card else seconds * rng.uniform(0.2, 0.5)
        engine = SpeechEngine("large-v3-turbo", "cuda", "float16") if card else SpeechEngine("small", "cpu", "int8")
        transcript = Transcript("en", seconds, (), engine, wall_seconds=took)
        transcription_runs.add(db, 1 + number % 60, transcript, now=now - (90 - number) * rng.uniform(0.7, 0.9) * DAY)
    error = {"code": "feed_unavailable", "detail": "The server answers with an error (503).", "params": {"status": 503}}
    for feed in feeds.listing(db):
        columns: dict[str, Any] = {"next_poll_at": now + DAY / 2, "last_success_at": now - 600}
        if feed.id in (3, 9):
            columns |= {"failures": 4, "error": error, "last_success_at": now - 3 * DAY}
        if feed.id == 5:
            columns |= {
                "failures": 9,
                "error": error | {"code": "feed_gone", "params": {"status": 410}},
            }
        feeds.change(db, feed.id, columns)
    queue_order.pause(db, now=now)
    db.execute("UPDATE jobs SET state = 'queued', finished_at = NULL WHERE stage = 'transcribe' AND episode_id IN (1, 2, 3, 4)")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data = tmp_path_factory.mktemp("status") / "data"
    data.mkdir()
    fill(data)
    with RunningApp(data, CASTMIND_WHISPER_MODEL="demo", CASTMIND_NOTES_ENGINE="extractive") as running:
        wait_for(lambda: running.client.get("/api/v1/statistics").json()["disk"])
        yield running


def opened(visit: Visit, app: RunningApp, locale: str = "en-US", size: ViewportSize = WIDE) -> Page:
    page = visit(app, None, locale=locale)
    page.set_viewport_size(size)
    page.goto(f"{app.url}/status")
    expect(page.get_by_test_id("chart-disk")).to_contain_text("GB")
    settled(page)
    return page


def chart(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"chart-{name}")


def back(page: Page) -> None:
    page.get_by_test_id("place-status").click()
    page.wait_for_url("**/status")
    expect(chart(page, "speed").get_by_test_id("plot")).to_be_visible()
    settled(page)


def test_the_charts_say_what_the_api_says(filled: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit, filled)
    found = filled.client.get("/api/v1/statistics").json()
    expect(chart(page, "hours")).to_contain_text(f"{found['hours']:,.0f} h in total" if found["hours"] >= 100 else "in total")
    expect(chart(page, "speed")).to_contain_text(f"Median of 30 runs: {found['real_time_factor']:.2g}")
    for state, name in (("queued", "Queued"), ("failed", "Failed"), ("cancelled", "Cancelled")):
        expect(chart(page, "queue").get_by_role("listitem").filter(has_text=name)).to_contain_text(str(found["queue"][state]))
    expect(chart(page, "disk").get_by_role("listitem").filter(has_text="Downloaded audio")).to_contain_text("1.9 GB")
    expect(chart(page, "feeds")).to_contain_text("3 of 40 feeds can’t be read")
    expect(chart(page, "feeds")).to_contain_text("The publisher says this feed no longer exists.")
    assert chart(page, "hours").locator("rect.point").count() == 30
    assert chart(page, "speed").locator("circle.point").count() == 30
    for name in ("hours", "speed"):
        labels = chart(page, name).locator("g.grid").last.locator("text").all_text_contents()
        assert labels and len(labels) == len({*labels})
    shot(page, "status")
    page.emulate_media(color_scheme="dark")
    settled(page)
    shot(page, "status-dark")


def test_a_pointer_and_the_arrows_walk_from_point_to_point(filled: RunningApp, visit: Visit) -> None:
    page = opened(visit, filled)
    hours = chart(page, "hours")
    plot, tip = hours.get_by_test_id("plot"), hours.locator(".tip")
    expect(tip).to_be_hidden()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 80)
    expect(tip).to_be_visible()
    last = tip.text_content() or ""
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    plot.focus()
    page.keyboard.press("End")
    expect(tip).to_have_text(last)
    page.keyboard.press("ArrowLeft")
    expect(tip).not_to_have_text(last)
    expect(hours.get_by_role("status")).to_contain_text(re.compile(r"\w{3} \d+, \d{4}, "))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tip).to_have_text(last)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_weeks_are_chosen_and_remembered_and_the_table_says_the_same(filled: RunningApp, visit: Visit) -> None:
    page = opened(visit, filled)
    hours = chart(page, "hours")
    hours.get_by_role("button", name="12 weeks").click()
    expect(hours.locator("rect.point")).to_have_count(12)
    page.reload()
    expect(hours.locator("rect.point")).to_have_count(12)
    expect(hours.get_by_role("button", name="12 weeks")).to_have_attribute("aria-pressed", "true")
    hours.get_by_text("Show as table").click()
    expect(hours.get_by_role("table").get_by_role("row")).to_have_count(13)
    expect(hours.get_by_role("columnheader")).to_have_text(["Week of", "Audio"])


def test_links_turn_the_page_inside_the_app(filled: RunningApp, visit: Visit) -> None:
    page = opened(visit, filled)
    page.evaluate("() => { window.still_here = true; }")
    chart(page, "queue").get_by_role("link", name="Failed").click()
    page.wait_for_url("**/queue?show=failed")
    back(page)
    chart(page, "feeds").get_by_role("link").first.click()
    page.wait_for_url("**/feeds?q=*")
    back(page)
    chart(page, "speed").get_by_text("Show as table").click()
    link = chart(page, "speed").get_by_role("table").get_by_role("link").first
    title = link.inner_text()
    link.click()
    page.wait_for_url("**/episode?id=*")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate("() => window.still_here")


def test_a_phone_in_chinese(filled: RunningApp, visit: Visit, shot: Shot) -> None:
    page = opened(visit, filled, "zh-CN")
    shot(page, "status-zh")
    page = opened(visit, filled, "zh-CN", TALL_PHONE)
    expect(chart(page, "hours")).to_contain_text("累计")
    expect(chart(page, "speed").get_by_test_id("plot")).to_have_attribute("width", re.compile(r"^(2\d\d|3[0-5]\d)$"))
    fits(page)
    shot(page, "status-phone-zh")


def test_charts_are_no_hindrance(filled: RunningApp, visit: Visit) -> None:
    page = opened(visit, filled)
    for table in page.get_by_text("Show as table").all():
        table.click()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        settled(page)
        found += [f"{scheme}: {line}" for line in complaints(page)]
    assert not found, "\n".join(found)


def test_an_empty_castmind_says_what_will_stand_here(app: RunningApp, visit: Visit, shot: Shot) -> None:
    page = visit(app, "/status")
    expect(chart(page, "feeds")).to_contain_text("No podcasts yet")
    expect(chart(page, "hours")).to_contain_text("Nothing transcribed yet")
    shot(page, "status-empty")
    chart(page, "feeds").get_by_role("link", name="Subscribe to a podcast").click()
    page.wait_for_url("**/feeds")
