"""Streamlit's own words: those of its files, and their translations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

from pages.frame import streamlit_words
from pages.text import texts

SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
# Put together from parts by Streamlit, or by the library of its controls.
COMPOSED = {
    "option_available": ("${t.number(e.optionCount)} option", " available."),
    "options_available": ("${t.number(e.optionCount)} options", " available."),
    "press_control_enter": ("Press ", "+Enter to ", "`apply`"),
    "press_enter": ("Press Enter to ", "`apply`"),
    "press_enter_form": ("Press Enter to ", "`submit form`"),
}


def test_streamlit_still_says_what_is_translated() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    known = {key.removeprefix(streamlit_words.PREFIX): text for key, text in texts("en").items() if key.startswith("streamlit.")}
    parts = {key: COMPOSED.get(key, re.split(r"\{\w+\}", text)) for key, text in known.items()}
    assert len(parts) > 40
    assert {key: part for key, found in parts.items() for part in found if part not in scripts} == {}


def test_english_needs_no_pairs_and_chinese_has_one_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_words, "language", lambda: "en")
    assert streamlit_words.pairs() == []
    monkeypatch.setattr(streamlit_words, "language", lambda: "zh")
    pairs = dict(streamlit_words.pairs())
    assert pairs["No results"] == "没有结果" and pairs["Help for {label}"] == "{label}的说明"
    assert len(pairs) == len([key for key in texts("en") if key.startswith("streamlit.")])
