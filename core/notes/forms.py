"""The forms that a language model fills in: the JSON Schema that it is given, and the check of what comes back.

A schema only steers the model, and older servers ignore it: every answer is validated here again. Extra fields are
ignored, surplus items cut off; a wrong type, a missing field, an empty gist or a number out of range makes it unusable.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from core.notes.worth import Gate

POINTS, CHAPTERS, TERMS, ACTIONS = 6, 4, 8, 4


def plain(text: str, limit: int = 600) -> str:
    """One line of plain text: no control or formatting characters, at most `limit` characters, cut after a word."""
    visible = "".join(c if not unicodedata.category(c).startswith("C") else " " for c in text)
    line = " ".join(visible.split())
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    return (kept.rpartition(" ")[0] or kept) + "…"


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _code(value: Any) -> Any:
    return "".join(c for c in str(value) if c.isdigit())


Text = Annotated[str, BeforeValidator(_plain)]
Said = Annotated[Text, Field(min_length=1)]


class Unusable(Exception):
    """The answer does not fill in the form; the text says where."""


class Form(BaseModel):
    """`code` repeats the check code that the prompt held."""

    code: Annotated[str, BeforeValidator(_code)] = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises Unusable. Text around the object (a code fence, a preface) is forgiven."""
        start, stop = text.find("{"), text.rfind("}")
        if start < 0 or stop < start:
            raise Unusable("no JSON object")
        try:
            return cls.model_validate(json.loads(text[start : stop + 1], strict=False))
        except ValidationError as error:
            first = error.errors()[0]
            raise Unusable(f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from error
        except (ValueError, RecursionError) as error:
            raise Unusable(f"broken JSON ({error})") from error

    def answered(self, gate: Gate) -> Self:  # noqa: ARG002
        """Itself without what is no answer. Raises Unusable when nothing is left that says anything."""
        return self


class PointItem(BaseModel):
    text: Said
    quote: Text


class ChapterItem(BaseModel):
    line: int
    title: Said
    summary: Text = ""


class TermItem(BaseModel):
    text: Said
    explanation: Text = ""


class MapForm(Form):
    """Notes on one chunk."""

    sentence_1: Said
    sentence_2: Text
    points: list[PointItem] = Field(min_length=1)
    chapters: list[ChapterItem]
    terms: list[TermItem]
    actions: list[PointItem]

    def within(self, lines: int) -> Self:
        """Itself, cut to its limits. Raises Unusable when a chapter points at a line that was not sent."""
        wrong = [c.line for c in self.chapters if not 1 <= c.line <= lines]
        if wrong:
            raise Unusable(f"chapters: line {wrong[0]} of {lines}")
        self.points, self.chapters = self.points[:POINTS], self.chapters[:CHAPTERS]
        self.terms, self.actions = self.terms[:TERMS], self.actions[:ACTIONS]
        return self

    def answered(self, gate: Gate) -> Self:
        _keep_gist(self, gate)
        points = [p for p in self.points if not gate.fault(p.text)]
        if not points:
            raise Unusable(f"points: {gate.fault(self.points[0].text)}")
        # One statement many times over is one statement.
        self.points = list({p.text.casefold(): p for p in reversed(points)}.values())[::-1]
        self.chapters = [c for c in self.chapters if not gate.fault(c.title)]
        for chapter in self.chapters:
            chapter.summary = "" if gate.fault(chapter.summary) else chapter.summary
        self.terms = [term for term in self.terms if not gate.fault(term.text)]
        for term in self.terms:
            term.explanation = "" if gate.fault(term.explanation) else term.explanation
        self.actions = [a for a in self.actions if not gate.fault(a.text)]
        return self


class QuoteItem(BaseModel):
    index: int
    quote: Text


class QuotesForm(Form):
    """Quotes, asked for once more."""

    quotes: list[QuoteItem]


class MergeForm(Form):
    """The gist of several chunks, and the numbers of the points that matter most."""

    sentence_1: Said
    sentence_2: Text
    picks: list[int]

    def within(self, points: int) -> Self:
        wrong = [p for p in self.picks if not 1 <= p <= points]
        if wrong:
            raise Unusable(f"picks: {wrong[0]} of {points}")
        return self

    def answered(self, gate: Gate) -> Self:
        _keep_gist(self, gate)
        return self


def _keep_gist(form: MapForm | MergeForm, gate: Gate) -> None:
    """Leaves the sentences that say something. Raises Unusable when none does."""
    told = [s for s in (form.sentence_1, form.sentence_2) if not gate.fault(s)]
    if not told:
        raise Unusable(f"gist: {gate.fault(form.sentence_1)}")
    form.sentence_1, form.sentence_2 = [*told, ""][:2]


F = TypeVar("F", bound=Form)
Schema = dict[str, Any]
_STRING: Schema = {"type": "string"}


def _object(**properties: Schema) -> Schema:
    # Models fill fields in the order of the schema: the code comes last, so it proves that the front was still there then.
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _number(most: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most}


CODE_SCHEMA = _object(code=_STRING)


def map_schema(lines: int) -> Schema:
    return _object(
        sentence_1=_STRING,
        sentence_2=_STRING,
        points=_list(_object(text=_STRING, quote=_STRING), POINTS, 1),
        chapters=_list(_object(line=_number(lines), title=_STRING, summary=_STRING), CHAPTERS),
        terms=_list(_object(text=_STRING, explanation=_STRING), TERMS),
        actions=_list(_object(text=_STRING, quote=_STRING), ACTIONS),
        code=_STRING,
    )


def quotes_schema(claims: int) -> Schema:
    return _object(quotes=_list(_object(index=_number(claims), quote=_STRING), claims), code=_STRING)


def merge_schema(points: int, most: int) -> Schema:
    return _object(sentence_1=_STRING, sentence_2=_STRING, picks=_list(_number(points), most), code=_STRING)
