"""Parse Ollama's rows about models; tolerant, because other kinds of servers send other values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.llm.models import ModelInfo, told_remote


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A loaded model; sizes in bytes, `vram` is the part on the graphics card; `context` in tokens, 0 if not reported."""

    name: str
    size: int = 0
    vram: int = 0
    context: int = 0


def model_info(row: Mapping[str, Any]) -> ModelInfo:
    told = row.get("details")
    details: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    families = [details.get("family"), *names_in(details.get("families"))]
    return ModelInfo(
        name=str(row.get("model") or row.get("name") or ""),
        size=whole_number(row.get("size")),
        parameters=str(details.get("parameter_size") or ""),
        quantization=str(details.get("quantization_level") or ""),
        remote_host=told_remote(row),
        families=tuple(dict.fromkeys(str(f) for f in families if f)),
        capabilities=names_in(row.get("capabilities")),
    )


def names_in(value: Any) -> tuple[str, ...]:
    """Return a list of names; empty if a server of another kind sends another type."""
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def whole_number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 1 << 60 else 0


def context_length_of(facts: Mapping[str, Any]) -> int | None:
    """Return the value of `<architecture>.context_length`."""
    value = facts.get(f"{facts.get('general.architecture')}.context_length")
    return value if isinstance(value, int) else None
