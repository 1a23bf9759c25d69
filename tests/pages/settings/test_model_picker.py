"""The picker of models: its data, and what its triggers do."""

from __future__ import annotations

from pages.settings.model_picker import option


def test_an_option_carries_its_facts() -> None:
    made = option("base", "base", facts=["fair"], marks=("here",), quality=2, folded=True)
    assert made == {
        "value": "base",
        "name": "base",
        "facts": ["fair"],
        "note": "",
        "marks": ["here"],
        "quality": 2,
        "folded": True,
    }
