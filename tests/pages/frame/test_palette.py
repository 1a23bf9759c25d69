"""The data of the palette: pages, settings and actions in the reader's language."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open, given


def test_its_places_and_actions_are_in_the_readers_language(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    data = given(opened("status/page.py"), "castmind_palette")
    assert {"title": "设置 › 备份", "href": "/settings?group=backup"} in data["places"]
    assert {"title": "资料库", "href": "/"} in data["places"]
    assert {"name": "backup", "title": "立即备份"} in data["actions"]
    assert data["text"]["field"] == "搜索，或跳转到…" and data["text"]["no_results"] == "没有找到“{words}”"
