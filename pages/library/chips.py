"""The library's filters as a row of chips. Each press changes the URL, as a link does: Back takes it back.

filters.draw ─▶ chips, order, trash ─▶ component ─ goTo (shared/page.js) ─▶ URL ─▶ rerun ─▶ filters.draw
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pages.shared.component_source import component
from pages.text import t

_LABELS = ("chips", "more_filters", "clear_filters", "sort")

_component = component(
    "castmind_filter_chips",
    __file__,
    scripts=("shared/page.js", "shared/menu.js", "shared/chip_row.js", "chips.js"),
    styles=("shared/menu.css", "shared/chip_row.css"),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter of `?name=`. `options`: values and their texts, the first one means all; None: it is on or off. A chip that is
    `apart` stands in the row only while it is set, and else among "More filters".
    """

    name: str
    label: str
    value: str
    options: Mapping[str, str] | None = None
    apart: bool = False


def draw(chips: list[Chip], *, sort: Chip, trash: str) -> None:
    """Draw the row. `trash` is the text of the way to the trash; empty: there is none."""
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key="filter-chips", data=[data(chips, sort=sort, trash=trash)])


def data(chips: list[Chip], *, sort: Chip, trash: str) -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    return {
        "chips": [_data(chip) for chip in chips],
        "sort": _data(sort),
        "trash": trash,
        "text": {name: t(f"library.{name}") for name in _LABELS},
    }


def _data(chip: Chip) -> dict[str, Any]:
    options = None if chip.options is None else [{"value": value, "label": label} for value, label in chip.options.items()]
    return {"name": chip.name, "label": chip.label, "value": chip.value, "apart": chip.apart, "options": options}
