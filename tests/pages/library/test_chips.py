"""What the row of chips is told."""

from __future__ import annotations

from typing import Any

import pytest

from pages.library import chips
from pages.library.chips import Chip


def test_each_chip_carries_its_value_and_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(chips, "_component", lambda *, key, data: sent.extend(data))
    tag = Chip("tag", "Tag", "3", {"": "Any tag", "3": "#work"}, apart=True)
    chips.draw(
        [Chip("unread", "Unread", "1"), tag], sort=Chip("sort", "Order", "newest", {"newest": "Newest"}), trash="Trash (1)"
    )
    (given,) = sent
    assert [(chip["name"], chip["value"], chip["apart"]) for chip in given["chips"]] == [
        ("unread", "1", False),
        ("tag", "3", True),
    ]
    assert [chip["options"] for chip in given["chips"]] == [
        None,
        [{"value": "", "label": "Any tag"}, {"value": "3", "label": "#work"}],
    ]
    assert (given["sort"]["value"], given["trash"]) == ("newest", "Trash (1)")
