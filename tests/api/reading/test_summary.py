"""The summary with its evidence."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from core.domain.notes.note import Chapter, Notes, Point
from core.store.text import notes
from tests.api.conftest import Running, is_problem


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}"


def test_the_summary_proves_itself(api: httpx.Client, services: Running, url: str) -> None:
    assert is_problem(api.get(f"{url}/summary"), 404, "not_found")
    found = Notes(
        tldr="Sentences.",
        points=(Point("One", "This is sentence 1.", 2.0, 3.5, 1, True), Point("Two", "Never said.")),
        chapters=(Chapter("Start", 0.0, "All of it"),),
        coverage=1.0,
        engine="ollama",
        model="tiny",
    )
    services.store.write(lambda db: notes.add(db, int(url.rsplit("/", 1)[1]), found, now=time.time()))
    body = api.get(f"{url}/summary").json()
    assert (body["tldr"], body["coverage"], body["engine"], body["model"]) == ("Sentences.", 1.0, "ollama", "tiny")
    assert [(p["start"], p["verified"]) for p in body["points"]] == [(2.0, True), (None, False)]
    assert body["chapters"] == [{"title": "Start", "start": 0.0, "summary": "All of it", "link": None, "picture": None}]
    assert body["verified_share"] == 0.5
    assert "This is sentence 1." in api.get(f"{url}/summary", params={"format": "md"}).text
