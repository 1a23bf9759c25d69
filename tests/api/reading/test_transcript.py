from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window, Word
from core.store.db.sqlite import Database
from core.store.jobs import leases
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem

SEGMENTS = tuple(
    Segment(i, i * 2.0, i * 2.0 + 1.5, f"This is sentence {i}.", words=(Word(i * 2.0, i * 2.0 + 0.5, "This", 0.9),))
    for i in range(40)
)
TRANSCRIPT = Transcript("en", 80.0, SEGMENTS, SpeechEngine("demo"))


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}"


def transcribed(services: Running, url: str) -> None:
    episode_id = int(url.rsplit("/", 1)[1])
    services.store.write(lambda db: transcripts.save(db, episode_id, TRANSCRIPT, now=time.time()))


def test_json_has_segments_and_words(api: httpx.Client, services: Running, url: str) -> None:
    transcribed(services, url)
    body = api.get(f"{url}/transcript").json()
    assert (body["language"], body["duration"], body["partial"], len(body["segments"])) == ("en", 80.0, False, 40)
    assert body["segments"][1] == {
        "id": 1,
        "start": 2.0,
        "end": 3.5,
        "text": "This is sentence 1.",
        "speaker": None,
        "words": [[2.0, 2.5, "This", 0.9]],
    }
    assert "words" not in api.get(f"{url}/transcript", params={"words": False}).json()["segments"][0]


def test_json_is_compressed_only_when_asked_and_sent_once_a_version(api: httpx.Client, services: Running, url: str) -> None:
    transcribed(services, url)
    packed = api.get(f"{url}/transcript", headers={"Accept-Encoding": "gzip"})
    plain = api.get(f"{url}/transcript", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    tag = {"If-None-Match": packed.headers["etag"]}
    assert api.get(f"{url}/transcript", headers=tag).status_code == 304
    assert api.get(f"{url}/transcript", headers=tag, params={"words": False}).status_code == 200
    transcribed(services, url)
    assert api.get(f"{url}/transcript", headers=tag).status_code == 200


def test_what_is_there_is_shown_while_the_rest_is_made(api: httpx.Client, services: Running, url: str) -> None:
    assert api.get(f"{url}/transcript").json()["segments"] == []

    def checkpoint(db: Database) -> None:
        episode_id = int(url.rsplit("/", 1)[1])
        leases.claim(db, Stage.FETCH, now=time.time())
        db.execute("UPDATE jobs SET state = 'done' WHERE stage = 'fetch'")
        job = leases.claim(db, Stage.TRANSCRIBE, now=time.time())
        assert job and job.episode_id == episode_id
        window = Window(0, 0.0, 20.0, "en", SEGMENTS[:10])
        leases.add_checkpoint(db, job, "0", window.to_dict(), now=time.time())

    services.store.write(checkpoint)
    answer = api.get(f"{url}/transcript")
    assert (answer.json()["partial"], len(answer.json()["segments"])) == (True, 10)
    assert answer.headers["cache-control"] == "no-store"


def test_no_transcript_and_none_coming(api: httpx.Client, url: str) -> None:
    api.post(f"{url}/cancel")
    for form in ("json", "txt", "md", "pdf"):
        assert is_problem(api.get(f"{url}/transcript", params={"format": form}), 404, "not_found")
    assert is_problem(api.get("/episodes/99/transcript"), 404, "not_found")
    assert is_problem(api.get(f"{url}/transcript", params={"format": "doc"}), 422, "invalid")


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("txt", "text/plain; charset=utf-8"),
        ("srt", "application/x-subrip; charset=utf-8"),
        ("vtt", "text/vtt; charset=utf-8"),
        ("md", "text/markdown; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("pdf", "application/pdf"),
    ],
)
def test_the_other_formats(api: httpx.Client, services: Running, url: str, form: str, kind: str) -> None:
    transcribed(services, url)
    answer = api.get(f"{url}/transcript", params={"format": form, "download": True})
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''en%20short.{form}"
    if form in ("docx", "pdf"):
        assert answer.content[:2] in (b"PK", b"%P")
    else:
        assert "This is sentence 39." in answer.text


def test_a_file_has_the_name_of_its_episode_and_times_lead_to_this_server(api: httpx.Client, services: Running, url: str) -> None:
    transcribed(services, url)
    assert api.patch(url, json={"title": "第七期：经济"}).status_code == 200
    answer = api.get(f"{url}/transcript", params={"format": "html", "download": True})
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''" + quote("第七期：经济.html")
    page = str(api.base_url).removesuffix("/api/v1/") + "/episode?id=1&amp;t=0"
    assert f'href="{page}"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")


SPOKEN = (
    Spoken(0.0, 70.0, Fate.HEARD),
    Spoken(72.0, 76.0, Fate.UNCLEAR, Why.NO_WORDS),
    Spoken(78.0, 80.0, Fate.DROPPED, Why.LOOP, 1),
)


def with_holes(services: Running, url: str) -> None:
    episode_id = int(url.rsplit("/", 1)[1])
    made = replace(TRANSCRIPT, spoken=SPOKEN, segments=(replace(SEGMENTS[0], language="en"), *SEGMENTS[1:]))
    services.store.write(lambda db: transcripts.save(db, episode_id, made, now=time.time()))
    services.store.write(lambda db: db.execute("UPDATE jobs SET state = 'done'"))


def test_json_says_how_much_of_the_speech_has_words_and_what_has_none(api: httpx.Client, services: Running, url: str) -> None:
    transcribed(services, url)
    assert api.get(f"{url}/transcript").json()["speech"] is None
    assert api.get(url).json()["speech_coverage"] is None
    with_holes(services, url)
    body = api.get(f"{url}/transcript", params={"words": False}).json()
    assert body["speech"] == {
        "share": 0.9211,
        "speech_seconds": 76.0,
        "heard_seconds": 70.0,
        "heard_again_seconds": 0.0,
        "dropped_seconds": 2.0,
        "unclear_seconds": 4.0,
        "spans": [
            {"start": 72.0, "end": 76.0, "fate": "unclear", "why": "no_words"},
            {"start": 78.0, "end": 80.0, "fate": "dropped", "why": "loop", "channel": 1},
        ],
    }
    assert (body["segments"][0]["language"], "language" in body["segments"][1]) == ("en", False)
    assert api.get("/episodes").json()["items"][0]["speech_coverage"] == 0.9211


def test_speech_without_words_is_heard_again_when_asked(api: httpx.Client, services: Running, url: str) -> None:
    with_holes(services, url)
    answer = api.post(f"{url}/hear-again", json={"spans": [{"start": 72.0, "end": 76.0}], "model": "small"})
    assert answer.status_code == 202
    assert {s["name"]: s["state"] for s in answer.json()["stages"]}["transcribe"] == "queued"
    assert api.post(f"{url}/hear-again").status_code == 202
    speech = services.library.speech(OWNER, int(url.rsplit("/", 1)[1]))
    assert speech
    assert [(w.start, w.end, w.model) for w in speech.again] == [(72.0, 76.0, "base"), (78.0, 80.0, "base")]
    cancelled = api.post(f"{url}/cancel", json={"stage": "transcribe"}).json()
    assert {s["name"]: s["state"] for s in cancelled["stages"]}["transcribe"] == "done"


def test_what_cannot_be_heard_again_is_refused(api: httpx.Client, services: Running, url: str) -> None:
    assert is_problem(api.post(f"{url}/hear-again"), 409, "conflict")
    with_holes(services, url)
    wishes: list[dict[str, Any]] = [
        {"spans": []},
        {"spans": [{"start": 72.0, "end": 99.0}]},
        {"spans": [{"start": -1.0, "end": 3.0}]},
        {"spans": [{"start": 72.0, "end": 73.0}] * 201},
        {"model": ""},
    ]
    for wish in wishes:
        assert is_problem(api.post(f"{url}/hear-again", json=wish), 422, "invalid"), wish
    assert is_problem(api.post(f"{url}/hear-again", json={"spans": [{"start": 1.0, "end": 9.0}]}), 409, "conflict")
    assert is_problem(api.post("/episodes/99/hear-again"), 404, "not_found")
