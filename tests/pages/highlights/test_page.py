"""The page of all highlights: its texts in the reader's language, for the component that does the rest."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open, given


def test_the_component_gets_the_texts_of_the_readers_language(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    page = opened("highlights/page.py")
    assert page.title[0].value == "高亮"
    data = given(page, "castmind_highlights")
    assert data["locale"] == "zh" and data["text"]["undo"] == "撤销" and data["text"]["form_csv"] == "CSV 表格"
