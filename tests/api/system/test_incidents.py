"""Incidents over HTTP."""

from __future__ import annotations

from functools import partial

import httpx

from core.domain.dependencies import Ability, Effect
from core.domain.incident import AutomaticDeed, Cause, Incident
from core.store.incidents import incidents
from tests.api.conftest import Running, is_problem


def test_they_are_listed_with_what_was_affected_and_done(api: httpx.Client, services: Running) -> None:
    assert api.get("/incidents").json() == {"items": []}
    found = Incident(
        0,
        10.0,
        None,
        (Cause("disk", "low", 10.0),),
        {Ability.DOWNLOAD: Effect.WAITS},
        (AutomaticDeed("intake_paused", 10.0),),
    )
    stored = services.store.write(partial(incidents.put, incident=found, log=["a line"]))
    (item,) = api.get("/incidents").json()["items"]
    assert (item["id"], item["closed_at"], item["effects"]) == (stored.id, None, {"download": "waits"})
    assert item["causes"][0]["what"] == "disk" and item["deeds"][0]["code"] == "intake_paused"


def test_a_report_is_a_file_in_a_language(api: httpx.Client, services: Running) -> None:
    found = Incident(0, 10.0, 20.0, (Cause("disk", "low", 10.0, 20.0),))
    stored = services.store.write(partial(incidents.put, incident=found, log=["a line"]))
    answer = api.get(f"/incidents/{stored.id}/report")
    assert answer.headers["content-type"].startswith("text/markdown") and "a line" in answer.text
    assert f"castmind-incident-{stored.id}.md" in answer.headers["content-disposition"]
    assert "故障报告" in api.get(f"/incidents/{stored.id}/report", params={"language": "zh"}).text
    assert is_problem(api.get("/incidents/99/report"), 404, "not_found")
