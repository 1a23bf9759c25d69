"""The data that the search page and the palette share."""

from __future__ import annotations

import pytest

from core.api.search.search import HINTS
from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.search_query import FILTERS
from core.domain.episodes.search_result import KIND_NAMES
from pages.shared.component_source import PAGES, source
from pages.shared.search.search_answer import SCRIPTS, STYLES, given
from pages.text import texts


@pytest.mark.parametrize(("language", "podcast", "notes"), [("en", "feed", "notes"), ("zh", "订阅", "笔记")])
def test_the_readers_own_words_come_first(castmind: CastMind, language: str, podcast: str, notes: str) -> None:
    castmind.settings.save(OWNER, "language", language)
    data = given("search.")
    assert (data["filters"]["feed"][0], data["locale"]) == (podcast, language)
    assert {name: set(names) for name, names in data["filters"].items()} == {name: set(names) for name, names in FILTERS.items()}
    assert [each["names"][0] for each in data["kinds"] if each["kind"] == "note"] == [notes]
    assert [each["kind"] for each in data["kinds"]][:2] == ["segment", "title"] and len(data["kinds"]) == len(KIND_NAMES)
    assert data["kinds"][2]["label"] == texts(language)["search.kind.note"]


def test_later_prefixes_come_before_earlier_ones(castmind: CastMind) -> None:
    said, words = given("search.", "palette.")["text"], texts("en")
    assert said["field"] == words["palette.field"] and said["placeholder"] == words["search.placeholder"]


def test_each_hint_has_a_text(castmind: CastMind) -> None:
    assert given("search.")["hints"].keys() == HINTS.keys()


def test_scripts_and_styles_are_there() -> None:
    here = str(PAGES / "page.py")
    assert "class SearchAnswer" in source(here, *SCRIPTS) and ".answer" in source(here, *STYLES)
