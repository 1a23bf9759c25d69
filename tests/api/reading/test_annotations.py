from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem

TALK = Transcript(
    "en", 9.0, (Segment(0, 0.0, 2.0, "The catt sat.", "A"), Segment(1, 2.0, 4.0, "It slept.", "B")), SpeechEngine("demo")
)


@pytest.fixture
def url(services: Running, episode: dict[str, Any]) -> str:
    number = episode["id"]
    services.store.write(lambda db: transcripts.save(db, number, TALK, now=5.0))
    return f"/episodes/{number}"


def test_a_sentence_is_edited_undone_and_done_again(api: httpx.Client, url: str) -> None:
    before = api.get(f"{url}/transcript").headers["etag"]
    segment = api.patch(f"{url}/transcript/segments/0", json={"text": "The cat sat.", "expected": "The catt sat."}).json()
    assert (segment["text"], segment["original"]) == ("The cat sat.", "The catt sat.")
    answer = api.get(f"{url}/transcript", headers={"If-None-Match": before})
    assert (answer.status_code, answer.json()["segments"][0]["text"]) == (200, "The cat sat.")
    late = api.patch(f"{url}/transcript/segments/0", json={"text": "x", "expected": "The catt sat."})
    assert is_problem(late, 409, "conflict")
    assert late.json()["params"]["text"] == "The cat sat."
    (edit,) = api.get(f"{url}/edits").json()["items"]
    assert (edit["before"], edit["after"]) == ({"text": "The catt sat."}, {"text": "The cat sat."})
    assert api.post(f"{url}/edits/undo", json={"edit_id": edit["id"]}).json()["undone"] is True
    assert api.post(f"{url}/edits/redo").json()["undone"] is False
    assert is_problem(api.post(f"{url}/edits/redo"), 409, "conflict")
    assert is_problem(api.patch(f"{url}/transcript/segments/0", json={"text": " "}), 422, "invalid")
    assert is_problem(api.get("/episodes/99/edits"), 404, "not_found")


def test_speakers_are_listed_and_merged(api: httpx.Client, url: str) -> None:
    assert [s["name"] for s in api.get(f"{url}/speakers").json()["items"]] == ["A", "B"]
    merged = api.post(f"{url}/speakers/rename", json={"name": "B", "new": "A"}).json()["items"]
    assert merged == [{"name": "A", "segments": 2, "seconds": 4.0}]


def test_a_highlight_comes_changes_and_goes(api: httpx.Client, url: str) -> None:
    place = {"start_segment": 0, "start_offset": 4, "end_segment": 1, "end_offset": 2}
    answer = api.post(f"{url}/highlights", json={**place, "colour": "blue", "remark": "喵"})
    made = answer.json()
    assert (answer.status_code, made["quote"], made["colour"], made["remark"]) == (201, "catt sat. It", "blue", "喵")
    changed = api.patch(f"/highlights/{made['id']}", json={"remark": "", "version": made["version"]}).json()
    assert (changed["remark"], changed["colour"]) == ("", "blue")
    assert is_problem(
        api.patch(f"/highlights/{made['id']}", json={"colour": "pink", "version": made["version"]}), 409, "conflict"
    )
    assert is_problem(api.post(f"{url}/highlights", json={**place, "colour": "black"}), 422, "invalid")
    assert is_problem(api.post(f"{url}/highlights", json={**place, "end_segment": 7}), 422, "invalid")
    assert api.get(f"{url}/highlights").json()["items"] == [changed]
    assert api.delete(f"/highlights/{made['id']}").status_code == 204
    assert api.get(f"{url}/highlights").json()["items"] == []


def test_the_place_where_a_listener_stopped_is_kept(
    api: httpx.Client, url: str, services: Running, episode: dict[str, Any]
) -> None:
    services.store.write(lambda db: db.execute("UPDATE episodes SET duration = 100.0"))
    assert api.put(f"{url}/position", json={"seconds": 40.5}).status_code == 204
    (row,) = api.get("/episodes/unfinished").json()["items"]
    assert (row["id"], row["position"], row["read"]) == (episode["id"], 40.5, False)
    api.put(f"{url}/position", json={"seconds": 99.0})
    assert api.get("/episodes/unfinished").json()["items"] == []
    assert api.get(url).json()["read"] is True
    assert is_problem(api.put(f"{url}/position", json={"seconds": -1}), 422, "invalid")
    assert is_problem(api.put("/episodes/99/position", json={"seconds": 1}), 404, "not_found")
