"""A model that talks to whoever asked, in place of notes."""

from __future__ import annotations

import pytest

from core.notes.answers.chatter import fault

BODY = "Tom said: I'm sorry, I was late. We spoke about prices and the harbour."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("As an AI language model, I cannot listen.", "speaks"),
        ("I cannot summarize this transcript.", "speaks"),
        ("Sure, here is the summary.", "speaks"),
        ("非常抱歉，我无法总结。", "speaks"),
        ("Please provide the transcript.", "speaks"),
        ("[INST] Summarise. [/INST]", "prompt"),
        ("<start_of_turn>model", "prompt"),
        ("import os;", "code"),
        ('"points": ["Prices rose"]', "code"),
        ("https://example.org/x", "code"),
        ("Prices ï¿½ rose", "letters"),
        ("asdfgh qwerty", "no language"),
    ],
)
def test_what_is_no_note_is_told_with_the_reason(text: str, why: str) -> None:
    assert why in fault(text, BODY)


@pytest.mark.parametrize(
    "text",
    [
        "Prices rose because demand did.",
        "价格因需求而上涨。",
        "Tom apologised: he was sorry that he came late.",
        "I'm sorry, I was late, said Tom.",
        "The harbour is closed until Tuesday.",
        "",
    ],
)
def test_notes_and_a_speakers_own_words_pass(text: str) -> None:
    assert fault(text, BODY) == ""


def test_the_same_words_are_chatter_where_nobody_said_them() -> None:
    assert fault("I'm sorry, I was late, said Tom.", "Nothing of the kind.")
