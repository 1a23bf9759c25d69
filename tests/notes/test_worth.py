"""What is told from an answer, and what is not."""

from __future__ import annotations

import pytest

from core.notes import prompts
from core.notes.forms import MOST, map_schema, skeleton
from core.notes.worth import Gate


def gate(language: str = "en", body: str = "We planted maples by the river in 1984. The value null was set.") -> Gate:
    front = prompts.front(prompts.lines([body]), language)
    prompt = prompts.map_prompt(front, MOST, skeleton(map_schema(1, MOST)))
    return Gate("N12ab34cd", "40713", prompt.instructions, front.body)


@pytest.mark.parametrize(
    "text",
    [
        "See N12ab34cd for more",
        "40713",
        "The code is 40713.",
        "As [3] says",
        "{quote}",
        "{{sentence}}",
        "N/A",
        "Title.",
        "字符串",
        "???",
        "<text>",
        "</think> fine",
        "You write reliable notes on audio recordings, as asked",
        "where a new topic begins, 6 at most; line is the number",
        "no no no no no",
        "the river runs the river runs the river runs the river runs",
        "哈哈哈哈哈哈",
    ],
)
def test_no_answer(text: str) -> None:
    assert gate().fault(text)


@pytest.mark.parametrize(
    "text", ["最重要的论点，至多 10 条，要分布在整个部分", "引文必须从文字稿逐字照抄：连续的一段原文，保持原文的语言"]
)
def test_the_task_in_chinese(text: str) -> None:
    assert gate("zh").fault(text)


@pytest.mark.parametrize(
    "text",
    [
        "They planted maples by the river.",
        "1984",
        "null",
        "The title was a quote from an example.",
        "It went on and on, and the people on the bank sang on.",
        "The most important statements were made by the mayor.",
        "The price rose from 12 to 15 dollars, and then to 15 again.",
        "三个人商量了很久，最后决定把树种在河边，每个人各种一棵。",
        "What somebody promises matters.",
    ],
)
def test_an_answer(text: str) -> None:
    assert gate().fault(text) == ""


def test_what_the_recording_repeats_may_be_told() -> None:
    song = "row row row your boat " * 6
    assert gate().fault(song)
    assert gate(body=song).fault(f"They sing {song}") == ""


def test_words_of_the_task_that_the_recording_has_are_its_own() -> None:
    said = "Use only what is said there. Do not add knowledge of your own, and do not guess."
    assert gate().fault(said)
    assert gate(body=said).fault(said) == ""
