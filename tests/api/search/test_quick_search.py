from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from core.api.search.quick_search import unfinished
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.library import episodes
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem

TEXTS = ("The lantern by the harbour", "我們討論顯存", "Lanterns at night")


@pytest.fixture
def said(services: Running, episode: dict[str, Any]) -> dict[str, Any]:
    segments = tuple(Segment(i, i * 2.0, i * 2.0 + 1, text, "Anna") for i, text in enumerate(TEXTS))
    made = Transcript("en", 6.0, segments, SpeechEngine("demo"))
    services.store.write(partial(transcripts.save, episode_id=episode["id"], transcript=made, now=1.0))
    return episode


def test_the_beginning_of_a_word_finds_its_episode_with_the_places(api: httpx.Client, said: dict[str, Any]) -> None:
    body = api.get("/search/quick", params={"q": "lanter"}).json()
    (found,) = body["episodes"]
    assert (found["id"], found["title"], found["count"], body["total"], body["at_least"]) == (
        said["id"],
        said["title"],
        2,
        2,
        False,
    )
    assert [(hit["start"], hit["snippet"], hit["marks"]) for hit in found["hits"]] == [
        (0.0, TEXTS[0], [[4, 10]]),
        (4.0, TEXTS[2], [[0, 6]]),
    ]
    assert found["hits"][0]["kind"] == "segment" and found["hits"][0]["speaker"] == "Anna"


def test_one_chinese_word_and_nothing(api: httpx.Client, said: dict[str, Any]) -> None:
    assert [hit["start"] for hit in api.get("/search/quick", params={"q": "顯存"}).json()["episodes"][0]["hits"]] == [2.0]
    nothing = api.get("/search/quick", params={"q": " "}).json()
    assert (nothing["episodes"], nothing["total"], nothing["at_least"], nothing["more"]) == ([], 0, False, False)
    assert is_problem(api.get("/search/quick"), 422, "invalid")


def test_limits_facets_and_hints(api: httpx.Client, said: dict[str, Any], services: Running) -> None:
    body = api.get("/search/quick", params={"q": "lantern", "per_episode": 1}).json()
    assert (len(body["episodes"][0]["hits"]), body["episodes"][0]["count"], body["more"], body["order"]) == (
        1,
        2,
        False,
        "relevance",
    )
    assert (body["kinds"], body["hints"], body["tags"]) == ({"segment": 2}, [], [])
    left = api.get("/search/quick", params={"q": "in:notes colour:red lantern"}).json()
    assert (left["episodes"], left["hints"]) == ([], [{"code": "unknown_filter", "value": "colour"}])
    other = services.store.write(lambda db: episodes.add(db, {"title": "Lanterns", "source": "upload"}, now=2.0))
    body = api.get("/search/quick", params={"q": "lantern", "limit": 1}).json()
    assert body["more"] and [each["id"] for each in body["episodes"]] == [other] and body["kinds"] == {"segment": 2, "title": 1}
    assert is_problem(api.get("/search/quick", params={"q": "a", "limit": 201}), 422, "invalid")


def test_days_are_those_of_the_zone(api: httpx.Client, said: dict[str, Any], services: Running) -> None:
    services.store.write(partial(episodes.change, episode_id=said["id"], values={"published_at": 1_740_787_200.0}, now=2.0))
    found = [
        len(api.get("/search/quick", params={"q": "after:2025-03-01 lantern", "zone": zone}).json()["episodes"])
        for zone in ("UTC", "America/New_York", "Asia/Shanghai")
    ]
    assert found == [1, 0, 1]
    assert is_problem(api.get("/search/quick", params={"q": "a", "zone": "Mars/Dune"}), 422, "invalid")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("lant", "lant*"),
        ("night lant", "night lant*"),
        ("显存", "显存*"),
        ("lant*", "lant*"),
        ("lant ", "lant "),
        ('"night lant', '"night lant'),
        ('"night lant"', '"night lant"'),
        ("tag:wor", "tag:wor"),
        ("-ads", "-ads"),
        ("night -ads", "night -ads"),
        ("", ""),
        ("?", "?"),
    ],
)
def test_only_a_word_that_may_go_on_is_taken_as_a_beginning(typed: str, asked: str) -> None:
    assert unfinished(typed) == asked
