from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.search import tables
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem
from tests.running import wait_for

TEXTS = ("我們討論<b>顯存</b>", "GPU memory", "显存 and GPU")


@pytest.fixture
def said(services: Running, episode: dict[str, Any]) -> dict[str, Any]:
    segments = tuple(Segment(i, i * 2.0, i * 2.0 + 1, text, "Anna") for i, text in enumerate(TEXTS))
    made = Transcript("zh", 6.0, segments, SpeechEngine("demo"))
    services.store.write(partial(transcripts.save, episode_id=episode["id"], transcript=made, now=1.0))
    return episode


def test_hits_come_as_text_with_marks(api: httpx.Client, said: dict[str, Any]) -> None:
    body = api.get("/search", params={"q": "显存"}).json()
    assert (body["total"], body["at_least"], body["order"], body["hint"], body["hints"]) == (2, 2, "relevance", None, [])
    assert body["items"][0] == {
        "episode_id": said["id"],
        "title": said["title"],
        "feed_title": None,
        "kind": "segment",
        "segment_id": 0,
        "start": 0.0,
        "speaker": "Anna",
        "snippet": TEXTS[0],
        "marks": [[7, 9]],
        "before": "",
        "after": TEXTS[1],
    }
    assert len(api.get("/search", params={"q": "显存", "limit": 1}).json()["items"]) == 1
    assert len(api.get("/search", params={"q": "显存", "per_episode": 1}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [('"显存', "quote_open"), ("feed:none 显存", "no_feed"), ("colour:red", "unknown_filter"), ("after:soon 显存", "bad_date")],
)
def test_what_does_not_fit_is_said_and_is_no_error(api: httpx.Client, said: dict[str, Any], query: str, code: str) -> None:
    answer = api.get("/search", params={"q": query})
    assert answer.status_code == 200
    assert [hint["code"] for hint in answer.json()["hints"]] == [code]
    assert answer.json()["hint"].endswith(".")


def test_nothing_sought_nothing_found(api: httpx.Client) -> None:
    assert api.get("/search", params={"q": " "}).json()["items"] == []
    assert is_problem(api.get("/search"), 422, "invalid")
    assert is_problem(api.get("/search", params={"q": "x", "limit": 0}), 422, "invalid")


def test_the_index_is_written_anew(api: httpx.Client, services: Running, said: dict[str, Any]) -> None:
    live = tables.live(services.store.read())
    answer = api.post("/search/index")
    assert answer.status_code == 202 and answer.json()["rebuilding"]
    wait_for(lambda: api.get("/search/index").json()["whole"])
    assert tables.live(services.store.read()) == live + 1
    assert api.get("/search", params={"q": "显存"}).json()["total"] == 2
