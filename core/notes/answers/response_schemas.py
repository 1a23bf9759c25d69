"""The forms that a language model fills in: the JSON Schema sent with the prompt, and the validation of the answer.

A schema only steers the model; older servers and many thinking models ignore it. So the prompt also shows the form (`skeleton`),
and every answer is validated here. Extra fields are ignored, surplus items are cut off; a wrong type, a missing field, an empty
gist or a number out of range makes the answer unusable. In a truncated answer the complete items count
(core.notes.answers.json_answer), if they are `enough`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, ValidationError

from core.domain.shortening import shortened
from core.notes.answers.json_answer import NoObject, read_object
from core.notes.answers.json_schemas import WantedField
from core.notes.answers.worth import Gate

# Longer than any code or list of digits that a model may write for it.
_CODE_LETTERS = 64


def plain(text: str, limit: int = 600) -> str:
    """Return one line of plain text: no control or formatting characters, at most `limit` characters, cut after a word."""
    visible = "".join(c if not unicodedata.category(c).startswith("C") else " " for c in text)
    line = " ".join(visible.split())
    return shortened(line, limit)


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _code(value: Any) -> Any:
    return "".join(c for c in str(value)[:_CODE_LETTERS] if c.isdigit()) if isinstance(value, str | int) else ""


def _number_in(value: Any) -> Any:
    """Return the number in "[12]" or "line 12", forms that repeat the prompt's line labels."""
    digits = "".join(c for c in value[:_CODE_LETTERS] if c in "0123456789") if isinstance(value, str) else ""
    return int(digits) if digits else value


Text = Annotated[str, BeforeValidator(_plain)]
Said = Annotated[Text, Field(min_length=1)]
# Optional: the field may be missing or null.
Maybe = Annotated[str, BeforeValidator(lambda value: "" if value is None else _plain(value))]
Number = Annotated[int, BeforeValidator(_number_in)]


class Unusable(Exception):
    """The answer does not fill in the form; the message says where."""


def _field(name: str) -> str:
    """Normalise a field name: `Sentence 1` and `sentence-1` are `sentence_1`."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


class ResponseForm(BaseModel):
    """The base of all forms. `code` repeats the check code of the prompt."""

    # Values for required fields that a truncated answer lacks.
    PARTIAL: ClassVar[Mapping[str, Any]] = {}

    code: Annotated[str, BeforeValidator(_code)] = ""
    _whole: bool = PrivateAttr(default=True)

    @property
    def whole(self) -> bool:
        """Return whether the answer is complete; if not, the form holds only its complete items."""
        return self._whole

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse an answer. Raises Unusable. Text around the object (thoughts, a code fence, a preface) is ignored."""
        try:
            said = read_object(text, cls.model_fields)
            values = {_field(name): value for name, value in said.values.items()}
            form = cls.model_validate(values if said.whole else {**cls.PARTIAL, **values})
        except NoObject as error:
            raise Unusable(str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            raise Unusable(f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from error
        form._whole = said.whole
        return form

    @property
    def enough(self) -> bool:
        """Return whether the parsed items suffice."""
        return self._whole

    def answered(self, gate: Gate) -> Self:  # noqa: ARG002
        """Return the form without texts that are no answer. Raises Unusable when no usable text is left."""
        return self


class PointItem(BaseModel):
    text: Said
    quote: Maybe = ""


class ChapterItem(BaseModel):
    line: Number
    title: Said
    summary: Maybe = ""


class TermItem(BaseModel):
    text: Said
    explanation: Maybe = ""


def _items(item: type[BaseModel]) -> BeforeValidator:
    """Keep the usable items of a list: one without its text is dropped alone. A bare string is an item with only a text."""

    def usable(each: Any) -> bool:
        try:
            item.model_validate(each)
        except ValidationError:
            return False
        return True

    def kept(value: Any) -> Any:
        if not isinstance(value, list):
            return [] if value is None else value
        bare = "text" in item.model_fields
        return [each for each in ({"text": v} if bare and isinstance(v, str) else v for v in value) if usable(each)]

    return BeforeValidator(kept)


Points = Annotated[list[PointItem], _items(PointItem)]
Chapters = Annotated[list[ChapterItem], _items(ChapterItem)]
Terms = Annotated[list[TermItem], _items(TermItem)]


class MapForm(ResponseForm):
    """Notes on one chunk."""

    sentence_1: Said
    sentence_2: Maybe = ""
    points: Points = Field(min_length=1)
    chapters: Chapters = []
    terms: Terms = []
    actions: Points = []
    _wanted: int = PrivateAttr(default=0)

    def within(self, lines: int, wanted: WantedField) -> Self:
        """Return the form, cut to its limits. Raises Unusable when a chapter refers to a line that was not sent."""
        wrong = [c.line for c in self.chapters if not 1 <= c.line <= lines]
        if wrong:
            raise Unusable(f"chapters: line {wrong[0]} of {lines}")
        self.points, self.chapters = self.points[: wanted.points], self.chapters[: wanted.chapters]
        self.terms, self.actions = self.terms[: wanted.terms], self.actions[: wanted.actions]
        self._wanted = wanted.points
        return self

    @property
    def enough(self) -> bool:
        return self.whole or 2 * len(self.points) >= self._wanted

    def answered(self, gate: Gate) -> Self:
        _keep_gist(self, gate)
        points = [p for p in self.points if not gate.fault(p.text)]
        if not points:
            raise Unusable(f"points: {gate.fault(self.points[0].text)}")
        # A statement that is repeated counts once.
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
    index: Number
    quote: Maybe = ""


class QuotesForm(ResponseForm):
    """The quotes of a second request."""

    PARTIAL = {"quotes": ()}

    quotes: Annotated[list[QuoteItem], _items(QuoteItem)]

    @property
    def enough(self) -> bool:
        return True


class MergeForm(ResponseForm):
    """The gist of several chunks, and the numbers of the points that matter most."""

    PARTIAL = {"picks": ()}

    sentence_1: Said
    sentence_2: Maybe = ""
    picks: list[Number]

    @property
    def enough(self) -> bool:
        # Picks only narrow the choice that code makes.
        return self.whole or bool(self.sentence_2)

    def within(self, points: int) -> Self:
        wrong = [p for p in self.picks if not 1 <= p <= points]
        if wrong:
            raise Unusable(f"picks: {wrong[0]} of {points}")
        return self

    def answered(self, gate: Gate) -> Self:
        _keep_gist(self, gate)
        return self


def _keep_gist(form: MapForm | MergeForm, gate: Gate) -> None:
    """Keep the sentences that pass the gate. Raises Unusable when none does."""
    told = [s for s in (form.sentence_1, form.sentence_2) if not gate.fault(s)]
    if not told:
        raise Unusable(f"gist: {gate.fault(form.sentence_1)}")
    form.sentence_1, form.sentence_2 = [*told, ""][:2]


F = TypeVar("F", bound=ResponseForm)
