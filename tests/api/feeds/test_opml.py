from __future__ import annotations

import httpx

from core.domain.feeds.imports import Outline
from core.sources import opml
from tests.api.conftest import imported, is_problem
from tests.fakes.podcast_host import PodcastHost


def test_feeds_move_in_and_out(api: httpx.Client) -> None:
    with PodcastHost() as host:
        urls = [f"{host.feed_url}?n=1", f"{host.feed_url}?token=s3cret", f"{host.url}/nowhere"]
        body = opml.write([Outline(url, f"Show {n}") for n, url in enumerate(urls)], title="Mine", now=0.0)
        begun = api.post("/opml", content=body, params={"name": "mine.opml", "backlog": 1})
        assert begun.status_code == 202, begun.text
        own = begun.headers["location"].removeprefix("/api/v1")
        found = imported(api, begun)
        assert (found["name"], found["running"], found["total"], found["backlog"]) == ("mine.opml", False, 3, 1)
        assert (found["counts"]["added"], found["counts"]["failed"]) == (2, 1)
        assert api.get("/imports").json()["items"] == [found]
        failed = api.get(f"{own}/lines", params={"state": "failed"}).json()["items"]
        assert [(line["number"], line["url"], line["error"]["code"]) for line in failed] == [(3, urls[2], "feed_not_added")]
        report = api.get(f"{own}/report")
        assert report.headers["content-type"].startswith("text/csv")
        assert ("s3cret" not in report.text, "status 404" in report.text) == (True, True)
        assert [f.url for f in opml.read(api.get(f"{own}/failed").content).feeds] == [urls[2]]
        assert len(api.get("/episodes", params={"state": "queued"}).json()["items"]) == 2
        assert imported(api, api.post(f"{own}/retry"))["counts"]["failed"] == 1
        assert is_problem(api.post(f"{own}/cancel"), 409, "conflict")
    told = api.get("/opml")
    assert told.headers["castmind-left-out"] == "1"
    assert "filename*=" in told.headers["content-disposition"]
    assert [f.url for f in opml.read(told.content).feeds] == urls[:1]
    assert {f.url for f in opml.read(api.get("/opml", params={"keys": True}).content).feeds} == set(urls[:2])
    assert api.delete(own).status_code == 204
    assert is_problem(api.get(own), 404, "not_found")


def test_what_is_no_list_of_feeds_is_refused(api: httpx.Client) -> None:
    assert is_problem(api.post("/opml", content=b"hello"), 422, "not_opml")
    assert is_problem(api.post("/opml", content=b" " * 10_000_001), 413, "too_large")
    assert is_problem(api.post("/opml", params={"backlog": -1}, content=b"x"), 422, "invalid")
    assert api.get("/imports").json() == {"items": []}


def test_folders_come_in_are_changed_and_go_out(api: httpx.Client) -> None:
    with PodcastHost() as host:
        urls = [f"{host.feed_url}?n={n}" for n in range(5)]
        there = api.post("/feeds", json={"url": urls[0], "backlog": 0}).json()
        mine = api.post("/feeds", json={"url": urls[1], "backlog": 0, "folder": " Mine / own"}).json()
        assert (there["folder"], mine["folder"]) == ("", "Mine/own")
        of_file = ["News/Tech", "News", "AC∕DC", "", "News/Tech"]
        feeds = [Outline(url, folder=folder) for url, folder in zip(urls, of_file, strict=True)]
        begun = api.post("/opml", content=opml.write([*feeds, Outline(f"{host.url}/nowhere", folder="Lost")], title="x", now=0.0))
        own = begun.headers["location"].removeprefix("/api/v1")
        imported(api, begun)
        lines = api.get(f"{own}/lines").json()["items"]
        assert {line["url"]: line["folder"] for line in lines} == {
            **dict(zip(urls, of_file, strict=True)),
            f"{host.url}/nowhere": "Lost",
        }
        assert opml.read(api.get(f"{own}/failed").content).feeds[0].folder == "Lost"
    now = {feed["url"]: feed for feed in api.get("/feeds").json()["items"]}
    # One that was there without a folder is sorted in, one that had its own keeps it.
    assert [now[url]["folder"] for url in urls] == ["News/Tech", "Mine/own", "AC∕DC", "", "News/Tech"]
    changed = api.patch(f"/feeds/{now[urls[3]]['id']}", json={"folder": "/Late//Night/\u0000"}).json()
    assert (changed["folder"], changed["title"]) == ("Late/Night", now[urls[3]]["title"])
    assert api.patch(f"/feeds/{mine['id']}", json={"title": "Other"}).json()["folder"] == "Mine/own"
    assert api.patch(f"/feeds/{mine['id']}", json={"folder": ""}).json()["folder"] == ""
    assert is_problem(api.patch(f"/feeds/{mine['id']}", json={"folder": "x" * 1001}), 422, "invalid")
    told = opml.read(api.get("/opml").content)
    assert {feed.url: feed.folder for feed in told.feeds} == dict(
        zip(urls, ["News/Tech", "", "AC∕DC", "Late/Night", "News/Tech"], strict=True)
    )
