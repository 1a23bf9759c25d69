"""Streamlit's own words in the reader's language: it is written in English alone, and has no translations.

en.json `streamlit.*`: the words as Streamlit writes them ─┐
zh.json `streamlit.*`: the same in Chinese ────────────────┴─▶ pairs ─▶ streamlit_words.js ─▶ changed where Streamlit puts them

Tests hold the English ones against Streamlit's own files, and walk every page in Chinese.
"""

from __future__ import annotations

from pages.text import language, texts

PREFIX = "streamlit."


def pairs() -> list[list[str]]:
    """Return [Streamlit's words, those of the reader's language]; none for English. `{places}` stand for any words."""
    mine, theirs = texts(language()), texts("en")
    return [[text, mine[key]] for key, text in theirs.items() if key.startswith(PREFIX) and mine[key] != text]
