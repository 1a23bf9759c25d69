"""Feeds that were unsubscribed."""

from __future__ import annotations

import httpx

from tests.api.conftest import is_problem
from tests.fakes.podcast_host import PodcastHost


def test_an_unsubscribe_can_be_undone(api: httpx.Client) -> None:
    with PodcastHost() as host:
        feed = api.post("/feeds", json={"url": host.feed_url, "backlog": 0}).json()
        assert api.delete(f"/feeds/{feed['id']}", params={"episodes": True}).status_code == 204
        removed = api.get("/removed-feeds").json()["items"]
        assert [(row["id"], row["title"], row["trashed"]) for row in removed] == [(feed["id"], feed["title"], 5)]
        back = api.post(f"/removed-feeds/{feed['id']}/restore").json()
        assert (back["id"], back["url"], back["episodes"]) == (feed["id"], host.feed_url, 5)
        assert is_problem(api.post(f"/removed-feeds/{feed['id']}/restore"), 404, "not_found")
