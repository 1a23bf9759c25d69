"""The name of a step in the contract, where it is called a stage: one of the registered steps, including those of plug-ins."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticKnownError, core_schema

from core.services.jobs import queue


class Stage(str):
    """Rejects other texts as an enum would. The steps are looked up for each request, and when the contract is made."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._known, ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(queue.steps()), "title": cls.__name__, "type": "string"}

    @classmethod
    def _known(cls, given: object) -> str:
        names = queue.steps()
        if isinstance(given, str) and given in names:
            return str(given)
        *first, last = (repr(name) for name in names)
        raise PydanticKnownError("enum", {"expected": f"{', '.join(first)} or {last}" if first else last})
