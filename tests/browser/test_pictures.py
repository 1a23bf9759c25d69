"""The pages look as in the pictures of the docs, apart from fonts and dates, and the README shows four of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from scripts import pictures
from tests.running import PROJECT

# Percent. The letters of English pages come with the app, the Chinese ones from the system.
MOST_DIFFERENT = {"en": 1.0, "zh": 6.0}
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


@pytest.mark.browser
def test_every_page_still_looks_as_in_its_picture(tmp_path: Path) -> None:
    # In a thread of its own: the browser of other tests may be open in this one.
    with ThreadPoolExecutor(1) as other:
        taken = other.submit(pictures.take_all, tmp_path).result()
    assert {path.name for path in taken} == {path.name for path in pictures.FOLDER.glob("*.webp")}
    differences = {}
    for path in taken:
        with Image.open(path) as now, Image.open(pictures.FOLDER / path.name) as kept:
            differences[path.name] = pictures.difference(now, kept)
    changed = {name: round(value, 2) for name, value in differences.items() if value > MOST_DIFFERENT[name.split(".")[-2]]}
    assert not changed, f"{changed}: if they look as they should, run `make pictures`"


def test_another_page_or_a_missing_part_is_a_difference() -> None:
    with Image.open(pictures.FOLDER / "library.en.webp") as library, Image.open(pictures.FOLDER / "queue.en.webp") as queue:
        assert pictures.difference(library, library) == 0
        assert pictures.difference(library, queue) > MOST_DIFFERENT["en"]
        without = library.convert("RGB")
        without.paste(without.getpixel((640, 790)), (0, 0, 210, 800))  # type: ignore[arg-type]
        assert pictures.difference(library, without) > MOST_DIFFERENT["en"]
        assert pictures.difference(library, library.crop((0, 0, 600, 800))) > MOST_DIFFERENT["en"]
