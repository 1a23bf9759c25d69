"""URLs mean the same in every language, and follow the chosen options."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_link_opens_its_group_of_settings_in_every_language(castmind: CastMind, opened: Open, language: str) -> None:
    castmind.settings.save(OWNER, "language", language)
    page = opened("settings/page.py")
    page.query_params["group"] = "backup"
    page.run()
    assert page.button_group(key="group").value == "backup"
    assert any(str(field.key).startswith("setting.backup_nightly") for field in page.toggle)
    page.button_group(key="group").set_value("server").run()
    assert dict(page.query_params) == {"group": "server"}
    page.button_group(key="group").set_value("speech").run()
    assert not dict(page.query_params)


def test_an_address_that_means_nothing_shows_the_first_view(opened: Open) -> None:
    page = opened("queue/page.py")
    page.query_params["show"] = "nonsense"
    page.run()
    assert page.button_group(key="show").value == "open"
    assert not page.exception
