from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Running, is_problem


def test_a_passage_is_sent_as_a_file_and_kept_nowhere(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    answer = api.get(f"/episodes/{episode['id']}/clip", params={"start": 0.5, "end": 1.5})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert int(answer.headers["content-length"]) == len(answer.content) > 1000
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''en%20short")
    assert list((services.data / "media").iterdir()) == []
    other = api.get(f"/episodes/{episode['id']}/clip", params={"start": 0, "end": 1, "format": "m4a"})
    assert (other.headers["content-type"], other.content[4:8]) == ("audio/mp4", b"ftyp")


def test_what_cannot_be_cut_is_said(api: httpx.Client, episode: dict[str, Any]) -> None:
    url = f"/episodes/{episode['id']}/clip"
    for wrong in (
        {"start": 2, "end": 1},
        {"start": 0, "end": 601},
        {"start": 0, "end": "nan"},
        {"start": 0, "end": 1, "format": "wav"},
    ):
        assert is_problem(api.get(url, params=wrong), 422, "invalid")
    assert is_problem(api.get("/episodes/99/clip", params={"start": 0, "end": 1}), 404, "not_found")
