"""The amount of notes that is requested, and the form as a model sees it."""

from __future__ import annotations

import json

import pytest

from core.notes.answers import json_schemas
from core.notes.answers.json_schemas import LEAST, MOST, WantedField
from core.notes.answers.response_schemas import MapForm, MergeForm, QuotesForm
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import NotesRun, transcript_of

WHOLE = WantedField(points=15, chapters=10, terms=20, actions=12, letters=250)


def test_a_part_gets_a_little_more_than_its_share() -> None:
    assert WHOLE.part(0.25) == WantedField(points=5, chapters=4, terms=7, actions=4, letters=250)


@pytest.mark.parametrize(("share", "limit"), [(0.0, LEAST), (0.001, LEAST), (1.0, MOST), (9.0, MOST)])
def test_a_part_never_gets_less_than_something_nor_more_than_one_answer_holds(share: float, limit: WantedField) -> None:
    part = WHOLE.part(share)
    assert (part.points, part.chapters, part.terms, part.actions) == (limit.points, limit.chapters, limit.terms, limit.actions)


def test_less_is_about_half_and_never_nothing_to_say() -> None:
    assert WHOLE.less() == WantedField(7, 5, 10, 6, 125)
    tiny = WantedField(1, 1, 1, 1, 120).less()
    assert tiny == WantedField(1, 1, 0, 0, 100)


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        (json_schemas.map_schema(9, WHOLE), MapForm),
        (json_schemas.quotes_schema(3), QuotesForm),
        (json_schemas.merge_schema(12, 5), MergeForm),
    ],
)
def test_the_schema_asks_for_fields_that_the_form_reads(
    schema: json_schemas.Schema, form: type[MapForm | QuotesForm | MergeForm]
) -> None:
    assert set(schema["properties"]) <= set(form.model_fields) and schema["required"] == list(schema["properties"])
    assert json.loads(json_schemas.skeleton(schema)).keys() == schema["properties"].keys()


def test_the_code_comes_last() -> None:
    """A model fills the fields in their order: a code at the end proves that the front was still there then."""
    for schema in (json_schemas.map_schema(9, WHOLE), json_schemas.merge_schema(12, 5), json_schemas.CODE_SCHEMA):
        assert list(schema["properties"])[-1] == "code"


def test_a_number_stays_within_what_was_shown() -> None:
    chapters = json_schemas.map_schema(9, WHOLE)["properties"]["chapters"]
    picks = json_schemas.merge_schema(12, 5)["properties"]["picks"]
    assert chapters["items"]["properties"]["line"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert (picks["items"]["maximum"], picks["maxItems"]) == (12, 5)


def test_the_skeleton_shows_one_item_of_each_list() -> None:
    shown = json.loads(json_schemas.skeleton(json_schemas.map_schema(9, WHOLE)))
    assert shown["points"] == [{"text": "", "quote": ""}] and shown["chapters"] == [{"line": 1, "title": "", "summary": ""}]
    assert json_schemas.skeleton(json_schemas.merge_schema(12, 5)) == '{"sentence_1":"","sentence_2":"","picks":[1],"code":""}'


def test_the_prompt_shows_the_form(fake: FakeOllama) -> None:
    """For models whose output is not constrained by a schema."""
    NotesRun(fake).notes(transcript_of("en", 100))
    for chat in fake.chats:
        for name in chat.body["format"]["properties"]:
            assert f'"{name}":' in chat.prompt
