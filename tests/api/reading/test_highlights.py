from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem


@pytest.fixture
def marked(services: Running, api: httpx.Client, episode: dict[str, Any]) -> dict[str, Any]:
    """An episode with three highlights of two colours."""
    made = Transcript("en", 6.0, (Segment(0, 1.0, 2.0, "The lantern by the harbour", "Anna"),), SpeechEngine("demo"))
    services.store.write(partial(transcripts.save, episode_id=episode["id"], transcript=made, now=1.0))
    for start, end, colour in ((0, 3, "yellow"), (4, 11, "pink"), (19, 26, "pink")):
        place = {"start_segment": 0, "start_offset": start, "end_segment": 0, "end_offset": end}
        api.post(f"/episodes/{episode['id']}/highlights", json=place | {"colour": colour}).raise_for_status()
    return episode


def test_a_page_names_the_episode_of_each_and_the_way_on(api: httpx.Client, marked: dict[str, Any]) -> None:
    body = api.get("/highlights", params={"limit": 2}).json()
    assert [(row["quote"], row["episode_id"], row["episode_title"]) for row in body["items"]] == [
        ("harbour", marked["id"], marked["title"]),
        ("lantern", marked["id"], marked["title"]),
    ]
    rest = api.get("/highlights", params={"before": body["next"]}).json()
    assert [row["quote"] for row in rest["items"]] == ["The"] and rest["next"] is None


def test_conditions_counts_and_the_three_of_a_day(api: httpx.Client, marked: dict[str, Any]) -> None:
    assert [row["quote"] for row in api.get("/highlights", params={"colour": "pink", "q": "lant"}).json()["items"]] == ["lantern"]
    assert api.get("/highlights", params={"feed_id": 7}).json()["items"] == []
    assert api.get("/highlights/counts").json() == {"total": 3, "colours": {"yellow": 1, "pink": 2}, "feeds": [], "tags": []}
    assert len(api.get("/highlights/review", params={"day": "2026-01-01"}).json()["items"]) == 3
    assert is_problem(api.get("/highlights", params={"colour": "red"}), 422, "invalid")
    assert is_problem(api.get("/highlights/review", params={"day": "soon"}), 422, "invalid")


def test_a_file_leads_back_to_the_moments(api: httpx.Client, marked: dict[str, Any]) -> None:
    answer = api.get("/highlights/export", params={"form": "md", "colour": "yellow"})
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''CastMind%20highlights.md"
    assert f"/episode?id={marked['id']}&t=1)" in answer.text and "> The" in answer.text
    assert api.get("/highlights/export", params={"form": "csv"}).text.startswith("\ufeffquote,")
    assert api.get("/highlights/export", params={"form": "readwise"}).text.startswith("Highlight,Title")
