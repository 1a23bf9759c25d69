"""A file that is sent, with and without Range."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import SAMPLES, is_problem

WAV = (SAMPLES / "en_short.wav").read_bytes()


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}/audio"


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
