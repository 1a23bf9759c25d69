from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.export import fonts
from core.export.forms import FORMS, Form
from pages.parts import downloads

PROJECT = Path(__file__).resolve().parents[2]


def test_every_format_has_a_name_and_says_what_it_is_for() -> None:
    assert set(downloads.NAMES) == set(FORMS) == set(Form)
    for language in ("en", "zh"):
        texts = json.loads((PROJECT / "pages" / "text" / f"{language}.json").read_text(encoding="utf-8"))
        assert {f"export.help.{form.value}" for form in Form} <= texts.keys()


def test_make_looks_for_the_fonts_that_pdf_looks_for() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert [place for place in fonts.PLACES if place not in makefile] == []


def selection(ids: list[int]) -> None:
    from pages.parts import downloads

    downloads.many(ids)


def link(app: AppTest) -> Any:
    (found,) = app.get("link_button")
    return found.proto


def test_chosen_episodes_are_one_link(castmind: CastMind) -> None:
    app = AppTest.from_function(selection, args=([3, 5],)).run()
    assert not app.exception
    assert link(app).url == "/api/v1/exports?ids=3,5&formats=md"
    app.get("button_group")[0].set_value([Form.PDF, Form.SRT]).run()
    assert link(app).url == "/api/v1/exports?ids=3,5&formats=pdf,srt"
    app.get("button_group")[0].set_value([]).run()
    assert link(app).disabled


def test_more_than_one_export_holds_are_said_and_the_first_are_taken(castmind: CastMind) -> None:
    app = AppTest.from_function(selection, args=(list(range(1, 1003)),)).run()
    assert "1002" in app.caption[0].value and link(app).url.split("ids=")[1].startswith("1,2,")
    assert link(app).url.split("&")[0].endswith(",1000")
