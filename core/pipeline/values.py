"""Convert values of steps to JSON and back: dataclasses made of plain fields, enums and other such dataclasses.

    value ─to_json─▶ dict, list, str, float, int, bool, None ─from_json(its class)─▶ an equal value

A step and the server may be two processes, so every value passed to or from a step must survive this round trip.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(value: object) -> Any:
    """Return dict, list and scalars only. Raises PydanticSerializationError for a value that holds anything else."""
    return _adapter(cast(Any, type(value))).dump_python(value, mode="json", warnings="error")


def from_json(cls: type[T], data: Any) -> T:
    """Return the value that `to_json` was given. Raises ValidationError for data that do not fit the class."""
    made: T = _adapter(cast(Any, cls)).validate_python(data)
    return made


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)
