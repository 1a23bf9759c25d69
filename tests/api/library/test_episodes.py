from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from core.domain.jobs.job import State
from tests.api.conftest import SAMPLES, Running, is_problem

WAV = (SAMPLES / "en_short.wav").read_bytes()


def send(api: httpx.Client, data: bytes, name: str = "a.wav", **fields: str) -> httpx.Response:
    return api.post("/episodes", files={"file": (name, data, "application/octet-stream")}, data=fields)


def parts(services: Running) -> list[Path]:
    return list(services.data.rglob("*.part"))


def test_an_upload_becomes_an_episode_with_all_its_stages(api: httpx.Client) -> None:
    answer = send(api, WAV, "A talk.wav", language="en")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["title"], body["source"], body["language"], body["state"]) == ("A talk", "upload", "en", "queued")
    assert [s["name"] for s in body["stages"]] == ["fetch", "transcribe", "summarise", "publish"]
    assert all({"name", "state", "progress", "error", "detail"} <= s.keys() for s in body["stages"])
    assert answer.headers["location"] == f"/api/v1/episodes/{body['id']}"
    assert api.get(f"/episodes/{body['id']}").json() == body


def test_the_same_bytes_again_give_the_episode_that_has_them(api: httpx.Client, services: Running) -> None:
    first = send(api, WAV).json()
    again = send(api, WAV, "other name.wav")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert parts(services) == []


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [(b"Dear diary, this is no audio. " * 50, 415, "not_audio"), (b"", 422, "empty_upload")],
)
def test_what_is_no_audio_is_refused_and_nothing_is_kept(
    api: httpx.Client, services: Running, data: bytes, status: int, code: str
) -> None:
    assert is_problem(send(api, data), status, code)
    assert parts(services) == []
    assert api.get("/episodes").json() == {"items": [], "next_cursor": None}


def test_a_body_that_is_no_form_is_refused(api: httpx.Client) -> None:
    assert is_problem(api.post("/episodes", json={"file": "x"}), 422, "invalid")


def test_a_client_that_goes_away_leaves_no_part(address: str, services: Running, api: httpx.Client) -> None:
    url = urlsplit(address)
    head = (
        "POST /api/v1/episodes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000000\r\n"
        "Content-Type: multipart/form-data; boundary=B\r\n\r\n"
        '--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    )
    with socket.create_connection((url.hostname or "", url.port or 0)) as line:
        line.sendall(head.encode() + WAV)
        while not parts(services):
            pass_the_time(api)
    while parts(services):
        pass_the_time(api)
    assert api.get("/episodes").json()["items"] == []


def pass_the_time(api: httpx.Client) -> None:
    """Each answer means that the server's loop went round."""
    assert api.get("/episodes").status_code == 200


def test_the_listing_pages_and_filters(api: httpx.Client) -> None:
    for name in ("en_short.wav", "silence.wav", "en_meeting.m4a"):
        assert send(api, (SAMPLES / name).read_bytes(), name).status_code == 201
    first = api.get("/episodes", params={"limit": 2}).json()
    rest = api.get("/episodes", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    assert len({e["id"] for e in first["items"] + rest["items"]}) == 3
    assert [e["title"] for e in api.get("/episodes", params={"q": "silen"}).json()["items"]] == ["silence"]
    assert api.get("/episodes", params={"state": "done"}).json()["items"] == []
    assert len(api.get("/episodes", params={"state": "queued"}).json()["items"]) == 3
    assert is_problem(api.get("/episodes", params={"cursor": "made up"}), 422, "invalid")
    assert is_problem(api.get("/episodes", params={"state": "happy"}), 422, "invalid")


def test_a_change_touches_only_what_it_names(api: httpx.Client, episode: dict[str, Any]) -> None:
    url = f"/episodes/{episode['id']}"
    assert api.patch(url, json={"language": "en", "title": "New"}).json()["title"] == "New"
    assert api.patch(url, json={"notes_language": "zh"}).json()["language"] == "en"
    assert api.patch(url, json={"language": None}).json()["language"] is None
    assert is_problem(api.patch(url, json={"sha256": "0"}), 422, "invalid")
    assert is_problem(api.patch(url, json={"title": None}), 422, "invalid")


def test_a_deleted_episode_is_gone_with_its_audio(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    assert api.delete(f"/episodes/{episode['id']}").status_code == 204
    assert api.get(f"/episodes/{episode['id']}").json()["deleted_at"]
    assert [e["id"] for e in api.get("/episodes", params={"deleted": True}).json()["items"]] == [episode["id"]]
    assert api.get("/episodes").json()["items"] == []
    assert api.post(f"/episodes/{episode['id']}/restore").json()["deleted_at"] is None
    assert api.delete(f"/episodes/{episode['id']}", params={"now": True}).status_code == 204
    assert is_problem(api.get(f"/episodes/{episode['id']}"), 404, "not_found")
    assert is_problem(api.delete(f"/episodes/{episode['id']}"), 404, "not_found")
    assert [p for p in (services.data / "uploads").rglob("*") if p.is_file()] == []


def test_cancel_and_retry(api: httpx.Client, episode: dict[str, Any]) -> None:
    url = f"/episodes/{episode['id']}"
    assert api.post(f"{url}/cancel").json()["state"] == "cancelled"
    assert is_problem(api.post(f"{url}/cancel"), 409, "conflict")
    retried = api.post(f"{url}/retry", json={"stage": "summarise"}).json()
    assert {s["name"]: s["state"] for s in retried["stages"]} == {
        "fetch": "cancelled",
        "transcribe": "cancelled",
        "summarise": "queued",
        "publish": "queued",
    }
    assert api.post(f"{url}/retry").json()["state"] == "queued"
    assert is_problem(api.post(f"{url}/retry", json={"stage": "brew"}), 422, "invalid")


def test_an_address_is_imported(api: httpx.Client) -> None:
    answer = api.post("/episodes/import", json={"url": "https://podcast.example/talk.mp3"})
    assert (answer.status_code, answer.json()["source"]) == (201, "address")
    assert is_problem(api.post("/episodes/import", json={"url": "file:///etc/passwd"}), 422, "bad_address")


def test_the_queue_can_be_read_and_changed(api: httpx.Client, episode: dict[str, Any]) -> None:
    queue = api.get("/jobs", params=[("state", "queued"), ("state", "running")]).json()
    assert [j["stage"] for j in queue["items"]] == ["fetch", "transcribe", "summarise", "publish"]
    assert queue["counts"] == {State.QUEUED.value: 4}
    assert {j["title"] for j in queue["items"]} == {episode["title"]}
    job = queue["items"][1]["id"]
    assert api.post(f"/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert is_problem(api.post(f"/jobs/{job}/cancel"), 409, "conflict")
    assert api.post(f"/jobs/{job}/retry").json()["state"] == "queued"
    assert is_problem(api.get("/jobs/99"), 404, "not_found")


def test_audio_is_fetched_anew_and_left(api: httpx.Client) -> None:
    number = send(api, WAV).json()["id"]
    assert is_problem(api.post(f"/episodes/{number}/fetch-anew"), 409, "conflict")
    assert is_problem(api.post("/episodes/999/fetch-anew"), 404, "not_found")
    added = api.post("/episodes/import", json={"url": "https://127.0.0.1:9/a.mp3"}).json()
    asked = api.post(f"/episodes/{added['id']}/fetch-anew")
    assert (asked.status_code, bool(asked.json()["fetch_anew_at"])) == (202, True)
    left = api.post(f"/episodes/{added['id']}/leave-audio").json()
    assert (left["fetch_anew_at"], left["audio_replaced_at"]) == (None, None)
