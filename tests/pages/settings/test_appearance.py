"""The language of one browser, chosen over the setting of all."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.settings.appearance import LANGUAGE
from tests.pages.conftest import Open


def test_the_language_is_chosen_for_one_browser(castmind: CastMind, opened: Open) -> None:
    page = opened("settings/page.py", group="pages")
    page.selectbox(key=LANGUAGE).select("zh").run()
    assert page.title[0].value == "设置"
    assert castmind.settings.values.language == "auto", "the choice is one person's, the setting everybody's"
    castmind.settings.save(OWNER, "language", "en")
    assert opened().title[0].value == "资料库"
    page.selectbox(key=LANGUAGE).select("auto").run()
    assert page.title[0].value == "Settings"
