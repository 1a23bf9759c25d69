from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from core.api.search.quick_search import unfinished
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
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
    assert api.get("/search/quick", params={"q": " "}).json() == {"episodes": [], "total": 0, "at_least": False}
    assert is_problem(api.get("/search/quick"), 422, "invalid")


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
