"""The fonts of a PDF, with and without one for each character."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import FontMissing
from core.export.layout import fonts
from core.export.layout.document import document
from core.export.layout.fonts import Typesetter
from core.export.writers.pdf import pdf
from tests.export.talk import material


def test_a_script_that_must_be_shaped_is_refused_rather_than_spoilt() -> None:
    talk = replace(material("en"), own_notes="مرحبا بكم في البرنامج " * 20)
    with pytest.raises(FontMissing, match="HTML or DOCX"):
        pdf(document(talk))


# Comes with reportlab: letters of western Europe alone.
VERA = ("nowhere.ttf",)


@pytest.fixture
def typesetter(monkeypatch: pytest.MonkeyPatch) -> Typesetter:
    monkeypatch.setattr(fonts, "OTHERS", ())
    return Typesetter(VERA)


def test_without_any_other_font_the_bundled_one_sets_western_letters(typesetter: Typesetter) -> None:
    assert list(typesetter.set("Café “now”")) == [("Vera", "Café “now”")]
    typesetter.check()
    assert (typesetter.letters, typesetter.lacking) == (7, [])


def test_joiners_and_variation_selectors_take_no_place(typesetter: Typesetter) -> None:
    assert list(typesetter.set("a\u200db\ufe0f\ufeff")) == [("Vera", "ab")]
    assert list(typesetter.set("\u200b")) == []


def test_a_character_that_no_font_has_is_replaced_and_counted(typesetter: Typesetter) -> None:
    (mark,) = {fonts.MISSING if ord(fonts.MISSING) in fonts._load(VERA)[0].face.charToGlyph else "?"}
    assert list(typesetter.set("a声\U0001f389b")) == [("Vera", "a"), ("Vera", mark * 2), ("Vera", "b")]
    assert typesetter.lacking == ["声", "\U0001f389"]


def test_one_letter_of_a_hundred_may_lack_and_pictures_do_not_count(typesetter: Typesetter) -> None:
    list(typesetter.set("x" * 99 + "声" + "\U0001f389" * 50))
    typesetter.check()
    list(typesetter.set("声"))
    with pytest.raises(FontMissing, match="“声”"):
        typesetter.check()


def test_a_file_with_other_outlines_than_its_name_says_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "OTHERS", ())
    (tmp_path / "no.ttf").write_bytes(b"no font at all" * 20)
    assert Typesetter((str(tmp_path / "no.ttf"),)).base == "Vera"
