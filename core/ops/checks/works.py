"""What still works, as a part of the answer of /health: from the checks by the table of core/domain/dependencies.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain import dependencies
from core.domain.dependencies import Ability, Effect


def told(checks: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return `{code, output, works, effects}`. `checks`: name ─▶ (status, code).

    `code` is all, some or nothing. `works` are the abilities that are left, in a plainer or slower way at worst; `effects` says
    of the others, and of those, whether they stop, wait or are less. Pages translate abilities as `ability.<name>`.
    """
    away = dependencies.away(checks)
    left, effects = dependencies.still_works(away), dependencies.effects(away)
    code = "all" if not effects else "some" if left else "nothing"
    return {"code": code, "output": _output(code, effects), "works": list(left), "effects": dict(effects)}


def _output(code: str, effects: Mapping[Ability, Effect]) -> str:
    if code == "nothing":
        return "Nothing works until this is mended."
    if code == "all":
        return "Everything works."
    groups = {effect: [name.replace("_", " ") for name, found in effects.items() if found is effect] for effect in Effect}
    told = "; ".join(f"{effect}: {', '.join(names)}" for effect, names in groups.items() if names)
    return f"All else works than: {told}."
