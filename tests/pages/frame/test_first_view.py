"""What the first view shows: the rail of any page, the content of the library, in the reader's language."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request

from core import app
from core.app import CastMind
from core.domain.accounts.actor import IN_SCOPE, OWNER
from core.domain.accounts.browser import COOKIE
from core.errors import DatabaseBusy
from pages.frame import first_view
from pages.library import episodes
from pages.shared import first_steps
from pages.shared.component_source import part_key

BROWSER = "0123456789abcdef" * 2


def asked(path: str = "/", *, query: str = "", language: str = "en-GB", zone: str = "Europe/Berlin") -> Request:
    cookies = f"{COOKIE}={BROWSER}; {first_view.ZONE}={zone}"
    headers = [(b"accept-language", language.encode()), (b"cookie", cookies.encode()), (b"host", b"localhost")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers, "scheme": "http"}
    return Request(scope | {IN_SCOPE: replace(OWNER, browser=BROWSER)})


def view(*args: Any, **options: Any) -> dict[str, Any]:
    found = first_view.of(asked(*args, **options))
    assert found
    return found


def parts(found: dict[str, Any]) -> list[str]:
    return [block["part"].rpartition("-")[0] for block in found["content"] if "part" in block]


@pytest.fixture(autouse=True)
def library(resting: CastMind, monkeypatch: pytest.MonkeyPatch) -> CastMind:
    """A library that is open, while no job runs."""
    monkeypatch.setattr(CastMind, "ready", True)
    monkeypatch.setattr(first_steps, "_last", dict.fromkeys(("en", "zh")))
    return resting


@pytest.fixture
def talk(library: CastMind) -> int:
    return library.ingest.add_sample(OWNER).episode.id


def test_the_library_has_its_parts_with_the_newest_episodes(talk: int) -> None:
    found = view()
    assert parts(found)[0] == "castmind_add"
    assert parts(found)[-3:] == ["castmind_filter_field", "castmind_filter_chips", "castmind_episodes"]
    assert [row["id"] for row in found["content"][-1]["data"]["rows"]] == [talk]
    assert found["until"] == part_key("castmind_episodes")
    assert found["frame"]["data"]["page"] == "library"
    assert found["content"][0]["heading"] == "Library"


@pytest.mark.parametrize(("path", "query"), [("/feeds", ""), ("/", "trash=1"), ("/library", "q=a")])
def test_another_page_has_the_rail_alone(talk: int, path: str, query: str) -> None:
    found = view(path, query=query)
    assert found["content"] is None
    assert found["until"] == part_key("castmind_navigation")


def test_a_library_without_episodes_has_the_rail_alone() -> None:
    assert view()["content"] is None


def test_the_texts_are_those_of_the_language_asked_for_or_chosen_in_this_browser(talk: int) -> None:
    assert (view(language="zh-CN,zh;q=0.9")["language"], view(language="de")["language"]) == ("zh", "en")
    assert view(language="zh-CN")["content"][0]["heading"] == "资料库"
    app.current().user_preferences.save(replace(OWNER, browser=BROWSER), "language", "zh")
    assert view(language="en")["language"] == "zh"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "", "../etc/passwd", "America", "x" * 500])
def test_any_time_zone_is_taken(talk: int, zone: str) -> None:
    assert view(zone=zone)["content"]


def test_steps_that_were_not_drawn_yet_are_left_to_the_page(talk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {"steps": [], "open": False, "text": {}}
    monkeypatch.setattr(first_steps, "_last", {"en": steps})
    assert view(language="zh-CN")["content"] is None
    assert view()["content"][1] == {"part": part_key("castmind_first_steps"), "data": steps}


@pytest.mark.parametrize("error", [DatabaseBusy("no"), sqlite3.OperationalError("database is locked"), RecursionError()])
def test_a_library_that_cannot_be_read_is_left_to_the_page(talk: int, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def busy(rows: int) -> None:
        raise error

    monkeypatch.setattr(episodes, "first", busy)
    assert first_view.of(asked()) is None
    monkeypatch.setattr(CastMind, "ready", False)
    assert first_view.of(asked("/feeds")) is None


def test_colours_are_those_of_both_themes() -> None:
    colours = first_view._colours()
    assert all(light != dark and light.startswith("#") and dark.startswith("#") for light, dark in colours.values())
    assert first_view._font("font").startswith('"Source Sans", "PingFang SC"')
