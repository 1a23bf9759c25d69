"""Quiet hours over HTTP."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.api.conftest import is_problem

EVENING = {"days": [0, 1], "start": 18 * 60, "end": 23 * 60}


def test_nothing_rests_at_first(api: httpx.Client) -> None:
    found = api.get("/quiet-hours").json()
    assert found["rests"] is None and found["windows"] == [] and found["processes"] == []
    assert found["sees"].keys() == {"card", "programs"}


def test_rest_and_go_on(api: httpx.Client) -> None:
    rests = api.post("/quiet-hours/rest", json={"minutes": 90}).json()["rests"]
    assert rests["key"] == "rest.until" and rests["until"] == pytest.approx(time.time() + 5400, abs=60)
    assert api.get("/quiet-hours").json()["rests"] == rests
    assert api.post("/quiet-hours/resume").json()["rests"] is None


def test_rules_are_set_one_by_one(api: httpx.Client) -> None:
    assert api.put("/quiet-hours", json={"windows": [EVENING], "zone": "Europe/Berlin"}).status_code == 200
    found = api.put("/quiet-hours", json={"processes": [" game ", "game"], "at_once": True}).json()
    assert (found["windows"], found["zone"], found["processes"], found["at_once"]) == ([EVENING], "Europe/Berlin", ["game"], True)
    assert api.put("/quiet-hours", json={"windows": [], "processes": []}).json()["windows"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"windows": [EVENING | {"end": EVENING["start"]}]},
        {"windows": [EVENING | {"days": []}]},
        {"windows": [EVENING | {"days": [7]}]},
        {"windows": [EVENING | {"end": 1440}]},
        {"windows": [EVENING] * 21},
        {"processes": ["x" * 101]},
        {"zone": "Mars/Olympus"},
        {"unknown": 1},
    ],
)
def test_what_is_no_rule_is_refused(api: httpx.Client, body: dict[str, object]) -> None:
    before = api.get("/quiet-hours").json()
    assert is_problem(api.put("/quiet-hours", json=body), 422, "invalid")
    assert api.get("/quiet-hours").json() == before


@pytest.mark.parametrize(
    "body", [{}, {"minutes": 0}, {"minutes": 5, "until_idle": True}, {"minutes": 43_201}, {"until_idle": False}]
)
def test_a_rest_has_one_end(api: httpx.Client, body: dict[str, object]) -> None:
    assert is_problem(api.post("/quiet-hours/rest", json=body), 422, "invalid")
    assert api.get("/quiet-hours").json()["rests"] is None
