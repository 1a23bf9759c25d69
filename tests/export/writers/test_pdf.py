"""The PDF as poppler reads it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import FontMissing
from core.export.layout import fonts
from core.export.layout.document import document
from core.export.layout.fonts import Typesetter
from core.export.writers.pdf import pdf
from tests.export.talk import CHINESE, ENGLISH, PAGE, material


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def written(content: bytes, folder: Path) -> Path:
    path = folder / "episode.pdf"
    path.write_bytes(content)
    return path


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(("language", "lines"), [("en", ENGLISH), ("zh", CHINESE)])
def test_every_word_is_found_and_every_font_embedded(language: str, lines: tuple[str, ...], tmp_path: Path) -> None:
    path = written(pdf(document(material(language))), tmp_path)
    text = squeezed(run("pdftotext", path, "-"))
    for line in lines:
        assert squeezed(line) in text
    table = run("pdffonts", path).splitlines()[2:]
    assert table
    for row in table:
        embedded, subset, unicode = row.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes"), row
    assert path.stat().st_size < 200_000


def test_title_pages_and_language_are_said(tmp_path: Path) -> None:
    facts = run("pdfinfo", written(pdf(document(material("zh"))), tmp_path))
    assert "第七期：经济、音乐与 Python 的一天" in facts and "Pages:           2" in facts and "A4" in facts


def test_times_are_links(tmp_path: Path) -> None:
    links = run("pdfinfo", "-url", written(pdf(document(material())), tmp_path))
    assert f"{PAGE}&t=65" in links and "javascript" not in links and "e.vil" not in links


def test_without_a_chinese_font_latin_text_is_written_and_chinese_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "OTHERS", ())
    bare = (str(tmp_path / "none.ttf"),)
    path = written(pdf(document(material("en")), Typesetter(bare)), tmp_path)
    assert "nobody knows why" in run("pdftotext", path, "-")
    with pytest.raises(FontMissing, match="fonts-wqy-microhei"):
        pdf(document(material("zh")), Typesetter(bare))


def test_a_few_characters_without_a_font_are_shown_as_missing(tmp_path: Path) -> None:
    talk = material("en")
    text = run("pdftotext", written(pdf(document(replace(talk, own_notes="Party \U0001f389 at ten \u0645"))), tmp_path), "-")
    assert "Party □ at ten □" in text and "2 characters of the text without a font" in text
