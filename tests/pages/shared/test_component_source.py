"""Sources of components, joined into one text, and their parts of the bundle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit as st

from pages.shared import component_source

MODULE = "const made = 'é';\nexport default function mount({ parentElement }) {\n  return made;\n}\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a module with files beside it, in a tree of pages of its own."""
    monkeypatch.setattr(component_source, "PAGES", tmp_path)
    monkeypatch.setattr(component_source, "_parts", {})
    for folder in ("shared", "library"):
        (tmp_path / folder).mkdir()
    (tmp_path / "shared" / "page.js").write_text("// shared é", encoding="utf-8")
    (tmp_path / "library" / "list.js").write_text(MODULE, encoding="utf-8")
    (tmp_path / "library" / "list.css").write_text(".row { color: red; }", encoding="utf-8")
    return str(tmp_path / "library" / "list.py")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Streamlit is given as the source of each component."""
    found: dict[str, str] = {}
    monkeypatch.setattr(st.components.v2, "component", lambda name, *, js: found.update({name: js}))
    return found


def test_files_beside_the_module_and_of_other_folders_come_in_their_order(module: str) -> None:
    assert component_source.source(module, "shared/page.js", "list.js") == f"// shared é\n{MODULE}"
    with pytest.raises(FileNotFoundError):
        component_source.source(module, "page.js")


def test_streamlit_gets_a_call_of_the_part_that_is_in_the_bundle(module: str, given: dict[str, str]) -> None:
    component_source.component("a_list", module, scripts=("shared/page.js", "list.js"), styles=("list.css",))
    key = component_source.part_key("a_list")
    assert key.startswith("a_list-")
    assert f'["{key}"]' in given["a_list"] and f'"{component_source.PARTS}{key}.js"' in given["a_list"]
    assert "const made" not in given["a_list"]
    script = component_source.bundle()
    assert f'["{key}"]' in script and "const made = 'é';\nreturn function mount(" in script
    assert "export" not in script and '".row { color: red; }"' in script


def test_a_part_gets_another_key_with_other_contents(module: str, given: dict[str, str]) -> None:
    keys = []
    for styles in (("list.css",), ("list.css", "list.css")):
        component_source.component("a_list", module, scripts=("list.js",), styles=styles)
        keys.append(component_source.part_key("a_list"))
    assert len(set(keys)) == 2
    assert component_source.bundle().count("function mount") == 1


def test_the_bundle_holds_the_parts_that_are_asked_for(module: str, given: dict[str, str]) -> None:
    for name in ("one", "other"):
        component_source.component(name, module, scripts=("list.js",), styles=())
    key = component_source.part_key("other")
    assert f'["{key}"]' in component_source.bundle([key])
    assert component_source.part_key("one") not in component_source.bundle([key])
    with pytest.raises(KeyError):
        component_source.bundle(["other-000000000000"])


def test_a_trigger_of_a_component_that_left_the_page_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"here": {"asked": [1]}, "empty": None})
    assert component_source.told("here", "asked") == [1]
    for key in ("here", "empty", "gone"):
        assert component_source.told(key, "other") is None


def test_keys_of_an_input_method_are_told_in_one_place() -> None:
    """A check of `isComposing` alone takes the Enter that ends a composition in Safari for the reader's own."""
    pages = Path(component_source.__file__).parents[1]
    tells = [path for path in pages.rglob("*.js") if re.search("isComposing|keyCode", path.read_text(encoding="utf-8"))]
    assert tells == [pages / "shared" / "page.js"]
