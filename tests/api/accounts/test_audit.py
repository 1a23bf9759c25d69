"""The audit log over HTTP: pages back in time, and the whole of it as a file."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Any

import httpx

from core.domain.accounts.audit import AuditEntry
from core.store.accounts import audit_log
from tests.api.conftest import Running, is_problem


def fill(services: Running) -> None:
    entries = [
        AuditEntry(1_700_000_000.0 + n, 1, "Anna", "session", f"library.act_{n}", str(n), "done", "10.0.0.2") for n in range(5)
    ]
    services.store.write(partial(audit_log.add, entries=entries))


def test_pages_go_back_in_time(api: httpx.Client, services: Running) -> None:
    fill(services)
    first: dict[str, Any] = api.get("/audit", params={"limit": 3}).json()
    second = api.get("/audit", params={"limit": 3, "before": first["next"]}).json()
    assert [each["subject"] for each in (*first["items"], *second["items"])] == ["4", "3", "2", "1", "0"]
    assert second["next"] is None
    entry = first["items"][0]
    assert (entry["user"], entry["how"], entry["outcome"], entry["address"]) == ("Anna", "session", "done", "10.0.0.2")
    assert [each["subject"] for each in api.get("/audit", params={"action": "library.act_2"}).json()["items"]] == ["2"]
    assert api.get("/audit", params={"user_id": 2}).json()["items"] == []


def test_limits_have_bounds(api: httpx.Client) -> None:
    for limit in (0, 501, "x"):
        assert is_problem(api.get("/audit", params={"limit": limit}), 422, "invalid")


def test_the_whole_of_it_is_a_file(api: httpx.Client, services: Running) -> None:
    fill(services)
    answer = api.get("/audit/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][0] == "time" and len(rows) == 6 and rows[1][3] == "library.act_4"
