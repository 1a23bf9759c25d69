"""The search page: what its component is given. tests/browser/library/test_search.py shows the rest."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.search_query import Hint, parse
from core.domain.episodes.search_result import DocumentKind
from core.store.search.scope import scope
from pages.text import texts
from tests.pages.conftest import given, open_page

PAGE = "search/page.py"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_ways_to_ask_are_given_in_the_readers_language(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    data, words = given(open_page(PAGE), "castmind_search"), texts(language)
    assert {"name": "prefix", "example": words["search.way.prefix"], "means": words["search.way.prefix.means"]} in data["ways"]
    assert data["text"]["scope"] == words["search.scope"] and data["hints"]["bad_date"] == words["search.hint.bad_date"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_example_is_understood(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    queries = {way["name"]: parse(way["example"]) for way in given(open_page(PAGE), "castmind_search")["ways"]}
    assert [name for name, query in queries.items() if query.hints] == []
    hints: list[Hint] = []
    with resting._store.snapshot() as db:
        left = scope(db, queries["in"], hints)
    assert left and left.kinds == {DocumentKind.NOTE} and hints == []
