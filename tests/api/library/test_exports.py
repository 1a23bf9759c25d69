from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import httpx

from core.domain.accounts.actor import OWNER
from core.services.library.bulk_task import BulkTasks
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem
from tests.api.reading.test_transcript import TRANSCRIPT


def transcribed(services: Running, episode: dict[str, Any]) -> int:
    services.store.write(lambda db: transcripts.save(db, episode["id"], TRANSCRIPT, now=time.time()))
    return int(episode["id"])


def names(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''CastMind%20")
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    return found.namelist()


def test_a_selection_comes_as_a_zip(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    chosen = transcribed(services, episode)
    answer = api.post("/exports", json={"episode_ids": [chosen], "formats": ["md", "docx"]})
    assert names(answer) == ["en short.md", "en short.docx"]
    assert "content-length" not in answer.headers


def test_a_link_gives_the_same(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    chosen = transcribed(services, episode)
    assert names(api.get("/exports", params={"ids": str(chosen), "formats": "srt,vtt"})) == ["en short.srt", "en short.vtt"]


def test_a_large_one_is_made_in_the_background(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    transcribed(services, episode)
    begun = api.post("/bundles", json={"filter": {}, "formats": ["md", "json"]})
    assert begun.status_code == 202
    number = begun.json()["id"]
    services.background.wait(number)
    told = api.get(f"/bundles/{number}").json()
    assert (told["state"], told["done"], told["exported"]) == ("done", 1, 1)
    answer = httpx.get(f"{str(api.base_url).split('/api')[0]}{told['file']}")
    assert names(answer) == ["en short.md", "en short.json"]
    assert api.get(f"/bundles/{number}/file", headers={"Range": "bytes=0-1"}).content == b"PK"
    assert api.delete(f"/bundles/{number}").status_code == 204
    assert is_problem(api.get(f"/bundles/{number}/file"), 404, "not_found")
    other = BulkTasks(services.background).begin(OWNER, "star", [1]).id
    assert is_problem(api.get(f"/bundles/{other}"), 404, "not_found")
    for body in ({"formats": ["md"]}, {"filter": {}, "episode_ids": [1], "formats": ["md"]}, {"filter": {}, "formats": []}):
        assert is_problem(api.post("/bundles", json=body), 422, "invalid")


def test_what_does_not_fit_is_a_problem_and_no_zip(api: httpx.Client, episode: dict[str, Any]) -> None:
    for body in (
        {"episode_ids": [], "formats": ["md"]},
        {"episode_ids": [1], "formats": []},
        {"episode_ids": [1], "formats": ["exe"]},
    ):
        assert is_problem(api.post("/exports", json=body), 422, "invalid")
    assert is_problem(api.post("/exports", json={"episode_ids": [99], "formats": ["md"]}), 404, "not_found")
    assert is_problem(api.get("/exports", params={"ids": "1,x"}), 422, "invalid")
    assert is_problem(api.get("/exports", params={"ids": "1", "formats": "exe"}), 422, "invalid")
