"""The fonts that are sent in place of Streamlit's were made of those that are installed, and hold every icon that pages name."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import streamlit

from tests.running import PROJECT

FOLDER = PROJECT / "pages" / "frame" / "fonts"
MEDIA = Path(streamlit.__file__).parent / "static" / "static" / "media"
ORIGINALS = {"icons": "MaterialSymbols-Rounded.*", "serif": "SourceSerifVariable-Roman.*", "sans": "SourceSansVF-Upright.*"}
AGAIN = "run `python -m scripts.smaller_fonts`"


@pytest.mark.parametrize("name", ORIGINALS)
def test_each_was_made_of_the_font_that_is_installed(name: str) -> None:
    made_of = json.loads((FOLDER / "sources.json").read_text(encoding="utf-8"))["originals"]
    (original,) = MEDIA.glob(ORIGINALS[name])
    assert made_of[name] == hashlib.sha256(original.read_bytes()).hexdigest(), f"Streamlit brought another font: {AGAIN}"
    assert (FOLDER / f"{name}.woff2").stat().st_size < original.stat().st_size / 1.5


def test_every_icon_of_the_pages_is_in_it() -> None:
    held = set(json.loads((FOLDER / "sources.json").read_text(encoding="utf-8"))["icons"])
    named = {
        icon
        for path in (PROJECT / "pages").rglob("*")
        if path.suffix in (".py", ".json")
        for icon in re.findall(r":material/([a-z0-9_]+):", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 40
    assert named - held == set(), f"an icon would show as its name: {AGAIN}"
