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


def test_audio_that_is_gone(api: httpx.Client, url: str, services: Running, episode: dict[str, Any]) -> None:
    services.library.media(OWNER, episode["id"]).unlink()
    assert is_problem(api.get(url), 404, "media_missing")
    assert is_problem(api.get("/episodes/99/audio"), 404, "not_found")
