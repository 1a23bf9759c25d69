"""One action on many episodes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import is_problem


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}"


def test_many_are_marked_tagged_and_deleted_at_once(api: httpx.Client, url: str, episode: dict[str, Any]) -> None:
    def bulk(**body: Any) -> dict[str, Any]:
        answer = api.post("/episodes/bulk", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    number = episode["id"]
    assert bulk(action="tag", episode_ids=[number, 99], tag="Science") == {"changed": 1, "skipped": 1}
    (tag,) = api.get("/tags").json()["items"]
    assert (tag["name"], tag["episodes"]) == ("Science", 1)
    assert api.get(url).json()["tags"] == [{"id": tag["id"], "name": "Science"}]
    assert bulk(action="star", filter={"tag": tag["id"]}) == {"changed": 1, "skipped": 0}
    assert bulk(action="read", filter={"starred": True, "unread": True}) == {"changed": 1, "skipped": 0}
    listed = api.get("/episodes", params={"starred": True, "unread": False, "count": True, "sort": "title"}).json()
    assert (listed["total"], listed["items"][0]["starred"], listed["items"][0]["read"]) == (1, True, True)
    assert bulk(action="cancel", filter={}) == {"changed": 1, "skipped": 0}
    assert bulk(action="retry", episode_ids=[number]) == {"changed": 1, "skipped": 0}
    assert api.patch(f"/tags/{tag['id']}", json={"name": "Nature"}).json()["name"] == "Nature"
    assert bulk(action="untag", episode_ids=[number], tag_id=tag["id"])["changed"] == 1
    assert api.delete(f"/tags/{tag['id']}").status_code == 204
    assert bulk(action="delete", filter={"q": ""})["changed"] == 1
    assert bulk(action="restore", filter={"deleted": True})["changed"] == 1
    for wrong in ({"action": "star"}, {"action": "tag", "episode_ids": [number]}, {"action": "fly", "episode_ids": [number]}):
        assert is_problem(api.post("/episodes/bulk", json=wrong), 422, "invalid")
