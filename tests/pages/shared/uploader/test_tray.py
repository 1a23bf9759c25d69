"""What the tray is told: the uploader's settings, the page, and every word that its scripts ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.app import CastMind
from pages.shared.component_source import source
from pages.shared.uploader import tray, uploader


def test_every_label_that_a_script_asks_for_is_given(resting: CastMind) -> None:
    asked = set(re.findall(r"\blabels\.([a-z_]+)\b", source(tray.__file__, *tray._SCRIPTS)))
    assert {"drop_here", "many_added"} < asked <= uploader.settings()["labels"].keys()


def test_the_tray_knows_its_page_and_where_drops_go(resting: CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(tray, "_component", lambda **given: drawn.append(given))
    tray.draw("queue")
    (given,) = drawn
    (data,) = given["data"]
    assert (data["page"], data["endpoint"]) == ("queue", "/api/v1/uploads")
