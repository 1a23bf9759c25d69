"""Models' near-JSON is parsed as intended, and implausible input is rejected."""

from __future__ import annotations

import json
import re

import pytest

from core.notes.answers.json_answer import NoObject, ParsedAnswer, read_object
from core.notes.answers.response_schemas import MapForm, QuotesForm, Unusable

FIELDS = ("sentence_1", "sentence_2", "points", "chapters", "code")
GOOD = {
    "sentence_1": "The harbour opens in May.",
    "points": [{"text": "Ships pay less", "quote": "they'll pay less"}, {"text": "It isn't far", "quote": "it is near"}],
    "code": "12345",
}
SAID = json.dumps(GOOD)
TALL = json.dumps(GOOD, indent=2)


def in_marks(begin: str, end: str) -> str:
    return re.sub(r'"([^"]*)"', rf"{begin}\1{end}", SAID)


@pytest.mark.parametrize(
    "text",
    [
        TALL.replace('"12345"', '"12345",'),
        SAID.replace("}], ", "},], "),
        SAID.replace('", "', '",, "'),
        SAID.replace('", "', '" "'),
        TALL.replace('",\n', '"\n'),
        SAID.replace("}, {", "} {"),
        SAID.replace("}], ", "}] "),
        SAID.replace("}], ", "}, ...], "),
        TALL.replace('  "points"', '  // what matters, {"points"} of it\n  "points"'),
        TALL.replace('  "points"', '  # "points": []\n  "points"'),
        SAID.replace('"points"', '/* "points": [ */ "points"'),
        "{ // here it comes\n" + SAID[1:],
        repr(GOOD),
        in_marks("“", "”"),
        in_marks("”", "”"),
        in_marks("„", "“"),
        in_marks("＂", "＂"),
        in_marks("「", "」"),
        in_marks("`", "`"),
        SAID.replace('": ', '"：').replace('", "', '"，"'),
        SAID.replace("{", "｛").replace("}", "｝").replace("[", "［").replace("]", "］"),
        re.sub(r'"(\w+)":', r"\1:", SAID),
        TALL.replace('  "', '\u00a0\u200b "'),
        SAID.replace("isn't", "isn\\'t").replace("they'll", "they\\'ll"),
        f"```json\n{GOOD!r}\n```",
        f"<think>{SAID.replace('12345', '99999')}\n{GOOD!r}",
        SAID.replace("12345", "99999") + "\nNo, rather: " + TALL.replace('"12345"', '"12345",'),
        f'{GOOD!r}\nThe form: {{"sentence_1":"","points":[{{"text":"","quote":""}}],"code":""}}',
    ],
)
def test_what_is_nearly_json_is_read_as_it_was_meant(text: str) -> None:
    assert read_object(text, FIELDS) == ParsedAnswer(GOOD, whole=True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('{"sentence_1": "The "old" harbour opens", "code": "1"}', 'The "old" harbour opens'),
        ("{'sentence_1': 'It's the boys' harbour', 'code': '1'}", "It's the boys' harbour"),
        ('{"sentence_1": "C:\\harbour \\d", "code": "1"}', "C:harbour d"),
        ("{'sentence_1': 'one\\ntwo \\u4e2d \\ud83d\\ude00 \\ud83d', 'code': '1'}", "one\ntwo 中 😀 \ufffd"),
        ("{“sentence_1”：“他说“好”，就走了”，“code”：“1”}", None),
        ("{“sentence_1”：“他说“好”就走了”，“code”：“1”}", "他说“好”就走了"),
    ],
)
def test_marks_within_a_text_are_a_part_of_it_or_nothing_is_read(said: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(NoObject):
            read_object(said, FIELDS)
    else:
        assert read_object(said, FIELDS).values == {"sentence_1": meant, "code": "1"}


@pytest.mark.parametrize("written", [repr(GOOD), in_marks("“", "”"), TALL.replace('  "points"', '  // all\n  "points"')])
def test_wherever_it_is_cut_only_complete_items_are_left(written: str) -> None:
    read = 0
    for end in range(len(written)):
        try:
            said = read_object(written[:end], FIELDS)
        except NoObject:
            assert end < 60, written[:end]
            continue
        read += 1
        assert not said.whole
        for name, value in said.values.items():
            meant = GOOD[name]
            assert value == (meant[: len(value)] if isinstance(meant, list) else meant)
    assert read > 50


@pytest.mark.parametrize(
    "text",
    [
        "{'points': [}]}",
        "{points}",
        "{sentence_1: It rains., code: 1}",
        "{'code' = '1'}",
        "{'points': (1, 2)}",
        "{'points': " + "[" * 50,
        "{'code': " + "9" * 5000 + "}",
        "{'points': /* never ends",
    ],
)
def test_what_does_not_add_up_is_nothing(text: str) -> None:
    with pytest.raises(NoObject):
        read_object(text, FIELDS)


POINTS = [{"text": "Ships pay less", "quote": "they will pay less"}, {"text": "It opens in May", "quote": "opens in May"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"chapters": None, "terms": None, "actions": None, "sentence_2": None},
        {"Points": [*POINTS, {"text": "", "quote": ""}, {"quote": "nothing"}, {}, 7, None]},
        {"chapters": [{"line": "[2]", "title": "Harbour"}, {"line": "?", "title": "x"}, {"title": "no line"}]},
        {"terms": ["Emma", {"text": "May", "explanation": None}, {"explanation": "of what"}]},
        {"actions": ["Send the report", {"text": "Call Emma", "quote": None}]},
    ],
)
def test_an_item_that_lacks_something_costs_no_other(changes: dict[str, object]) -> None:
    said = {"Sentence 1": "The harbour opens.", "points": POINTS, "code": 12345} | changes
    if "Points" in changes:
        del said["points"]
    form = MapForm.read(json.dumps(said))
    assert (form.sentence_1, form.sentence_2, form.code, form.whole) == ("The harbour opens.", "", "12345", True)
    assert [p.model_dump() for p in form.points] == POINTS
    assert [c.line for c in form.chapters] == ([2] if changes.get("chapters") else [])
    assert [t.text for t in form.terms] == (["Emma", "May"] if changes.get("terms") else [])
    assert [a.text for a in form.actions] == (["Send the report", "Call Emma"] if changes.get("actions") else [])


@pytest.mark.parametrize("points", [[], None, [{}], [{"text": " \u200b"}], {"1": POINTS[0]}, "Ships pay less"])
def test_without_a_point_it_is_no_answer(points: object) -> None:
    with pytest.raises(Unusable):
        MapForm.read(json.dumps({"sentence_1": "The harbour opens.", "points": points}))


def test_a_quote_may_bear_the_number_as_it_was_shown() -> None:
    form = QuotesForm.read("{'quotes': [{'index': '2.', 'quote': 'opens in May'}, {'index': 1, 'quote': null}]}")
    assert [(q.index, q.quote) for q in form.quotes] == [(2, "opens in May"), (1, "")]
