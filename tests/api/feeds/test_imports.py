"""Subscriptions in the background."""

from __future__ import annotations

import httpx

from tests.api.conftest import imported, is_problem
from tests.fakes.podcast_host import Mode, PodcastHost


def test_one_address_is_subscribed_in_the_background(api: httpx.Client) -> None:
    with PodcastHost() as host:
        found = imported(api, api.post("/imports", json={"url": host.feed_url, "backlog": 0}))
        assert (found["kind"], found["total"], found["backlog"]) == ("address", 1, 0)
        line = api.get(f"/imports/{found['id']}/lines").json()["items"][0]
        assert (line["state"], line["title"]) == ("added", "CastMind samples")
        assert api.get(f"/feeds/{line['feed_id']}").json()["url"] == host.feed_url
        host.play("/feed.xml", Mode.GONE)
        again = imported(api, api.post("/imports", json={"url": f"{host.feed_url}?other"}))
        assert api.get(f"/imports/{again['id']}/lines").json()["items"][0]["error"]["code"] == "feed_not_added"
    assert is_problem(api.post("/imports", json={"url": "gopher://a.example/"}), 422, "bad_address")
    assert is_problem(api.post("/imports/lines/77/choice", json={"urls": ["x"]}), 404, "not_found")
