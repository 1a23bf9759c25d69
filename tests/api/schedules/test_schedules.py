"""Schedules over HTTP: what an expression means, a schedule from its making to its end, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import is_problem


def made(api: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = api.post("/schedules", json={"kind": "retry_failed", "cron": "0 3 * * *"} | body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def builtin(api: httpx.Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in api.get("/schedules").json()["items"] if row["builtin"] == name)
    return found


def test_an_expression_is_told_in_words_with_its_next_five_times(api: httpx.Client) -> None:
    found = api.get("/schedules/preview", params={"cron": "30 18 * * FRI", "zone": "Europe/Berlin"}).json()
    assert found["words"] == "every Friday at 18:30" and len(found["times"]) == 5
    assert {round(later - earlier) for earlier, later in zip(found["times"], found["times"][1:], strict=False)} <= {
        604_800,
        601_200,
        608_400,
    }


@pytest.mark.parametrize(
    ("cron", "zone", "code"),
    [
        ("0 0 30 2 *", "", "bad_cron"),
        ("nonsense", "", "bad_cron"),
        ("0 3 * * *", "Mars/Olympus", "invalid"),
        ("0 3 * * *", "../x", "invalid"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(api: httpx.Client, cron: str, zone: str, code: str) -> None:
    assert is_problem(api.get("/schedules/preview", params={"cron": cron, "zone": zone}), 422, code)


def test_one_is_made_changed_run_deleted_and_brought_back(api: httpx.Client) -> None:
    row = made(api, name="Second chance", zone="Europe/Berlin", missed="skip", priority="high", retries=2)
    assert (row["words"], row["last"], row["running"], row["paused"]) == ("every day at 03:00", None, False, False)
    own = f"/schedules/{row['id']}"
    changed = api.patch(own, json={"cron": "@hourly", "paused": True}).json()
    assert (changed["next_at"], changed["name"], changed["words"]) == (None, "Second chance", "every hour at :00")
    assert api.post(f"{own}/run").status_code == 202
    (run,) = api.get(f"{own}/runs").json()["items"]
    assert (run["cause"], run["outcome"], run["did"]) == ("hand", "done", {"episodes": 0})
    assert api.get(own).json()["last"]["id"] == run["id"]
    assert api.patch(own, json={"paused": False}).json()["next_at"]
    assert api.delete(own).status_code == 204
    assert is_problem(api.get(own), 404, "not_found") and is_problem(api.post(f"{own}/run"), 404, "not_found")
    assert api.post(f"{own}/restore").json()["name"] == "Second chance"
    assert is_problem(api.post("/schedules/999/restore"), 404, "not_found")


def test_the_nightly_backup_is_moved_by_its_setting(api: httpx.Client) -> None:
    row = builtin(api, "nightly_backup")
    assert row["cron"] == "0 3 * * *"
    moved = api.patch(f"/schedules/{row['id']}", json={"cron": "0 5 * * *", "retries": 3}).json()
    assert (moved["words"], moved["retries"]) == ("every day at 05:00", 3)
    values = {item["name"]: item["value"] for item in api.get("/settings").json()["items"]}
    assert values["backup_hour"] == 5
    assert api.patch(f"/schedules/{row['id']}", json={"paused": True}).json()["paused"]
    assert is_problem(api.patch(f"/schedules/{row['id']}", json={"cron": "30 5 * * *"}), 422, "invalid")
    assert is_problem(api.patch(f"/schedules/{row['id']}", json={"zone": "Europe/Berlin"}), 422, "invalid")


def test_a_built_in_one_keeps_its_name_and_is_not_deleted(api: httpx.Client) -> None:
    own = f"/schedules/{builtin(api, 'trash')['id']}"
    assert api.patch(own, json={"cron": "0 4 * * *"}).json()["words"] == "every day at 04:00"
    assert is_problem(api.patch(own, json={"name": "Mine"}), 422, "invalid") and is_problem(api.delete(own), 422, "invalid")
    polls = f"/schedules/{builtin(api, 'polls')['id']}"
    assert is_problem(api.patch(polls, json={"cron": "0 4 * * *"}), 422, "invalid")
    assert api.patch(polls, json={"paused": True}).json()["paused"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "trash"},
        {"kind": "no_such"},
        {"cron": "0 0 30 2 *"},
        {"zone": "Mars/Olympus"},
        {"retries": 25},
        {"retry_seconds": 1},
        {"priority": "urgent"},
        {"missed": "twice"},
        {"name": "n" * 101},
        {"parameters": {"feeds": []}},
        {"unknown": 1},
        {"kind": "transcribe", "parameters": {"most": 0}},
        {"kind": "transcribe", "parameters": {"most": True}},
        {"kind": "transcribe", "parameters": {"feed": 1}},
        {"kind": "refresh", "parameters": {"feeds": ["1"]}},
        {"kind": "refresh", "parameters": {"feeds": 3}},
        {"kind": "export", "parameters": {"formats": ["exe"]}},
    ],
)
def test_what_makes_no_schedule_adds_none(api: httpx.Client, body: dict[str, Any]) -> None:
    before = len(api.get("/schedules").json()["items"])
    answer = api.post("/schedules", json={"kind": "retry_failed", "cron": "0 3 * * *"} | body)
    assert answer.status_code == 422, answer.text
    assert len(api.get("/schedules").json()["items"]) == before


def test_parameters_that_are_left_out_have_their_defaults(api: httpx.Client) -> None:
    assert made(api, kind="transcribe")["parameters"] == {"feed_id": 0, "tag_id": 0, "most": 10}
    assert made(api, kind="export")["parameters"] == {"formats": ["md"]}
    assert made(api, kind="refresh", parameters={"feeds": [2, 2]})["parameters"] == {"feeds": [2]}


def test_a_run_for_a_podcast_that_is_gone_fails_and_says_so(api: httpx.Client) -> None:
    row = made(api, kind="transcribe", parameters={"feed_id": 77})
    api.post(f"/schedules/{row['id']}/run")
    (run,) = api.get(f"/schedules/{row['id']}/runs").json()["items"]
    assert (run["outcome"], run["error"]["code"]) == ("failed", "not_found")
