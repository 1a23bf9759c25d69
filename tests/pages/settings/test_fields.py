"""The fields of settings: their table of pickers and lists follows that of the settings."""

from __future__ import annotations

import pytest

from core.settings import table
from pages.settings import fields


def test_every_folded_or_listed_setting_exists() -> None:
    assert (fields.ADVANCED | fields.LISTS.keys() | fields.PICKERS.keys()) <= table().keys()


@pytest.mark.usefixtures("resting")
def test_a_value_is_called_by_its_name() -> None:
    assert [fields.option_label(value) for value in ("auto", "de", "yue", "int8")] == ["Automatic", "Deutsch", "粵語", "int8"]


def test_text_is_stripped_and_numbers_are_whole() -> None:
    assert (fields.typed(" de ", str), fields.typed(3.0, int)) == ("de", 3)
