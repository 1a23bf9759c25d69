"""Backups by the settings page: made, taken away, brought back in, and restored, as a person does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit, cards
from tests.browser.test_pages import fits, settled
from tests.running import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A library of its own: it is restored here."""
    with RunningApp(tmp_path_factory.mktemp("backups") / "data", CASTMIND_NOTES_ENGINE="extractive") as running:
        running.wait_done(running.upload(SAMPLES / "en_short.wav").json()["id"])
        yield running


def open_backups(page: Page, app: RunningApp, group: str = "Backup") -> None:
    page.goto(f"{app.url}/settings")
    page.get_by_test_id("stButtonGroup").locator("button").filter(has_text=group).click()
    page.get_by_test_id("uploader-pick").wait_for()
    settled(page)


def test_a_backup_goes_out_comes_back_and_is_restored(home: RunningApp, visit: Visit, shot: Shot, tmp_path: Path) -> None:
    page = visit(home, None, ignore=("422",))
    open_backups(page, home)
    expect(page.get_by_text("No backups yet")).to_be_visible()
    page.get_by_role("button", name="Back up now").click()
    card = cards(page, "backup").filter(has_text="Manual")
    expect(card).to_have_count(1)
    with page.expect_download() as arriving:
        card.get_by_role("link", name="Download").click()
    arriving.value.save_as(tmp_path / "From my old computer.zip")
    card.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The backup is intact")).to_be_visible()
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(cards(page, "backup")).to_have_count(0)

    (tmp_path / "list.zip").write_text("bread, butter", encoding="utf-8")
    page.get_by_test_id("uploader-input").set_input_files([tmp_path / "list.zip", tmp_path / "From my old computer.zip"])
    refused = page.get_by_test_id("uploader-file").filter(has_text="list.zip")
    expect(refused.get_by_test_id("uploader-status")).to_contain_text("isn’t a CastMind backup")
    card = cards(page, "backup").filter(has_text="Imported")
    expect(card).to_have_count(1)
    shot(page, "backups-list")

    number = home.client.get("/api/v1/episodes").json()["items"][0]["id"]
    home.client.delete(f"/api/v1/episodes/{number}?now=true").raise_for_status()
    card.get_by_role("button", name="Restore").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("restore point of your current library is made first")
    shot(page, "backups-restore-dialog")
    dialog.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored: 1 episode,")).to_be_visible()
    expect(cards(page, "backup").filter(has_text="Restore point")).to_have_count(1)
    assert home.client.get(f"/api/v1/episodes/{number}/transcript").status_code == 200
    shot(page, "backups-restored")


@pytest.mark.long
@pytest.mark.parametrize(("locale", "group"), [("en-US", "Backup"), ("zh-CN", "备份")])
def test_the_page_fits_a_phone_in_both_languages(home: RunningApp, visit: Visit, shot: Shot, locale: str, group: str) -> None:
    page = visit(home, None, locale=locale)
    page.set_viewport_size(PHONE)
    open_backups(page, home, group)
    fits(page)
    shot(page, f"backups-phone-{locale}")
    page.emulate_media(color_scheme="dark")
    shot(page, f"backups-phone-dark-{locale}")
