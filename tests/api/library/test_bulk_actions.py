"""One action on many episodes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.services.library.bulk_task import AT_ONCE
from tests.api.conftest import Running, is_problem


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


def test_a_tag_is_taken_off_by_its_name(api: httpx.Client, url: str, episode: dict[str, Any]) -> None:
    for action, changed in (("tag", 1), ("untag", 1), ("untag", 0)):
        answer = api.post("/episodes/bulk", json={"action": action, "episode_ids": [episode["id"]], "tag": "Science"})
        assert answer.json()["changed"] == changed
    assert api.get(url).json()["tags"] == []
    gone = {"action": "untag", "episode_ids": [episode["id"]], "tag": "Nature"}
    assert is_problem(api.post("/episodes/bulk", json=gone), 404, "not_found")
    assert is_problem(api.post("/episodes/bulk", json={"action": "untag", "episode_ids": [1]}), 422, "invalid")


def test_very_many_are_done_as_a_task_that_names_them(api: httpx.Client, episode: dict[str, Any], services: Running) -> None:
    number = episode["id"]
    few = api.post("/episodes/bulk", json={"action": "star", "filter": {}, "background": True})
    assert (few.status_code, few.json()) == (200, {"changed": 1, "skipped": 0, "episode_ids": [number]})
    ids = [number, *range(1000, 1000 + AT_ONCE)]
    many = api.post("/episodes/bulk", json={"action": "unstar", "episode_ids": ids, "background": True})
    assert many.status_code == 202 and many.json()["episode_ids"] == ids
    ended = services.background.wait(many.json()["task"]["id"])
    assert (ended.done, ended.detail["changed"]) == (len(ids), 1)
    assert api.get(f"/episodes/{number}").json()["starred"] is False
    assert api.post("/episodes/bulk", json={"action": "star", "episode_ids": ids}).json() == {"changed": 1, "skipped": AT_ONCE}
