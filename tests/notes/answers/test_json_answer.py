"""The object in an answer is found behind thoughts, drafts and prefaces; of one that is cut off the complete items are kept."""

from __future__ import annotations

import json

import pytest

from core.notes.answers.json_answer import NoObject, read_object

FIELDS = ("sentence_1", "sentence_2", "points", "chapters", "code")
GOOD = {"sentence_1": "It rains.", "points": [{"text": "a {b}", "quote": 'he said "no"'}], "code": "12345"}
SAID = json.dumps(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        f"```json\n{SAID}\n```",
        f"Sure! Here it is: {SAID} I hope {{that}} helps.",
        f'<think>Maybe {{"code": "1"}} or {{"points": [</think>\n{SAID}',
        f"<think>{SAID.replace('12345', '99999')}</think>{SAID}",
        f"<THINKING>{{{{{{</THINKING>{SAID}",
        f"no opening, only the end {{ of thoughts</think> {SAID}",
        f'I have {{"a weird quote\n{SAID}',
        f"{SAID.replace('12345', '11111')}\n\nOn second thought:\n{SAID}",
        SAID.replace('{"sentence_1"', '{\n\n   "sentence_1"'),
        f'}}]}} {SAID} and {{"text": "something else"}}',
        f'{SAID} {{"sentence_1": "cut',
    ],
)
def test_the_last_whole_object_is_the_answer(text: str) -> None:
    said = read_object(text, FIELDS)
    assert said.values == GOOD
    assert said.whole


def test_a_field_that_nobody_asked_for_may_come_first() -> None:
    said = read_object('Well: {"mood": "good", "code": "12345"}', FIELDS)
    assert said.values == {"mood": "good", "code": "12345"}


LONG = {
    "sentence_1": "One.",
    "sentence_2": 'Two, "quoted" and [bracketed].',
    "points": [{"text": f"t{n}", "quote": f'q{n} \\ "{n}", }}] x'} for n in range(5)],
    "chapters": [{"line": n, "title": "é中"} for n in range(1, 4)],
    "picks": [1, 23, 456],
    "code": "12345",
}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 2])
def test_wherever_an_answer_is_cut_only_complete_items_are_left(indent: int | None, ascii_only: bool) -> None:
    """For every prefix the result is a prefix of the full answer, never half an item."""
    text = json.dumps(LONG, indent=indent, ensure_ascii=ascii_only)
    read = 0
    for end in range(len(text)):
        try:
            said = read_object(text[:end], FIELDS)
        except NoObject:
            assert end < 40, text[:end]
            continue
        read += 1
        assert not said.whole
        for name, value in said.values.items():
            meant = LONG[name]
            assert value == (meant[: len(value)] if isinstance(meant, list) else meant)
    assert read > 100
    assert read_object(text, FIELDS).values == LONG


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "{",
        "}",
        '{"points"',
        "[1, 2]",
        "<think>{}</think>",
        f"{SAID}</think> and so on",
        '{"points": [}]}',
        '{"code": 1]',
        "{}",
    ],
)
def test_without_an_object_there_is_no_answer(text: str) -> None:
    with pytest.raises(NoObject):
        read_object(text, FIELDS)


def test_what_is_nested_deeper_than_any_form_is_none() -> None:
    with pytest.raises(NoObject):
        read_object('{"points": ' + "[" * 5000, FIELDS)
