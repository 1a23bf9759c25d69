"""What every stylesheet keeps to: no hints of keys on touch screens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"
# Sheets that style a key, a line of keys, or the button that lists them.
HINTS = re.compile(r"(?m)^\s*(?:kbd|\.keys)\b")
HIDDEN = re.compile(r"@media \(hover: none\) \{[^{}]*(?:kbd|\.keys|help)[^{}]*\{ display: none; \}")


@pytest.mark.parametrize(
    "sheet", [path for path in sorted(PAGES.rglob("*.css")) if HINTS.search(path.read_text())], ids=lambda p: p.stem
)
def test_a_touch_screen_shows_no_hints_of_keys(sheet: Path) -> None:
    assert HIDDEN.search(sheet.read_text(encoding="utf-8"))


def test_the_sheets_with_hints_are_found() -> None:
    assert len([path for path in PAGES.rglob("*.css") if HINTS.search(path.read_text())]) >= 3
