from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from tests.api.conftest import SAMPLES, Running, is_problem

WAV = (SAMPLES / "en_short.wav").read_bytes()


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}/audio"


def test_the_whole_file(api: httpx.Client, url: str) -> None:
    answer = api.get(url)
    assert (answer.status_code, answer.content) == (200, WAV)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"].startswith("audio/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''en%20short.wav"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, len(WAV)), ("bytes=-10", len(WAV) - 10, len(WAV)), ("bytes=0-0", 0, 1)],
)
def test_a_range(api: httpx.Client, url: str, wanted: str, start: int, end: int) -> None:
    answer = api.get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, WAV[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(WAV)}"
    assert answer.headers["content-length"] == str(end - start)


def test_a_range_past_the_end(api: httpx.Client, url: str) -> None:
    answer = api.get(url, headers={"Range": f"bytes={len(WAV)}-"})
    assert is_problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(WAV)}"


def test_a_range_of_another_file_gives_the_whole(api: httpx.Client, url: str) -> None:
    etag = api.head(url).headers["etag"]
    assert api.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert api.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).content == WAV
    assert api.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_head_tells_without_sending(api: httpx.Client, url: str) -> None:
    answer = api.head(url)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(WAV)))


def test_a_download_is_named_after_the_episode(api: httpx.Client, url: str, episode: dict[str, Any]) -> None:
    api.patch(f"/episodes/{episode['id']}", json={"title": 'Tea / 茶 "hot"'})
    header = api.get(url, params={"download": True}).headers["content-disposition"]
    assert header == "attachment; filename*=UTF-8''Tea%20%20%20%E8%8C%B6%20%20hot.wav"


def test_audio_that_is_gone(api: httpx.Client, url: str, services: Running, episode: dict[str, Any]) -> None:
    services.library.media(OWNER, episode["id"]).unlink()
    assert is_problem(api.get(url), 404, "media_missing")
    assert is_problem(api.get("/episodes/99/audio"), 404, "not_found")
