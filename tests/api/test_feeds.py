from __future__ import annotations

import httpx

from tests.api.conftest import is_problem
from tests.fakes.podcast_host import PodcastHost


def test_a_feed_is_subscribed_changed_refreshed_and_removed(api: httpx.Client) -> None:
    with PodcastHost() as host:
        added = api.post("/feeds", json={"url": host.feed_url, "backlog": 1})
        assert added.status_code == 201, added.text
        feed = added.json()
        assert (feed["url"], feed["backlog"], feed["episodes"] > 1) == (host.feed_url, 1, True)
        assert is_problem(api.post("/feeds", json={"url": host.feed_url}), 409, "conflict")
        assert len(api.get("/episodes", params={"feed_id": feed["id"]}).json()["items"]) == feed["episodes"]
        assert len(api.get("/episodes", params={"state": "queued"}).json()["items"]) == 1
        url = f"/feeds/{feed['id']}"
        changed = api.patch(url, json={"title": "Mine", "auto_transcribe": False}).json()
        assert (changed["title"], changed["auto_transcribe"], changed["backlog"]) == ("Mine", False, 1)
        host.publish("news.wav", "News", data=b"RIFF news")
        assert api.post(f"{url}/refresh").json()["episodes"] == feed["episodes"] + 1
    assert api.delete(url, params={"episodes": True}).status_code == 204
    assert api.get("/feeds").json() == {"items": []}
    assert api.get("/episodes").json()["items"] == []
    assert is_problem(api.get(url), 404, "not_found")


def test_what_is_no_feed_is_not_kept(api: httpx.Client) -> None:
    with PodcastHost() as host:
        assert is_problem(api.post("/feeds", json={"url": host.audio_url("en_short.wav")}), 422, "not_a_feed")
    assert is_problem(api.post("/feeds", json={"url": "http://10.0.0.1/feed"}), 422, "bad_address")
    assert is_problem(api.post("/feeds", json={"url": "https://a.example/", "backlog": -1}), 422, "invalid")
    assert api.get("/feeds").json() == {"items": []}


def test_keys_of_private_feeds_stay_out_of_episodes(api: httpx.Client) -> None:
    with PodcastHost() as host:
        api.post("/feeds", json={"url": host.feed_url})
        assert host.url not in api.get("/episodes").text.replace(f"{host.url}/cover", "")
