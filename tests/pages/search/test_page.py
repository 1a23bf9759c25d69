"""The search page: the ways to ask, hits with their moments, and what was found in other parts of an episode."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.transcripts.transcript import Segment
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.text import transcripts
from pages.text import texts
from tests.pages.conftest import TALK, given, open_page

PAGE = "search/page.py"


def fill(castmind: CastMind, *titles: str, sentences: int = 1) -> list[int]:
    said = tuple(Segment(n, n * 10.0, n * 10.0 + 2, f"Sentence {n} about *cats*.") for n in range(sentences))

    def add(db: Database) -> list[int]:
        ids = [episodes.add(db, {"title": title, "source": "upload"}, now=1000.0) for title in titles]
        for number in ids:
            transcripts.save(db, number, replace(TALK, segments=said), now=1000.0)
        return ids

    return castmind._store.write(add)


def captions(page: AppTest) -> list[str]:
    return [caption.value for caption in page.caption]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_query_the_ways_to_ask_are_shown(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page, words = open_page(PAGE), texts(language)
    said = [each.value for each in page.markdown]
    assert f"`{words['search.way.prefix']}`" in said and words["search.way.time.means"] in said
    assert words["search.scope"] in captions(page) and given(page, "castmind_search_hits") == {"focus": True}


def test_a_hit_leads_to_its_moment_and_shows_what_was_found(resting: CastMind) -> None:
    (number,) = fill(resting, "One *talk*", sentences=2)
    page = open_page(PAGE, q='"sentence 1"')
    title, hit = (link.proto for link in page.get("page_link"))
    assert title.label == r"**One \*talk\***" and title.query_string == f"id={number}"
    assert hit.query_string == f"id={number}&t=10" and hit.label.startswith(r"**0\:10**")
    assert r":primary-background[Sentence 1] about \*cats\*\." in hit.label
    assert texts("en")["search.one"] in captions(page) and given(page, "castmind_search_hits") == {"focus": False}


def test_what_is_typed_is_kept_in_the_address(resting: CastMind) -> None:
    fill(resting, "One")
    page = open_page(PAGE)
    page.text_input(key="search.q").set_value(" dogs ").run()
    assert dict(page.query_params) == {"q": "dogs"} and texts("en")["search.nothing"] in captions(page)
    page.text_input(key="search.q").set_value("").run()
    assert dict(page.query_params) == {} and texts("en")["search.scope"] in captions(page)


def test_further_hits_of_an_episode_are_asked_for_with_its_number(resting: CastMind) -> None:
    (number,) = fill(resting, "One", sentences=6)
    page = open_page(PAGE, q="cats")
    assert len(page.get("page_link")) == 1 + 4
    rest = page.button(key=f"search.rest.{number}")
    assert rest.label == "2 more in this episode"
    rest.click().run()
    assert dict(page.query_params) == {"q": f"cats episode:{number}"} and len(page.get("page_link")) == 1 + 6


def test_further_episodes_are_shown_on_request(resting: CastMind) -> None:
    fill(resting, *(f"Talk {n}" for n in range(17)))
    page = open_page(PAGE, q="cats")
    assert len(page.get("page_link")) == 15 * 2
    page.button(key="search.more").click().run()
    assert len(page.get("page_link")) == 17 * 2 and "search.more" not in [button.key for button in page.button]


def test_a_hit_in_the_notes_opens_them_and_a_wrong_filter_is_told(resting: CastMind) -> None:
    (number,) = fill(resting, "One")
    resting._store.write(partial(episodes.change, episode_id=number, values={"description": "Of horses."}, now=1001.0))
    page = open_page(PAGE, q="horses colour:red")
    assert any("colour" in caption and ":material/info:" in caption for caption in captions(page))
    page = open_page(PAGE, q="horses")
    assert f"id={number}&part=about" in [link.proto.query_string for link in page.get("page_link")]
