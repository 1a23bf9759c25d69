"""A click on a format, and the file is on the reader's disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Visit
from tests.browser.test_sample import try_the_sample
from tests.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.long]


def taken(page: Page, name: str, folder: Path) -> Path:
    """The file that a click on the format saves."""
    link = page.get_by_role("link", name=name, exact=True)
    # Streamlit's links open a tab, which closes when the download begins: too soon to listen to it.
    link.evaluate("link => link.removeAttribute('target')")
    with page.expect_download(timeout=PATIENCE_MS) as started:
        link.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_an_episode_is_taken_away(tmp_path: Path, visit: Visit) -> None:
    with RunningApp(tmp_path / "data") as app:
        page = visit(app)
        page.get_by_role("button", name="Try the sample").wait_for()
        try_the_sample(page, app)
        expect(page.get_by_test_id("gist")).not_to_be_empty()  # all is there to be taken away
        page.get_by_test_id("head-menu").click()
        page.get_by_test_id("menu-downloads").click()
        page.get_by_role("link", name="PDF", exact=True).wait_for(timeout=PATIENCE_MS)
        segments = app.client.get("/api/v1/episodes/1/transcript").json()["segments"]
        said = segments[0]["text"].split()[-1]
        paper = taken(page, "PDF", tmp_path)
        assert said in subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True).stdout
        web = taken(page, "HTML", tmp_path).read_text(encoding="utf-8")
        assert said in web and f'href="{app.url}/episode?id=' in web
        assert taken(page, "Word", tmp_path).read_bytes().startswith(b"PK")
