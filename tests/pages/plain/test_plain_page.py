"""Pages without scripts: what stands in them is escaped, and their language is the reader's."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.plain.plain_page import PlainPage, language_of, styles

TEXT = '<!-- part: page -->\n<p title="${said}">${said}</p>${fields}\n<!-- part: other -->\n<b>${said}</b>'


@pytest.fixture
def page(tmp_path: Path, castmind: CastMind) -> PlainPage:
    file = tmp_path / "page.html"
    file.write_text(TEXT, encoding="utf-8")
    return PlainPage(file, "en")


def test_values_are_escaped_and_parts_are_not(page: PlainPage) -> None:
    inner = page.part("other", said="<script>&\"'")
    assert inner == "<b>&lt;script&gt;&amp;&quot;&#x27;</b>"
    whole = page.part("page", said='" onload="x', raw={"fields": inner})
    assert whole == f'<p title="&quot; onload=&quot;x">&quot; onload=&quot;x</p>{inner}'


def test_what_is_missing_is_a_defect(page: PlainPage) -> None:
    with pytest.raises(KeyError):
        page.part("other")
    with pytest.raises(KeyError):
        page.part("none")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [("zh", "en", "zh"), ("xx", "zh-CN,en", "zh"), ("", "fr, zh;q=0.5", "zh"), ("", "", "en"), ("", "\x00;;q=x", "en")],
)
def test_the_language_of_the_page(castmind: CastMind, chosen: str, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted) == language


def test_a_language_that_is_set_wins_over_the_browsers(castmind: CastMind) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    assert (language_of("", "en"), language_of("en", "zh")) == ("zh", "en")


def test_the_page_brings_its_own_style_and_loads_nothing(page: PlainPage) -> None:
    assert "prefers-color-scheme: dark" in styles() and "url(" not in styles() and "@import" not in styles()
    assert page.other == "zh"
