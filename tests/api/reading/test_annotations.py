from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.text import notes, transcripts
from tests.api.conftest import Running, is_problem
from tests.fakes.ollama import FakeOllama

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


def test_many_are_marked_tagged_and_deleted_at_once(api: httpx.Client, url: str, episode: dict[str, Any]) -> None:
    def bulk(**body: Any) -> dict[str, Any]:
        answer = api.post("/episodes/bulk", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    number = episode["id"]
    assert bulk(action="tag", episode_ids=[number, 99], tag="Science") == {"changed": 1, "skipped": 1}
    (tag,) = api.get("/tags").json()["items"]
    assert (tag["name"], tag["episodes"]) == ("Science", 1)
    assert api.get(url).json()["tags"] == [{"id": tag["id"], "name": "Science"}]
    assert bulk(action="star", filter={"tag": tag["id"]}) == {"changed": 1, "skipped": 0}
    assert bulk(action="read", filter={"starred": True, "unread": True}) == {"changed": 1, "skipped": 0}
    listed = api.get("/episodes", params={"starred": True, "unread": False, "count": True, "sort": "title"}).json()
    assert (listed["total"], listed["items"][0]["starred"], listed["items"][0]["read"]) == (1, True, True)
    assert bulk(action="cancel", filter={}) == {"changed": 1, "skipped": 0}
    assert bulk(action="retry", episode_ids=[number]) == {"changed": 1, "skipped": 0}
    assert api.patch(f"/tags/{tag['id']}", json={"name": "Nature"}).json()["name"] == "Nature"
    assert bulk(action="untag", episode_ids=[number], tag_id=tag["id"])["changed"] == 1
    assert api.delete(f"/tags/{tag['id']}").status_code == 204
    assert bulk(action="delete", filter={"q": ""})["changed"] == 1
    assert bulk(action="restore", filter={"deleted": True})["changed"] == 1
    for wrong in ({"action": "star"}, {"action": "tag", "episode_ids": [number]}, {"action": "fly", "episode_ids": [number]}):
        assert is_problem(api.post("/episodes/bulk", json=wrong), 422, "invalid")


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


def test_a_version_says_why_it_did_not_become_current(
    api: httpx.Client, url: str, services: Running, episode: dict[str, Any]
) -> None:
    good = Notes(
        "Cats sleep.", (Point("Cats sleep.", "Cats sleep.", 1.0, 2.0, 0, True),), engine="ollama", model="m", coverage=1.0
    )
    services.store.write(lambda db: notes.add(db, episode["id"], good, now=1.0))
    shown = notes.current(services.store.read(), episode["id"])
    weak = replace(good, points=(Point("Dogs fly.", "Dogs fly."),))
    services.store.write(lambda db: notes.add(db, episode["id"], weak, now=2.0, stays=shown))
    new, old = api.get(f"{url}/summaries").json()["items"]
    assert (new["held_back"], new["current"]) == ("too_weak", False)
    assert (old["held_back"], old["current"]) == (None, True)


def test_versions_of_notes_are_compared_chosen_and_written_anew(
    api: httpx.Client, url: str, services: Running, episode: dict[str, Any]
) -> None:
    for n, points in enumerate([("Cats sleep.", "Dogs bark."), ("Cats sleep.", "Birds sing.")]):
        written = Notes("Gist", tuple(Point(p, "") for p in points), engine="ollama", model=f"m{n}")
        services.store.write(lambda db, written=written: notes.add(db, episode["id"], written, now=1.0))
    new, old = api.get(f"{url}/summaries").json()["items"]
    assert ((new["model"], new["current"]), (old["model"], old["current"])) == (("m1", True), ("m0", False))
    assert (new["held_back"], old["held_back"]) == (None, None)
    found = api.get(f"{url}/summaries/compare", params={"old": old["id"], "new": new["id"]}).json()
    rows = {row["difference"]: [side and side["text"] for side in (row["old"], row["new"])] for row in found["points"]}
    assert rows == {
        "same": ["Cats sleep.", "Cats sleep."],
        "removed": ["Dogs bark.", None],
        "added": [None, "Birds sing."],
    }
    assert found["tldr"] == {"old": "Gist", "new": "Gist", "difference": "same"}
    assert api.post(f"{url}/summaries/{old['id']}/choose").json()["model"] == "m0"
    assert api.get(f"{url}/summary").json()["model"] == "m0"
    assert api.get(f"{url}/summaries/{new['id']}").json()["model"] == "m1"
    assert is_problem(api.get(f"{url}/summaries/999"), 404, "not_found")
    after = api.post(f"{url}/summaries", json={"model": "m9", "language": "zh"}).json()
    assert (after["notes_model"], after["notes_language"]) == ("m9", "zh")


def test_own_notes_of_two_windows_do_not_overwrite_each_other(api: httpx.Client, url: str) -> None:
    first = api.get(f"{url}/notes").json()
    saved = api.put(f"{url}/notes", json={"markdown": "# One", "version": first["version"]}).json()
    late = api.put(f"{url}/notes", json={"markdown": "# Two", "version": first["version"]})
    assert is_problem(late, 409, "conflict")
    assert late.json()["params"]["version"] == saved["version"]
    assert api.put(f"{url}/notes", json={"markdown": "# Both", "version": saved["version"]}).status_code == 200
    assert api.get(f"{url}/notes").json()["markdown"] == "# Both"


def test_the_models_that_may_write_notes_are_those_that_ollama_holds(api: httpx.Client, services: Running) -> None:
    with FakeOllama() as ollama:
        ollama.behave(models=("qwen2.5:7b", "gemma3:4b"))
        services.settings.save(OWNER, "ollama_host", ollama.url)
        found = api.get("/language-models").json()
    assert (found["answers"], set(found["items"])) == (True, {"qwen2.5:7b", "gemma3:4b"})
    assert found["chosen"] in found["items"]


def test_without_ollama_no_model_is_named(api: httpx.Client, services: Running) -> None:
    services.settings.save(OWNER, "ollama_host", "http://127.0.0.1:9")
    assert api.get("/language-models").json() == {"answers": False, "chosen": None, "items": []}
