"""The dependency map: what stops working when a part is away, as a picture with the present state, and as a list.

core.domain.dependencies: WITHOUT ─▶ lines from parts to abilities      /health ─▶ state_of ─▶ the colour of a part and its lines
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from core.domain import dependencies
from core.domain.dependencies import WITHOUT, Ability, Dependency, DependencyState, Effect
from pages.shared import formats
from pages.shared.component_source import source
from pages.text import t

KEY = "dependencies"
_component = st.components.v2.component(
    "castmind_dependencies",
    js=source(__file__, "shared/page.js", "dependency_map.js"),
    css=source(__file__, "dependency_map.css"),
)

Json = dict[str, Any]


def draw() -> None:
    checks = {name: (row["status"], row["code"]) for name, row in app.current().health()["checks"].items()}
    # In a list: Streamlit would search a dictionary for data frames.
    _component(key=KEY, data=[data(checks)])


def data(checks: dict[str, tuple[str, str]]) -> Json:
    """Return everything that the picture and the list show."""
    away = dependencies.away(checks)
    effects = dependencies.effects(away)
    return {
        "title": t("dependency.title"),
        "said": t("dependency.away", names=_listed(away)) if away else t("dependency.all"),
        "parts": [_part(each, dependencies.state_of(each, checks)) for each in Dependency],
        "abilities": [
            {"name": each.value, "label": t(f"ability.{each.value}"), "effect": effects[each].value if each in effects else ""}
            for each in Ability
        ],
        "lines": [
            {"part": part.value, "ability": ability.value, "effect": effect.value}
            for part, lost in WITHOUT.items()
            for ability, effect in lost.items()
        ],
        "list": t("dependency.list"),
        "legend": [{"effect": effect.value, "label": t(f"dependency.effect.{effect.value}")} for effect in Effect],
    }


def _part(part: Dependency, state: DependencyState) -> Json:
    return {
        "name": part.value,
        "label": t(f"dependency.{part.value}"),
        "state": state.value,
        "stateLabel": t(f"dependency.state.{state.value}"),
        "without": _without(part),
    }


def _without(part: Dependency) -> str:
    """Say what its absence does."""
    groups = {effect: [name for name, found in WITHOUT[part].items() if found is effect] for effect in Effect}
    return " ".join(t(f"dependency.without.{effect.value}", names=_abilities(names)) for effect, names in groups.items() if names)


def _abilities(names: list[Ability]) -> str:
    return formats.listed(t(f"ability.{name.value}") for name in names)


def _listed(parts: frozenset[Dependency]) -> str:
    return formats.listed(t(f"dependency.{part.value}") for part in Dependency if part in parts)
