"""An answer counts by its fields however they are spelt, its usable items, its numbers in range and texts that say something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.notes.answers.json_schemas import WantedField
from core.notes.answers.response_schemas import MapForm, MergeForm, QuotesForm, ResponseForm, Unusable, plain
from core.notes.answers.worth import Gate

WANTED = WantedField(10, 6, 10, 4)
GATE = Gate("N12ab34cd", "40713", "Use only what is said there.", "[1] We planted maples by the river in 1984.")
POINT = {"text": "Maples were planted", "quote": "we planted maples"}


def said(**changes: Any) -> str:
    whole = {"sentence_1": "Maples were planted.", "sentence_2": "They grew.", "points": [POINT], "code": "40713"} | changes
    return json.dumps({name: value for name, value in whole.items() if value is not ...})


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        (" one\n two\tthree ", 600, "one two three"),
        ("bread\x00\u202e\u200band milk", 600, "bread and milk"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("abcdefghij", 5, "abcd…"),
        ("", 5, ""),
    ],
)
def test_a_text_is_one_visible_line_cut_after_a_word(text: str, limit: int, kept: str) -> None:
    assert plain(text, limit) == kept


# --- fields ---------------------------------------------------------------------------------------


def test_a_field_counts_however_its_name_is_written() -> None:
    form = MapForm.read(json.dumps({"Sentence 1": "One.", "sentence-2": "Two.", " POINTS ": [POINT], "Code": "4 0-7 1 3"}))
    assert (form.sentence_1, form.sentence_2, len(form.points), form.code, form.whole) == ("One.", "Two.", 1, "40713", True)


@pytest.mark.parametrize("number", [3, "3", "[3]", "line 3"])
def test_a_line_s_number_may_be_written_as_the_prompt_writes_it(number: int | str) -> None:
    form = MapForm.read(said(chapters=[{"line": number, "title": "Trees"}]))
    assert form.chapters[0].line == 3


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sentence_1": ...}, "sentence_1"),
        ({"sentence_1": "  \u200b "}, "sentence_1"),
        ({"sentence_1": 7}, "sentence_1"),
        ({"points": []}, "points"),
        ({"points": None}, "points"),
        ({"points": {"text": "one"}}, "points"),
        ({"points": [{"quote": "no text"}, 7]}, "points"),
    ],
)
def test_an_answer_that_lacks_what_matters_is_unusable_and_says_where(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Unusable, match=f"^{named}"):
        MapForm.read(said(**changes))


def test_text_without_an_object_is_unusable() -> None:
    with pytest.raises(Unusable):
        MapForm.read("I have read it.")


def test_what_is_optional_may_be_missing_or_null() -> None:
    form = MapForm.read(said(sentence_2=None, points=[{"text": "One", "quote": None}], chapters=None, terms=..., code=None))
    assert (form.sentence_2, form.points[0].quote, form.chapters, form.terms, form.code) == ("", "", [], [], "")


def test_an_item_that_is_no_item_is_dropped_alone() -> None:
    form = MapForm.read(
        said(
            points=[POINT, {"quote": "no text"}, "A bare text", 7, None],
            chapters=[{"line": 2, "title": "Trees"}, {"line": "?", "title": "River"}, "Trees"],
            terms=["Maple", {"text": ""}],
        )
    )
    assert [p.text for p in form.points] == ["Maples were planted", "A bare text"]
    assert [c.title for c in form.chapters] == ["Trees"] and [t.text for t in form.terms] == ["Maple"]


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "right"), [(0, False), (1, True), (9, True), (10, False)])
def test_a_chapter_begins_at_a_line_that_was_sent(line: int, right: bool) -> None:
    form = MapForm.read(said(chapters=[{"line": line, "title": "Trees"}]))
    if right:
        assert form.within(9, WANTED).chapters[0].line == line
    else:
        with pytest.raises(Unusable, match=f"line {line} of 9"):
            form.within(9, WANTED)


@pytest.mark.parametrize(("pick", "right"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_pick_is_one_of_the_points_that_were_shown(pick: int, right: bool) -> None:
    form = MergeForm.read(said(points=..., picks=[pick]))
    if right:
        assert form.within(4).picks == [pick]
    else:
        with pytest.raises(Unusable, match=f"{pick} of 4"):
            form.within(4)


def cut(text: str, after: str) -> str:
    return text[: text.index(after) + len(after)]


@pytest.mark.parametrize(("wanted", "enough"), [(4, True), (5, False)])
def test_half_of_the_points_wanted_are_enough_of_an_answer_that_was_cut(wanted: int, enough: bool) -> None:
    whole = said(points=[{"text": f"Point {n}", "quote": ""} for n in range(9)])
    form = MapForm.read(cut(whole, '"Point 1", "quote": ""}')).within(9, WantedField(wanted, 1, 1, 1))
    assert ([p.text for p in form.points], form.whole, form.enough) == (["Point 0", "Point 1"], False, enough)


def test_a_cut_merge_needs_both_sentences_and_a_cut_list_of_quotes_nothing() -> None:
    whole = said(points=..., picks=[1, 2])
    assert not MergeForm.read(cut(whole, 'planted.",')).enough
    form = MergeForm.read(cut(whole, 'grew.",'))
    assert form.enough and (form.picks, form.whole) == ([], False)
    assert QuotesForm.read('{"quotes": [{"index": 1, "quote": "we"}, {"ind').enough
    assert not ResponseForm.read('{"code": "40713", "more": [').enough


# --- answers that say nothing ---------------------------------------------------------------------


def test_texts_that_are_no_answer_are_left_out_and_a_repeated_point_counts_once() -> None:
    form = MapForm.read(
        said(
            sentence_1="N/A",
            points=[POINT, {"text": "{quote}"}, {"text": "MAPLES were planted", "quote": "again"}],
            chapters=[{"line": 1, "title": "Trees", "summary": "string"}, {"line": 1, "title": "Title."}],
            terms=[{"text": "Maple", "explanation": "N/A"}, {"text": "40713"}],
            actions=[{"text": "???"}],
        )
    ).answered(GATE)
    assert (form.sentence_1, form.sentence_2) == ("They grew.", "")
    assert [(p.text, p.quote) for p in form.points] == [("Maples were planted", "we planted maples")]
    assert [(c.title, c.summary) for c in form.chapters] == [("Trees", "")]
    assert [(t.text, t.explanation) for t in form.terms] == [("Maple", "")] and form.actions == []


@pytest.mark.parametrize(
    ("form", "changes", "named"),
    [
        (MapForm, {"points": [{"text": "{quote}"}]}, "points"),
        (MapForm, {"sentence_1": "N/A", "sentence_2": "40713"}, "gist"),
        (MergeForm, {"points": ..., "picks": [], "sentence_1": "N/A", "sentence_2": ""}, "gist"),
    ],
)
def test_an_answer_of_which_nothing_is_left_is_unusable(
    form: type[MapForm | MergeForm], changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(Unusable, match=f"^{named}"):
        form.read(said(**changes)).answered(GATE)


def test_what_is_kept_is_short() -> None:
    long = "word " * 400
    item = {"text": long, "quote": long}
    form = MapForm.model_validate(
        {
            "sentence_1": long,
            "sentence_2": long,
            "points": [item] * 60,
            "chapters": [{"line": 1, "title": long, "summary": long}] * 60,
            "terms": [{"text": long, "explanation": long}] * 60,
            "actions": [item] * 60,
            "code": "1" * 10_000,
        }
    ).within(3, WANTED)
    assert (len(form.points), len(form.chapters), len(form.terms), len(form.actions)) == (10, 6, 10, 4)
    assert len(form.model_dump_json()) < 50_000
