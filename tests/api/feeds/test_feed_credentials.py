"""Credentials of private feeds over HTTP: they come in, and no answer, error or description has them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api.conftest import is_problem
from tests.fakes.podcast_host import PodcastHost

SECRET = "horse-staple"
SAID = "Basic YW5uYTpob3JzZS1zdGFwbGU="


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.ask_for("Authorization", SAID)
        yield running


def test_a_private_feed_is_added_changed_and_made_public_again(api: httpx.Client, host: PodcastHost) -> None:
    assert is_problem(api.post("/feeds", json={"url": host.feed_url}), 422, "access_refused")
    access = {"user": "anna", "password": SECRET}
    added = api.post("/feeds", json={"url": host.feed_url, "access": access})
    assert (added.status_code, added.json()["access"]) == (201, "password")
    url = f"/feeds/{added.json()['id']}"
    assert api.patch(url, json={"access": {"user": "anna", "hosts": ["cdn.example"]}}).json()["access"] == "password"
    assert api.post(f"{url}/refresh").json()["error"] is None
    assert api.patch(url, json={"title": "Mine"}).json()["access"] == "password"
    assert api.patch(url, json={"access": None}).json()["access"] is None
    assert "credentials" in api.post(f"{url}/refresh").json()["error"]
    assert api.get("/feeds").json()["items"][0]["access"] is None


def test_no_answer_has_a_secret(api: httpx.Client, host: PodcastHost) -> None:
    own = host.feed_url.replace("http://", f"http://anna:{SECRET}@")
    said = [api.post("/feeds", json={"url": own}).text]
    feed_id = api.get("/feeds").json()["items"][0]["id"]
    for wrong in (
        {"password": {"is": SECRET}},
        {"password": SECRET, "token": SECRET},
        {"headers": {"Host": SECRET}},
        {"headers": SECRET},
        {"user": f"{SECRET}:"},
        {"hosts": [f"https://anna:{SECRET}@cdn.example"]},
        {SECRET: "x"},
    ):
        for answer in (
            api.patch(f"/feeds/{feed_id}", json={"access": wrong}),
            api.post("/feeds", json={"url": own, "access": wrong}),
        ):
            assert answer.status_code in (422, 409)
            said += [answer.text] if SECRET not in wrong else []
    said += [api.get(path).text for path in ("/feeds", f"/feeds/{feed_id}", "/episodes", "/openapi.json", "/opml?keys=true")]
    said.append(api.post(f"/feeds/{feed_id}/refresh").text)
    assert SECRET not in "".join(said) and "anna" not in "".join(said)
