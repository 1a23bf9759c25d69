"""Uploads that are dropped and thought better of: dropping works like picking, a cancel leaves nothing behind."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, Visit
from tests.running import RunningApp, wait_for

pytestmark = pytest.mark.browser

DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "audio/wav" }));
  return transfer;
}"""


@pytest.mark.long
def test_a_dropped_file_becomes_an_episode(app: RunningApp, visit: Visit) -> None:
    page = visit(app)
    expect(page.get_by_test_id("add-open")).to_be_visible()
    audio = base64.b64encode((SAMPLES / "silence.wav").read_bytes()).decode()
    transfer = page.evaluate_handle(DROP, ["dropped.wav", audio])
    page.get_by_test_id("stMain").dispatch_event("drop", {"dataTransfer": transfer})
    wait_for(lambda: any(e["title"] == "dropped" for e in app.client.get("/api/v1/episodes").json()["items"]), why=app.last_words)


VAIN = """(left) => {
  const real = window.fetch;
  window.fetch = (place, how) =>
    !how && String(place).endsWith("/uploads") && left-- > 0 ? Promise.resolve(Response.json({ items: [] })) : real(place, how);
}"""


@pytest.mark.long
@pytest.mark.parametrize("looks_in_vain", [0, 2])
def test_a_cancelled_upload_leaves_nothing(app: RunningApp, visit: Visit, looks_in_vain: int) -> None:
    """Also one whose beginning reaches the server only after the browser has looked for it there."""
    page = visit(app)
    # A line so slow that there is time to think better of it: 64 kB/s for 1.2 MB.
    line = page.context.new_cdp_session(page)
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 65536},
    )
    page.get_by_test_id("uploader-input").set_input_files(SAMPLES / "en_episode.mp3")
    expect(page.get_by_test_id("uploader-progress")).to_be_visible()
    page.evaluate(VAIN, looks_in_vain)
    page.get_by_test_id("uploader-cancel").click()
    expect(page.get_by_test_id("uploader-status")).to_contain_text(re.compile("cancel", re.IGNORECASE))
    wait_for(lambda: not list((app.data / "uploads").rglob("*.part")), why=app.last_words)
    titles = [e["title"] for e in app.client.get("/api/v1/episodes").json()["items"]]
    assert "en episode" not in titles
