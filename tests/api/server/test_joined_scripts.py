from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from core.api.server import joined_scripts
from core.api.server.joined_scripts import TRIED, Joined, OtherForm, in_order, of_streamlit, parsed

TEXTS = {
    "base.1.js": "var e=1,t=()=>e;export{e as n,t};",
    "late.2.js": 'import{t as e}from"./base.1.js";var a,b=e((()=>{a=1}));export{a as n,b as t};',
    "main.3.js": (
        'const __vite__mapDeps=(m)=>["./base.1.js","./more.4.js"];\n'
        'import{n as e,t}from"./base.1.js";import"./late.2.js";import(`./more.4.js`);export{e as $,t as default};'
    ),
}
MORE = (
    'import{t as e}from"./base.1.js";import{$ as n}from"./main.3.js";import"./late.2.js";import{x}from"./other.5.js";export{n};'
)
PAGE = """
    <script type="module" crossorigin src="./static/js/main.3.js"></script>
    <link rel="modulepreload" crossorigin href="./static/js/base.1.js">
    <link rel="modulepreload" crossorigin href="./static/js/other.5.js">
"""


@pytest.fixture
def joined() -> Joined:
    return Joined("main.3.js", TEXTS.__getitem__)


def test_a_script_is_taken_apart() -> None:
    script = parsed("main.3.js", TEXTS["main.3.js"])
    assert script.imports == (("base.1.js", (("n", "e"), ("t", "t"))), ("late.2.js", ()))
    assert script.exports == (("e", "$"), ("t", "default"))
    assert script.body.endswith("import(`./more.4.js`);")


@pytest.mark.parametrize(
    "text",
    ["var a=1;", 'var a=1;import{b}from"./base.1.js";export{a};', "export{a};var a=1;", 'import{b}from"./gone.js";export{b};'],
)
def test_scripts_of_another_form_are_not_joined(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "static" / "js"
    folder.mkdir(parents=True)
    (folder / "main.3.js").write_text(text, encoding="utf-8")
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    assert of_streamlit(tmp_path, TRIED) is None


def test_scripts_that_import_each_other_are_not_joined() -> None:
    circle = {"a.js": 'import{b}from"./b.js";export{b as a};', "b.js": 'import{a}from"./a.js";export{a as b};'}
    with pytest.raises(OtherForm):
        in_order("a.js", circle.__getitem__)


def test_each_script_runs_once_after_those_that_it_imports(joined: Joined) -> None:
    base, main = joined.text.index("const part0=(()=>{var e=1"), joined.text.index("const part2=(()=>{const{n:e,t:t}=part0;")
    assert base < joined.text.index("const part1=") < main
    assert "return{get $(){return e},get default(){return t}}" in joined.text
    assert "export const parts=[part0,part1,part2];" in joined.text


def test_exports_that_are_assigned_later_are_assigned_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch, joined: Joined
) -> None:
    assert ";b();return{" not in joined.text
    monkeypatch.setattr(joined_scripts, "ASSIGNED_LATER", ("late.",))
    assert ";b();return{get n(){return a}" in Joined("main.3.js", TEXTS.__getitem__).text


def test_each_script_of_the_folder_reaches_the_joined_one(joined: Joined) -> None:
    assert joined.script("main.3.js", TEXTS["main.3.js"]) == joined.text
    assert joined.script("base.1.js", TEXTS["base.1.js"]) == 'export{part0$n as n,part0$t as t}from"./main.3.js";'
    assert joined.script("more.4.js", MORE) == (
        'import{part0$t as e}from"./main.3.js";import{$ as n}from"./main.3.js";import"./main.3.js";'
        'import{x}from"./other.5.js";export{n};'
    )
    assert '["./main.3.js","./more.4.js"]' in joined.text


def test_the_page_loads_the_joined_one_and_no_part_of_it(joined: Joined) -> None:
    page = joined.page(PAGE)
    assert f'src=".{joined.folder}js/main.3.js"' in page
    assert "base.1" not in page
    assert "other.5" in page
    assert joined.page("<p>another page</p>") == "<p>another page</p>"


def test_streamlit_is_the_version_that_was_tried_and_its_scripts_are_joined() -> None:
    static = Path(st.__file__).parent / "static"
    found = of_streamlit(static, st.__version__)
    assert found, f"try the pages with Streamlit {st.__version__}, and see TRIED in core/api/server/joined_scripts.py"
    assert found.text.count("const part") > 50
    assert of_streamlit(static, "0.1") is None
