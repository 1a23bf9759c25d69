"""Settings: saved one at a time, given back, locked by the environment, and never shown where they are secret."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.text import texts
from tests.pages.conftest import Open, faults, open_page


def test_a_setting_is_saved_and_given_back(castmind: CastMind, opened: Open) -> None:
    page = opened("settings/page.py")
    page.number_input(key="setting.batch_size.0").set_value(4).run()
    assert castmind.settings.values.batch_size == 4
    page.button(key="setting.reset.batch_size").click().run()
    assert castmind.settings.values.batch_size == 0
    assert not page.exception


def test_a_setting_that_the_environment_fixes_is_locked(opened: Open) -> None:
    assert opened("settings/page.py").selectbox(key="setting.device.cpu").disabled


def test_what_few_people_need_is_folded_until_it_is_changed(resting: CastMind) -> None:
    def folded() -> bool:
        return not open_page("settings/page.py").expander[0].proto.expanded

    assert folded()
    resting.settings.save(OWNER, "batch_size", 4)
    assert not folded()


def test_a_language_of_the_list_is_chosen_by_its_name(resting: CastMind) -> None:
    box = open_page("settings/page.py").selectbox(key="setting.audio_language.auto")
    assert {"Automatic", "English", "中文", "Deutsch"} <= set(box.options)
    box.set_value("de").run()
    assert resting.settings.values.audio_language == "de"


def test_what_is_refused_stays_typed_to_be_corrected(resting: CastMind) -> None:
    page = open_page("settings/page.py", group="notes")
    field = page.text_input(key=f"setting.ollama_host.{resting.settings.values.ollama_host}")
    field.set_value("ftp://nowhere").run()
    assert faults(page) and not page.toast and not page.exception
    assert resting.settings.loaded.sources["ollama_host"] == "default"
    assert page.text_input(key=field.key).value == "ftp://nowhere"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_setting_says_where_it_comes_from_and_what_it_is_for(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page, words = open_page("settings/page.py"), texts(language)
    said = [caption.value.replace("\\", "") for caption in page.caption]
    locked = words["settings.locked"].format(variable="CASTMIND_DEVICE")
    assert any(caption.startswith(f"{words['settings.from.environment']} · {locked}") for caption in said)
    assert words["settings.from.default"] not in said
    assert page.selectbox(key="setting.device.cpu").help.isascii() is (language == "en")
