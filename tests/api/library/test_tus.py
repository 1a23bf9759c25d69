"""The tus protocol over a real server, asked by tuspy, which is not ours, and by hand where a sender misbehaves."""

from __future__ import annotations

import base64
import io
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from core.api.library import tus
from core.domain.accounts.actor import OWNER
from core.errors import DiskFull
from core.files import partial_files
from core.sources.uploads import resumable
from tests.api.conftest import SAMPLES, Running, is_problem
from tests.running import wait_for

WAV = (SAMPLES / "en_short.wav").read_bytes()
SPOKEN = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def incoming(services: Running) -> Path:
    return services.data / "uploads" / "incoming"


@pytest.fixture
def sender(address: str) -> Callable[..., Uploader]:
    def made(data: bytes = WAV, name: str = "A talk.wav", chunk: int = 100_000, **words: str) -> Uploader:
        client = TusClient(f"{address}/api/v1/uploads")
        uploader: Uploader = client.uploader(file_stream=io.BytesIO(data), chunk_size=chunk, metadata={"filename": name} | words)
        return uploader

    return made


def begin(api: httpx.Client, length: int = len(WAV), **words: str) -> str:
    """Its address."""
    told = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())
    answer = api.post("/uploads", headers={**SPOKEN, "Upload-Length": str(length), "Upload-Metadata": told})
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "0"), answer.text
    return answer.headers["location"].removeprefix("/api/v1")


def patch(api: httpx.Client, place: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    told = {**SPOKEN, "Upload-Offset": str(offset), "Content-Type": tus.BYTES, **headers}
    return api.patch(place, content=data, headers=told)


def look(api: httpx.Client, place: str) -> httpx.Response:
    return api.head(place, headers=SPOKEN)


def offset(api: httpx.Client, place: str) -> int:
    return int(look(api, place).headers["upload-offset"])


def episodes(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/episodes").json()["items"]
    return found


def bytes_of(folder: Path) -> list[Path]:
    return list(folder.glob(f"*{partial_files.PART}"))


# --- as a client of somebody else's does it -----------------------------------------------------------


def test_a_file_in_pieces_becomes_an_episode(
    api: httpx.Client, sender: Callable[..., Uploader], services: Running, incoming: Path
) -> None:
    uploader = sender(title="Ein Gespräch", language="de")
    uploader.upload()
    [episode] = episodes(api)
    assert (episode["title"], episode["language"], episode["source"]) == ("Ein Gespräch", "de", "upload")
    answer = look(api, urlsplit(uploader.url).path.removeprefix("/api/v1"))
    assert (answer.headers["castmind-episode"], answer.headers["castmind-known"]) == (str(episode["id"]), "false")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["upload-length"] == answer.headers["upload-offset"] == str(len(WAV))
    kept = services.store.read().execute("SELECT media_path, bytes FROM episodes").fetchone()
    assert (services.data / kept[0]).read_bytes() == WAV
    assert bytes_of(incoming) == []
    assert api.get("/uploads").json() == {"items": []}


def test_one_too_many_is_told_so(api: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumable, "MOST_UNFINISHED", 2)
    begin(api)
    place = begin(api)
    asked = {**SPOKEN, "Upload-Length": "10"}
    for more in ({}, {"Content-Type": tus.BYTES}):
        assert is_problem(
            api.post("/uploads", headers={**asked, **more}, content=b"RIFF" if more else b""), 429, "too_many_uploads"
        )
    assert api.delete(place, headers=SPOKEN).status_code == 204
    begin(api)


def test_it_goes_on_where_it_stopped(api: httpx.Client, sender: Callable[..., Uploader]) -> None:
    first = sender(chunk=60_000)
    first.upload_chunk()
    first.upload_chunk()
    assert episodes(api) == []
    second = sender(chunk=len(WAV))
    second.set_url(first.url)
    second.offset = second.get_offset()
    assert second.offset == 120_000
    second.upload()
    assert [e["title"] for e in episodes(api)] == ["A talk"]


def test_the_same_bytes_again_are_the_episode_that_has_them(api: httpx.Client, sender: Callable[..., Uploader]) -> None:
    for name in ("one.wav", "two.wav"):
        uploader = sender(name=name)
        uploader.upload()
    [episode] = episodes(api)
    assert episode["title"] == "one"
    answer = look(api, urlsplit(uploader.url).path.removeprefix("/api/v1"))
    assert (answer.headers["castmind-episode"], answer.headers["castmind-known"]) == (str(episode["id"]), "true")


def test_what_is_no_audio_is_refused_at_its_head_and_nothing_is_kept(sender: Callable[..., Uploader], incoming: Path) -> None:
    uploader = sender(b"Dear diary, this is no audio. " * 10_000, chunk=10_000)
    with pytest.raises(TusUploadFailed) as refused:
        uploader.upload_chunk()
    assert refused.value.status_code == 415
    assert b"not audio or video but text" in refused.value.response_content
    assert list(incoming.iterdir()) == []


def test_what_only_looks_like_audio_is_refused_when_it_is_whole(sender: Callable[..., Uploader], incoming: Path) -> None:
    with pytest.raises(TusUploadFailed) as refused:
        sender(b"ID3\x04" + os.urandom(50_000)).upload()
    assert refused.value.status_code == 415
    assert list(incoming.iterdir()) == []


def test_a_cancelled_upload_leaves_nothing(api: httpx.Client, sender: Callable[..., Uploader], incoming: Path) -> None:
    uploader = sender(chunk=50_000)
    uploader.upload_chunk()
    place = urlsplit(uploader.url).path.removeprefix("/api/v1")
    assert api.delete(place, headers=SPOKEN).status_code == 204
    assert list(incoming.iterdir()) == []
    assert look(api, place).status_code == 404
    with pytest.raises(TusCommunicationError):
        uploader.get_offset()


# --- by hand --------------------------------------------------------------------------------------


def test_what_is_spoken_here(api: httpx.Client, services: Running) -> None:
    answer = api.options("/uploads")
    assert answer.status_code == 204
    assert (answer.headers["tus-version"], answer.headers["tus-max-size"]) == ("1.0.0", str(20 * 10**9))
    assert "creation" in answer.headers["tus-extension"].split(",")
    refused = api.post("/uploads", headers={"Upload-Length": "10"})
    assert (refused.status_code, refused.headers["tus-version"]) == (412, "1.0.0")


def test_the_first_bytes_may_come_with_the_beginning(api: httpx.Client) -> None:
    headers = {**SPOKEN, "Upload-Length": str(len(WAV)), "Content-Type": tus.BYTES}
    begun = api.post("/uploads", content=WAV[:70_000], headers=headers)
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "70000")
    assert patch(api, begun.headers["location"].removeprefix("/api/v1"), 70_000, WAV[70_000:]).status_code == 204
    whole = api.post("/uploads", content=WAV, headers=headers)
    assert (whole.status_code, whole.headers["castmind-known"]) == (201, "true")


def test_bytes_for_another_place_are_not_taken(api: httpx.Client) -> None:
    place = begin(api)
    patch(api, place, 0, WAV[:1000])
    for wrong in (0, 999, 1001, len(WAV)):
        assert is_problem(patch(api, place, wrong, WAV[1000:2000]), 409, "conflict")
    assert offset(api, place) == 1000
    assert patch(api, place, 1000, WAV[1000:], **{"Content-Type": "audio/wav"}).status_code == 415
    assert offset(api, place) == 1000


def test_more_bytes_than_announced_are_not_taken(api: httpx.Client) -> None:
    place = begin(api, length=100_000)
    assert is_problem(patch(api, place, 0, WAV[:100_001]), 422, "invalid")
    assert offset(api, place) <= 100_000
    assert episodes(api) == []


@pytest.mark.parametrize("upload_id", ["0" * 32, "..%2f..%2fcastmind.db", "A" * 32, "x"])
def test_an_upload_that_is_not_there(api: httpx.Client, upload_id: str) -> None:
    assert look(api, f"/uploads/{upload_id}").status_code == 404
    assert patch(api, f"/uploads/{upload_id}", 0, b"").status_code == 404
    assert api.delete(f"/uploads/{upload_id}", headers=SPOKEN).status_code == 404


@pytest.mark.parametrize("words", ["filename ????", "a b c", "filename /w==", ",".join(f"k{n} YQ==" for n in range(50))])
def test_words_that_cannot_be_read_are_refused(api: httpx.Client, incoming: Path, words: str) -> None:
    answer = api.post("/uploads", headers={**SPOKEN, "Upload-Length": "9", "Upload-Metadata": words})
    assert is_problem(answer, 422, "invalid")
    assert not incoming.exists()


def test_empty_too_large_and_no_room(api: httpx.Client, services: Running, incoming: Path) -> None:
    def refused(length: int) -> httpx.Response:
        return api.post("/uploads", headers={**SPOKEN, "Upload-Length": str(length)})

    assert is_problem(refused(0), 422, "empty_upload")
    assert is_problem(refused(20 * 10**9 + 1), 413, "too_large")
    services.settings.save(OWNER, "max_upload_gb", 1e9)
    assert is_problem(refused(10**17), 507, "disk_full")
    assert list(incoming.iterdir()) == []


def test_a_disk_that_becomes_full_keeps_what_came(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    place = begin(api)
    assert patch(api, place, 0, WAV[:50_000]).status_code == 204

    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(partial_files, "check_space", full)
    assert is_problem(patch(api, place, 50_000, WAV[50_000:]), 507, "disk_full")
    monkeypatch.undo()
    assert offset(api, place) == 50_000
    assert patch(api, place, 50_000, WAV[50_000:]).headers["castmind-known"] == "false"


def half_sent(address: str, place: str, at: int, data: bytes) -> socket.socket:
    """A PATCH that announces all of the file and stops after `data`."""
    url = urlsplit(address)
    head = (
        f"PATCH /api/v1{place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nContent-Type: {tus.BYTES}\r\n"
        f"Upload-Offset: {at}\r\nContent-Length: {len(WAV) - at}\r\n\r\n"
    )
    line = socket.create_connection((url.hostname or "", url.port or 0))
    line.sendall(head.encode() + data)
    return line


def test_a_connection_that_breaks_keeps_what_came(api: httpx.Client, address: str, incoming: Path) -> None:
    place = begin(api)
    with half_sent(address, place, 0, WAV[:123_456]):
        wait_for(lambda: api.get("/uploads").json()["items"][0]["active"])
    wait_for(lambda: not api.get("/uploads").json()["items"][0]["active"])
    assert offset(api, place) == 123_456
    assert patch(api, place, 123_456, WAV[123_456:]).status_code == 204
    assert len(episodes(api)) == 1


def test_a_newcomer_takes_over_from_a_connection_that_is_dead(api: httpx.Client, address: str) -> None:
    place = begin(api)
    with half_sent(address, place, 0, WAV[:100_000]) as dead:
        wait_for(lambda: api.get("/uploads").json()["items"][0]["active"])
        assert 0 <= offset(api, place) <= 100_000
        at = offset(api, place)
        assert patch(api, place, at, WAV[at:]).status_code == 204
        assert b" 409 " in dead.recv(1000).partition(b"\r\n")[0]
    assert len(episodes(api)) == 1


def test_a_look_that_was_given_up_takes_nothing_over(api: httpx.Client, address: str, services: Running) -> None:
    """As by a page that aborted it, on a server that handles it late."""
    place = begin(api)
    url = urlsplit(address)
    turns = services.ingest.resumable.turns
    with half_sent(address, place, 0, WAV[:100_000]) as alive:
        wait_for(lambda: api.get("/uploads").json()["items"][0]["active"])
        for _ in range(20):
            with socket.create_connection((url.hostname or "", url.port or 0)) as gone:
                gone.sendall(f"HEAD /api/v1{place} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n\r\n".encode())
        assert turns.taken(place.rpartition("/")[2])
        alive.sendall(WAV[100_000:])
        assert b" 204 " in alive.recv(1000).partition(b"\r\n")[0]
    assert len(episodes(api)) == 1


def test_the_unfinished_ones_are_told_of(api: httpx.Client) -> None:
    place = begin(api, filename="../a talk.wav", fingerprint="a talk.wav|1|2")
    patch(api, place, 0, WAV[:5000])
    [row] = api.get("/uploads").json()["items"]
    assert place.endswith(row["id"])
    assert (row["filename"], row["fingerprint"], row["active"]) == ("a talk.wav", "a talk.wav|1|2", False)
    assert (row["offset"], row["length"]) == (5000, len(WAV))
    assert row["created_at"] < row["expires_at"]


def test_a_whole_upload_whose_answer_was_lost_is_taken_in_when_asked_for(
    api: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begin(api)

    def stumbles(*_: object) -> None:
        raise RuntimeError("the power goes off here")

    with monkeypatch.context() as patched:
        patched.setattr(type(services.ingest), "finish_upload", stumbles)
        # In a connection of its own: a server closes the one in which it failed.
        with httpx.Client(base_url=api.base_url, timeout=30) as once:
            assert patch(once, place, 0, WAV).status_code == 500
    assert episodes(api) == []
    assert look(api, place).headers["castmind-known"] == "false"
    assert len(episodes(api)) == 1
    # Sent once more by somebody who heard nothing at all.
    again = patch(api, place, len(WAV), b"")
    assert (again.status_code, again.headers["castmind-known"]) == (204, "false")


def test_the_client_of_the_pages_is_served(api: httpx.Client) -> None:
    answer = api.get("/uploads/client.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "Tus-Resumable" in answer.text


def test_pages_of_other_websites_begin_nothing(api: httpx.Client) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = api.post("/uploads", headers={**SPOKEN, "Upload-Length": "10", **headers})
        assert is_problem(answer, 403, "forbidden_origin")
