"""Backups over HTTP: made, taken away, brought to another computer, verified, restored. Real zips, a real store."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from core.errors import DiskFull
from core.files import partial_files
from tests.api.conftest import Running, is_problem
from tests.ops.backup.service.held import Held
from tests.running import wait_for


def state(api: httpx.Client) -> dict[str, Any]:
    answer = api.get("/backups")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def made(api: httpx.Client, **wish: bool) -> dict[str, Any]:
    """A finished backup's row."""
    assert api.post("/backups", json=wish).status_code == 202
    wait_for(lambda: state(api)["running"] is None)
    after = state(api)
    assert after["last"]["error"] is None, after["last"]
    row: dict[str, Any] = next(item for item in after["items"] if item["name"] == after["last"]["name"])
    return row


def restored(api: httpx.Client, name: str) -> dict[str, Any]:
    assert api.post(f"/backups/{name}/restore").status_code == 202
    wait_for(lambda: not state(api)["restore"]["running"])
    found: dict[str, Any] = state(api)["restore"]
    return found


def left_over(services: Running) -> list[str]:
    return sorted(path.name for path in (services.data / "backups").iterdir())


def test_before_the_first_one_the_list_is_empty(api: httpx.Client) -> None:
    found = state(api)
    assert (found["items"], found["running"], found["last"], found["restore"]) == ([], None, None, None)
    assert found["nightly"]["on"] and found["nightly"]["next"] and found["nightly"]["last"] is None


def test_one_is_made_listed_taken_away_and_deleted(api: httpx.Client, episode: dict[str, Any]) -> None:
    row = made(api)
    assert row["kind"] == "manual" and row["bytes"] > 0 and row["error"] is None
    assert {"database", "uploads"} <= set(row["contents"])
    file = api.get(f"/backups/{row['name']}")
    assert file.headers["content-type"] == "application/zip" and len(file.content) == row["bytes"]
    assert file.headers["content-disposition"] == f'attachment; filename="{row["name"]}"'
    with zipfile.ZipFile(io.BytesIO(file.content)) as zipped:
        assert "manifest.json" in zipped.namelist()
    assert api.get(f"/backups/{row['name']}", headers={"Range": "bytes=0-1"}).content == b"PK"
    assert api.delete(f"/backups/{row['name']}").status_code == 204
    assert state(api)["items"] == []
    assert is_problem(api.get(f"/backups/{row['name']}"), 404, "not_found")
    assert is_problem(api.delete(f"/backups/{row['name']}"), 404, "not_found")


def test_how_far_one_is_can_be_seen_in_both_lists_and_it_can_be_cancelled_in_both(
    api: httpx.Client, episode: dict[str, Any], services: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for by_the_tasks in (True, False):
        with monkeypatch.context() as patch:
            held = Held(patch)
            running = api.post("/backups").json()["running"]
            assert (running["running"], running["kind"], running["phase"]) == (True, "manual", "database")
            assert held.reached.wait(60)
            assert is_problem(api.post("/backups"), 409, "backup_running")
            task = api.get("/tasks").json()["items"][-1]
            told = ("backup", "manual", "database", "running", 0, 0, None)
            assert tuple(task[key] for key in ("kind", "key", "what", "state", "done", "total", "error")) == told
            if by_the_tasks:
                assert api.post(f"/tasks/{task['id']}/cancel").json()["cancel_requested"]
            else:
                assert api.post("/backups/cancel").json()["running"]["running"]
            held.go_on.set()
            services.background.wait(task["id"])
        assert api.get(f"/tasks/{task['id']}").json()["state"] == "cancelled"
        found = state(api)
        assert found["running"] is None and found["last"]["error"]["code"] == "cancelled" and found["items"] == []
    row = made(api)
    done = api.get("/tasks").json()["items"][-1]
    assert (done["state"], done["what"], done["detail"]) == ("done", "finishing", {"name": row["name"]})
    assert done["done"] == done["total"] == api.post(f"/backups/{row['name']}/verify").json()["bytes"] > 0
    assert left_over(services) == [row["name"]]


def test_a_library_that_is_smaller_than_its_backup_is_said_and_accepted(api: httpx.Client, episode: dict[str, Any]) -> None:
    row = made(api)
    assert row["counts"]["episodes"] == 1 and state(api)["shrunk"] is None
    assert api.delete(f"/episodes/{episode['id']}", params={"now": True}).status_code == 204
    assert state(api)["shrunk"] == {"what": "episodes", "now": 0, "before": 1, "backup": row["name"]}
    assert api.post("/backups/smaller/accept").status_code == 204
    assert state(api)["shrunk"] is None


@pytest.mark.parametrize(
    "name", ["..%2Fcastmind.db", "castmind.db", ".lock", "castmind-manual-20260101-000000.zip%00", "%2Fetc%2Fpasswd"]
)
def test_only_plain_names_of_backups_lead_anywhere(api: httpx.Client, name: str) -> None:
    for call in (api.get(f"/backups/{name}"), api.delete(f"/backups/{name}"), api.post(f"/backups/{name}/restore")):
        assert call.status_code in (404, 405) and call.json()["code"] in ("not_found", "method_not_allowed")


def test_one_brought_from_elsewhere_is_listed_as_imported(api: httpx.Client, episode: dict[str, Any], services: Running) -> None:
    row = made(api)
    body = api.get(f"/backups/{row['name']}").content
    assert api.delete(f"/backups/{row['name']}").status_code == 204

    def blocks() -> Iterator[bytes]:  # of unknown length, as a browser or curl may send it
        for start in range(0, len(body), 70_000):
            yield body[start : start + 70_000]

    for content in (body, blocks()):
        answer = api.put("/backups/My backup (1).zip", content=content)
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        assert kept["kind"] == "imported" and kept["name"].startswith("castmind-imported-")
        assert {**kept, "name": "", "kind": ""} == {**row, "name": "", "kind": ""}
        assert api.get(answer.headers["location"].removeprefix("/api/v1")).content == body
    assert len({item["name"] for item in state(api)["items"]}) == 2
    assert all(not name.endswith(".part") for name in left_over(services))


def zip_of(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return file.getvalue()


def test_what_is_no_backup_is_refused_and_nothing_of_it_stays(
    api: httpx.Client, episode: dict[str, Any], services: Running
) -> None:
    good = api.get(f"/backups/{made(api)['name']}").content
    before = left_over(services)
    refusals = {
        "backup_foreign": [b"", b"P", b"a shopping list " * 100_000, zip_of(**{"notes.txt": "hello"})],
        "backup_damaged": [good[:-40], good[: len(good) // 2], b"PK" + good[2:100]],
        "backup_unsafe": [zip_of(**{"../evil": "x", "manifest.json": "{}"})],
    }
    for code, bodies in refusals.items():
        for body in bodies:
            answer = api.put("/backups/from-elsewhere.zip", content=body)
            assert is_problem(answer, 422, code), answer.text
            assert ".part" not in answer.json()["detail"]
    assert left_over(services) == before


def test_a_sender_that_goes_away_leaves_nothing(api: httpx.Client, address: str, services: Running) -> None:
    def broken() -> Iterator[bytes]:
        yield b"PK" + bytes(3 << 20)
        wait_for(lambda: any(name.endswith(".part") for name in left_over(services)))
        raise ConnectionAbortedError("the cable was pulled")

    with pytest.raises(ConnectionAbortedError):
        api.put("/backups/half.zip", content=broken())
    wait_for(lambda: left_over(services) == [])


def test_one_that_the_disk_has_no_room_for_is_refused(
    api: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.settings.save(OWNER, "min_free_gb", 1e9)
    assert is_problem(api.put("/backups/large.zip", content=b"PK" + bytes(5000)), 507, "disk_full")
    services.settings.save(OWNER, "min_free_gb", 0.0)

    def full_after_a_while(folder: Path, least: int, coming: int = 0) -> None:
        if any(name.endswith(".part") for name in left_over(services)):
            raise DiskFull("The disk is full.")

    monkeypatch.setattr(partial_files, "check_space", full_after_a_while)
    body = b"PK" + bytes(70 << 20)
    assert is_problem(api.put("/backups/large.zip", content=body), 507, "disk_full")
    assert left_over(services) == []


def test_every_byte_is_verified(api: httpx.Client, episode: dict[str, Any], services: Running) -> None:
    row = made(api)
    answer = api.post(f"/backups/{row['name']}/verify")
    assert answer.status_code == 200 and answer.json()["files"] >= 2 and answer.json()["skipped"] == []
    path = services.data / "backups" / row["name"]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert is_problem(api.post(f"/backups/{row['name']}/verify"), 422, "backup_damaged")


def test_a_restore_brings_back_what_was_deleted_and_says_how_to_undo_it(api: httpx.Client, episode: dict[str, Any]) -> None:
    row = made(api)
    assert api.delete(f"/episodes/{episode['id']}?now=true").status_code == 204
    done = restored(api, row["name"])
    assert done["error"] is None and done["name"] == row["name"] and done["finished_at"]
    assert api.get(f"/episodes/{episode['id']}").json()["title"] == episode["title"]
    assert api.get(f"/episodes/{episode['id']}/audio").status_code == 200
    point = done["result"]["restore_point"]
    assert [item["kind"] for item in state(api)["items"] if item["name"] == point] == ["restore-point"]
    assert restored(api, point)["error"] is None
    assert is_problem(api.get(f"/episodes/{episode['id']}"), 404, "not_found")


def test_a_damaged_one_is_not_restored_and_nothing_changes(api: httpx.Client, episode: dict[str, Any], services: Running) -> None:
    row = made(api)
    path = services.data / "backups" / row["name"]
    path.write_bytes(path.read_bytes()[:-100])
    (listed,) = state(api)["items"]
    assert listed["error"] and listed["contents"] == []
    failed = restored(api, row["name"])
    assert failed["error"]["code"] == "backup_damaged" and failed["result"] is None
    assert api.get(f"/episodes/{episode['id']}").status_code == 200


def test_while_the_library_is_away_only_the_backups_answer(api: httpx.Client, client: httpx.Client, services: Running) -> None:
    services.store.give_up()
    answer = api.get("/episodes")
    assert is_problem(answer, 503, "restoring") and answer.headers["retry-after"]
    assert api.get("/backups").status_code == 200
    services.store.open()
    assert api.get("/episodes").status_code == 200


def test_cancelling_what_does_not_run_is_no_error(api: httpx.Client) -> None:
    assert api.post("/backups/cancel").json()["running"] is None
    assert is_problem(api.post("/backups", json={"music": True}), 422, "invalid")
