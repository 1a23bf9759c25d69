"""The script for the pictures still finds its subjects, and the README shows four of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from scripts import pictures
from tests.running import PROJECT

READMES = {"en": "README.md", "zh": "README.zh.md"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_readme_shows_its_pictures(language: str) -> None:
    text = (PROJECT / READMES[language]).read_text(encoding="utf-8")
    assert len(pictures.README) == text.count("](docs/pictures/")
    for name in pictures.README:
        path = f"docs/pictures/{name}.{language}.webp"
        assert f"]({path})" in text
        with Image.open(PROJECT / path) as picture:
            assert picture.size == (pictures.WINDOW["width"], pictures.WINDOW["height"])


@pytest.mark.long
@pytest.mark.browser
def test_pictures_are_taken_of_every_page_in_both_languages(tmp_path: Path) -> None:
    # In a thread of its own: the browser of other tests may be open in this one.
    with ThreadPoolExecutor(1) as other:
        taken = other.submit(pictures.take_all, tmp_path).result()
    assert {path.name for path in taken} == {path.name for path in pictures.FOLDER.glob("*.webp")}
    for path in taken:
        with Image.open(path) as picture:
            # A page that was not drawn is one colour, or nearly.
            assert len(picture.convert("RGB").getcolors(1 << 24)) > 500
