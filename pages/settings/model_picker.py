"""A choice among models as one component: a card each with its facts, and a field for others.

option(…) ─▶ component ─ trigger `chosen` name ─▶ save      trigger `pull` name ─▶ download
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.shared.component_source import source, told
from pages.text import t

Json = dict[str, Any]

_component = st.components.v2.component(
    "castmind_model_picker",
    js=source(__file__, "shared/page.js", "model_picker.js"),
    css=source(__file__, "model_picker.css"),
)
_WORDS = ("other", "other_use", "more")


def option(value: str, name: str, *, facts: Sequence[str] = (), note: str = "", marks: Sequence[str] = (), **more: Any) -> Json:
    """Return an option. `facts` stand in one line below the name, `note` is a sentence, `marks` are badges beside the name.

    `more`: quality, 1 to 5, is drawn as dots and named by quality_name; folded hides the option behind "More models"; pull is the
    label of a button that downloads the model, which cannot be chosen before.
    """
    return {"value": value, "name": name, "facts": list(facts), "note": note, "marks": list(marks)} | more


def draw(
    key: str,
    label: str,
    options: Sequence[Json],
    *,
    chosen: str,
    other: str,
    locked: bool,
    on_choice: Callable[[str], object],
    on_pull: Callable[[str], object] | None = None,
) -> None:
    """Draw the picker. `other` is the placeholder of the field for models that are not listed."""

    def calling(trigger: str, callback: Callable[[str], object]) -> Callable[[], None]:
        def call() -> None:
            if isinstance(value := told(key, trigger), str) and 0 < len(value) <= 500:
                callback(value)

        return call

    text = {name: t(f"picker.{name}") for name in _WORDS} | {"label": label, "other_example": other}
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    data = {"options": list(options), "chosen": chosen, "locked": locked, "text": text}
    _component(
        key=key,
        data=[data],
        on_chosen_change=calling("chosen", on_choice),
        on_pull_change=calling("pull", on_pull or on_choice),
    )
