"""A recording from the microphone becomes an episode; Chromium's own false microphone beeps."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PATIENCE_MS, Shot, cards
from tests.chromium import CALM, chromium
from tests.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def with_microphone(browser: Browser) -> Iterator[Browser]:
    flags = [*CALM, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    started = browser.browser_type.launch(executable_path=chromium(), args=flags)
    yield started
    started.close()


def test_what_is_recorded_is_kept_as_an_episode(app: RunningApp, with_microphone: Browser, shot: Shot) -> None:
    context = with_microphone.new_context(locale="en-US", viewport=DESK, service_workers="block", permissions=["microphone"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(app.url)
    page.get_by_test_id("add-open").click()
    page.get_by_test_id("add-record").click()
    page.get_by_test_id("stAudioInput").get_by_role("button", name="Record").click()
    # Streamlit makes nothing of a recording that is stopped before it began.
    expect(page.get_by_test_id("stAudioInputWaveformTimeCode")).to_have_text(re.compile("00:0[1-9]"))
    page.get_by_role("button", name="Stop recording").click()
    page.get_by_label("Title", exact=True).fill("A thought about cats")
    shot(page, "library-recorder")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(cards(page, "episode").filter(has_text="A thought about cats")).to_be_visible()
    row = app.client.get("/api/v1/episodes", params={"q": "thought about cats"}).json()["items"][0]
    assert (row["source"], row["media_type"]) == ("upload", "audio/wav")
    assert row["duration"] > 0
    context.close()
