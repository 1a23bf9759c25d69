"""The amount of notes requested from a model, and the JSON Schemas that limit it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WantedField:
    """The amount requested: numbers of items at most, and `letters` of a statement or quote at most."""

    points: int
    chapters: int
    terms: int
    actions: int
    letters: int = 300

    def part(self, share: float) -> WantedField:
        """Return the amount for a part of the episode, `share` of its time: slightly more than its share, to choose from."""

        def of(name: str) -> int:
            least, most, all_of_it = (int(getattr(each, name)) for each in (LEAST, MOST, self))
            return min(most, max(least, math.ceil(1.3 * share * all_of_it)))

        return WantedField(of("points"), of("chapters"), of("terms"), of("actions"), self.letters)

    def less(self) -> WantedField:
        """Return about half of it, for a model whose answer was cut off."""
        return WantedField(
            max(1, self.points // 2), max(1, self.chapters // 2), self.terms // 2, self.actions // 2, max(100, self.letters // 2)
        )


# Limits of one answer.
LEAST, MOST = WantedField(2, 1, 3, 1), WantedField(10, 6, 10, 4)


Schema = dict[str, Any]


def _object(**properties: Schema) -> Schema:
    # Models fill fields in the order of the schema: the code comes last, to prove that the prompt's start is still in the
    # context.
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _number(most: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _text(letters: int) -> Schema:
    return {"type": "string", "maxLength": letters}


_CODE: Schema = {"type": "string", "pattern": "^[0-9]{5}$"}

CODE_SCHEMA = _object(code=_CODE)


def map_schema(lines: int, wanted: WantedField) -> Schema:
    said = _text(wanted.letters)
    return _object(
        sentence_1=said,
        sentence_2=said,
        points=_list(_object(text=said, quote=said), wanted.points, 1),
        chapters=_list(_object(line=_number(lines), title=_text(80), summary=_text(wanted.letters)), wanted.chapters),
        terms=_list(_object(text=_text(60), explanation=_text(wanted.letters // 2)), wanted.terms),
        actions=_list(_object(text=said, quote=said), wanted.actions),
        code=_CODE,
    )


def quotes_schema(claims: int) -> Schema:
    return _object(quotes=_list(_object(index=_number(claims), quote=_text(300)), claims))


def merge_schema(points: int, most: int) -> Schema:
    return _object(sentence_1=_text(400), sentence_2=_text(400), picks=_list(_number(points), most), code=_CODE)


def skeleton(schema: Schema) -> str:
    """Return the form as an empty example, for models that are not constrained by the schema."""
    return json.dumps(_empty(schema), separators=(",", ":"))


def _empty(schema: Schema) -> Any:
    match schema["type"]:
        case "object":
            return {name: _empty(part) for name, part in schema["properties"].items()}
        case "array":
            return [_empty(schema["items"])]
        case "integer":
            return 1
        case _:
            return ""
