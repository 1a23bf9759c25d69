"""All feeds read now."""

from __future__ import annotations

import httpx

from tests.api.conftest import Running, is_problem
from tests.fakes.podcast_host import PodcastHost


def test_all_feeds_are_read_now(api: httpx.Client, services: Running) -> None:
    with PodcastHost() as host:
        for n in range(3):
            api.post("/feeds", json={"url": f"{host.feed_url}?n={n}", "backlog": 0})
        host.publish("news.wav", "News", data=b"RIFF news")
        assert api.post("/refreshes").json()["total"] == 3
        services.background.wait(services.background.listing("refresh")[-1].id)
        state = api.get("/refreshes").json()
        assert (state["running"], state["done"], state["new"], state["failed"]) == (False, 3, 3, 0)
        assert api.get("/refreshes").json() == state == api.post("/refreshes/cancel").json()
        assert api.post("/refreshes", json={"feed_ids": [2]}).json()["total"] == 1
        assert is_problem(api.post("/refreshes", json={"feed_ids": [99]}), 404, "not_found")
