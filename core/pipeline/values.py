"""The values of steps as JSON: any dataclass made of plain fields, enums and other such dataclasses, and back.

    value ─to_json─▶ dict, list, str, float, int, bool, None ─from_json(its class)─▶ an equal value

A step and the server may be two processes, so nothing that cannot make this journey is given to a step or taken from it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(value: object) -> Any:
    """Made of dict, list and scalars alone. Raises PydanticSerializationError for a value that holds anything else."""
    return _adapter(cast(Any, type(value))).dump_python(value, mode="json", warnings="error")


def from_json(cls: type[T], data: Any) -> T:
    """The value that `to_json` was given. Raises ValidationError for data that are none of this class."""
    made: T = _adapter(cast(Any, cls)).validate_python(data)
    return made


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)
