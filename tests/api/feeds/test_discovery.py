from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from core.domain.accounts.actor import OWNER
from tests.api.conftest import Running, imported, is_problem
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import PodcastHost


@pytest.fixture
def directory(services: Running) -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        services.settings.save(OWNER, "itunes_url", running.url)
        yield running


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 64), "#204080").save(made, "PNG")
    return made.getvalue()


def test_a_show_is_found_by_words_and_subscribed(api: httpx.Client, directory: PodcastDirectory) -> None:
    assert api.get("/discovery").json() == {"directories": ["itunes"]}
    with PodcastHost() as host:
        directory.shows = [
            ("Cats", "A", host.feed_url, f"{directory.url}/cover.png"),
            ("Cats too", "B", f"{host.feed_url}?2", None),
        ]
        directory.pages["/cover.png"] = ("image/png", picture())
        found = api.post("/discovery/search", json={"words": "cats"}).json()["items"]
        assert [(row["title"], row["author"], row["feed_id"]) for row in found] == [("Cats", "A", None), ("Cats too", "B", None)]
        cover = api.get(found[0]["cover"].removeprefix("/api/v1"))
        assert (cover.status_code, cover.headers["content-type"]) == (200, "image/webp")
        other = api.get(found[1]["cover"].removeprefix("/api/v1"))
        assert other.headers["content-type"] == "image/svg+xml" and ">C<" in other.text
        imported(api, api.post("/imports", json={"url": found[0]["url"], "backlog": 0}))
        assert api.post("/discovery/search", json={"words": "cats"}).json()["items"][0]["feed_id"] == 1
        assert [row["url"] for row in api.post("/discovery/page", json={"url": host.feed_url}).json()["items"]] == [host.feed_url]


def test_a_cover_is_fetched_once_and_only_of_what_was_found(api: httpx.Client, directory: PodcastDirectory) -> None:
    assert is_problem(api.get("/discovery/covers/0123456789abcdef"), 404, "not_found")
    directory.shows = [("Cats", "A", "https://a.example/feed", f"{directory.url}/no-picture")]
    path = api.post("/discovery/search", json={"words": "cats"}).json()["items"][0]["cover"].removeprefix("/api/v1")
    assert api.get(path).headers["content-type"] == "image/svg+xml"


def test_a_web_page_elsewhere_cannot_have_words_sent_out(api: httpx.Client, directory: PodcastDirectory) -> None:
    strange = {"Sec-Fetch-Site": "cross-site"}
    assert is_problem(api.post("/discovery/search", json={"words": "cats"}, headers=strange), 403, "forbidden_origin")
    assert api.get("/discovery/search").status_code == 405
    assert directory.asked == []


def test_a_page_that_offers_several_is_asked_about(api: httpx.Client, directory: PodcastDirectory) -> None:
    with PodcastHost() as host:
        links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{host.feed_url}?{n}">' for n in range(2))
        directory.pages["/show"] = ("text/html", links.encode())
        begun = imported(api, api.post("/imports", json={"url": f"{directory.url}/show", "backlog": 0}))
        line = api.get(f"/imports/{begun['id']}/lines").json()["items"][0]
        assert (line["state"], [offer["episodes"] for offer in line["offers"]]) == ("choice", [5, 5])
        done = imported(api, api.post(f"/imports/lines/{line['id']}/choice", json={"urls": [line["offers"][1]["url"]]}))
        assert (done["running"], done["counts"]["added"]) == (False, 1)
        assert [feed["url"] for feed in api.get("/feeds").json()["items"]] == [f"{host.feed_url}?1"]


def test_a_show_that_is_there_at_another_address_is_asked_about(api: httpx.Client) -> None:
    with PodcastHost() as host:
        host.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
        imported(api, api.post("/imports", json={"url": host.feed_url, "backlog": 0}))
        other = f"{host.feed_url}?from=elsewhere"
        assert is_problem(api.post("/feeds", json={"url": other}), 409, "show_subscribed")
        begun = imported(api, api.post("/imports", json={"url": other, "backlog": 0}))
        line = api.get(f"/imports/{begun['id']}/lines").json()["items"][0]
        assert (line["state"], line["error"]["code"], line["offers"][0]["url"]) == ("choice", "show_subscribed", other)
        done = imported(api, api.post(f"/imports/lines/{line['id']}/choice", json={"urls": [other]}))
        assert (done["running"], done["counts"]["added"]) == (False, 1)
        rows = api.get("/feeds").json()["items"]
        assert len(rows) == 2 and len({row["podcast_guid"] for row in rows}) == 1
        assert api.post("/feeds", json={"url": f"{host.feed_url}?third", "anyway": True}).status_code == 201


def test_who_takes_several_forms_of_a_show_means_each(api: httpx.Client, directory: PodcastDirectory) -> None:
    with PodcastHost() as host:
        host.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
        links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{host.feed_url}?{n}">' for n in ("mp3", "opus"))
        directory.pages["/show"] = ("text/html", links.encode())
        begun = imported(api, api.post("/imports", json={"url": f"{directory.url}/show", "backlog": 0}))
        line = api.get(f"/imports/{begun['id']}/lines").json()["items"][0]
        urls = [offer["url"] for offer in line["offers"]]
        done = imported(api, api.post(f"/imports/lines/{line['id']}/choice", json={"urls": urls}))
        assert (done["running"], done["counts"]["added"], done["counts"]["choice"]) == (False, 2, 0)


def test_the_feed_of_a_page_is_asked_about_too(api: httpx.Client, directory: PodcastDirectory) -> None:
    with PodcastHost() as host:
        host.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
        imported(api, api.post("/imports", json={"url": host.feed_url, "backlog": 0}))
        link = f'<link rel="alternate" type="application/rss+xml" href="{host.feed_url}?page">'
        directory.pages["/show"] = ("text/html", link.encode())
        begun = imported(api, api.post("/imports", json={"url": f"{directory.url}/show", "backlog": 0}))
        line = api.get(f"/imports/{begun['id']}/lines").json()["items"][0]
        assert (line["state"], line["offers"][0]["url"]) == ("choice", f"{host.feed_url}?page")


def test_a_file_with_both_addresses_of_a_show_is_taken_at_its_word(api: httpx.Client) -> None:
    with PodcastHost() as host:
        host.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
        lines = "".join(f'<outline type="rss" xmlUrl="{host.feed_url}?{name}"/>' for name in ("one", "two"))
        body = f'<opml version="2.0"><body>{lines}</body></opml>'
        done = imported(api, api.post("/opml", params={"backlog": 0}, content=body))
        assert (done["running"], done["counts"]["added"], done["total"]) == (False, 2, 2)


def test_a_directory_that_is_away_is_a_problem_of_its_own(
    api: httpx.Client, services: Running, directory: PodcastDirectory
) -> None:
    directory.status = 500
    assert is_problem(api.post("/discovery/search", json={"words": "x"}), 503, "directory_unavailable")
    assert is_problem(api.post("/discovery/search", json={"words": "x", "directory": "podcastindex"}), 422, "invalid")
    services.settings.save(OWNER, "itunes_url", "http://127.0.0.1:9")
    assert is_problem(api.post("/discovery/search", json={"words": "x"}), 503, "network_unreachable")


def test_a_secret_is_neither_shown_nor_saved(api: httpx.Client, services: Running) -> None:
    assert is_problem(api.patch("/settings", json={"podcastindex_secret": "s3cret"}), 409, "setting_locked")
    rows = {row["name"]: row for row in api.get("/settings").json()["items"]}
    assert rows["podcastindex_secret"]["value"] == ""
