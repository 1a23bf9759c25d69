"""The page that a start without its library stops at, as a person uses it: read, pressed by keyboard, followed to the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.api.system.test_rescue import Asking, asking
from tests.browser.axe import SOURCE
from tests.browser.conftest import Visit
from tests.ops.backup import library
from tests.ops.backup.library import backups_of


@pytest.mark.long
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_person_gets_the_library_back_from_the_keyboard(tmp_path: Path, visit: Visit, locale: str) -> None:
    data = tmp_path / "data"
    library.fill(data)
    backups_of(data).create("nightly", media=True)
    (data / "castmind.db").unlink()
    with Asking(data, CASTMIND_NOTES_ENGINE="extractive") as app:
        asking(app)
        page = visit(app, locale=locale, ignore=("503",))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.evaluate(SOURCE)
            assert page.evaluate("axe.run().then(found => found.violations.map(each => [each.id, each.nodes[0].html]))") == []
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="还原此备份" if locale == "zh-CN" else "Restore this backup").focus()
        page.keyboard.press("Enter")
        # The page follows by itself, to the library.
        expect(page.get_by_text("Episode 4").first).to_be_visible()
