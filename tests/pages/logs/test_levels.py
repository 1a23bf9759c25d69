from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import open_page


def test_a_kept_level_is_told_as_such_and_a_wrong_module_is_refused(castmind: CastMind) -> None:
    castmind.logs.set_level(OWNER, "test.levels_page", "WARNING")
    page = open_page("logs/page.py")
    assert any("test\\.levels\\_page" in each.value and "WARNING" in each.value for each in page.markdown)
    page.text_input(key="logs.module").set_value("no module").run()
    page.button(key="logs.set").click().run()
    assert len(castmind.logs.levels(OWNER)) == 1
    castmind.logs.reset_level(OWNER, "test.levels_page")
