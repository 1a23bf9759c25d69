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


def test_a_feed_has_a_cover(api: httpx.Client) -> None:
    with PodcastHost() as host:
        feed = api.post("/feeds", json={"url": host.feed_url, "backlog": 0}).json()
    cover = api.get(f"/feeds/{feed['id']}/cover")
    assert (cover.status_code, cover.headers["content-type"]) == (200, "image/svg+xml")
    assert ">C<" in cover.text
    assert is_problem(api.get("/feeds/99/cover"), 404, "not_found")


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


def test_a_feeds_address_is_changed_and_what_is_odd_about_it_is_said(api: httpx.Client) -> None:
    with PodcastHost() as host, PodcastHost() as other:
        feed = api.post("/feeds", json={"url": host.feed_url, "backlog": 0}).json()
        url = f"/feeds/{feed['id']}"
        assert (feed["former_url"], feed["turned_away"], feed["offered"]) == (None, False, [])
        assert [remark["code"] for remark in feed["remarks"]] == ["silent"], "the newest sample is old"
        assert is_problem(api.patch(url, json={"url": f"{other.url}/nowhere"}), 422, "address_not_changed")
        assert is_problem(api.patch(url, json={"url": "file:///etc/passwd"}), 422, "bad_address")
        assert is_problem(api.patch(url, json={"url": ""}), 422, "invalid")
        changed = api.patch(url, json={"url": other.feed_url, "title": "Mine"}).json()
        assert (changed["url"], changed["former_url"], changed["title"]) == (other.feed_url, host.feed_url, "Mine")
        assert changed["episodes"] == feed["episodes"]
        second = api.post("/feeds", json={"url": host.feed_url, "backlog": 0}).json()
        assert is_problem(api.patch(url, json={"url": host.feed_url}), 409, "address_taken")
        assert is_problem(api.post(f"{url}/address/undo"), 409, "address_taken")
        api.delete(f"/feeds/{second['id']}")
        assert api.post(f"{url}/address/undo").json()["url"] == host.feed_url
        host.serve_feed("<rss><channel><title>A</title><item><title>Text</title></item></channel></rss>")
        assert [remark["code"] for remark in api.post(f"{url}/refresh").json()["remarks"]] == ["no_audio"]
        host.ask_for("User-Agent", "nobody's", status=403)
        turned_away = api.post(f"{url}/refresh").json()
        assert (turned_away["turned_away"], turned_away["error_code"]) == (True, "feed_forbidden")
        assert api.post(f"{url}/another-agent").json()["access"] == "agent"
        assert is_problem(api.post("/feeds/99/another-agent"), 404, "not_found")
