"""Errors as problem details."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import Running, is_problem


def test_what_is_not_there_and_what_is_not_allowed(api: httpx.Client) -> None:
    assert is_problem(api.get("/nothing"), 404, "not_found")
    wrong = api.put("/episodes")
    assert is_problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"]


def test_a_body_that_does_not_fit_says_where(api: httpx.Client) -> None:
    answer = api.post("/feeds", json={"backlog": "some"})
    assert is_problem(answer, 422, "invalid")
    assert [e["field"] for e in answer.json()["errors"]] == ["body.url", "body.backlog"]


def test_a_fault_of_ours_tells_nothing_of_the_inside(
    api: httpx.Client, services: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(actor: object) -> None:
        raise RuntimeError("secret path /home/me")

    monkeypatch.setattr(services.subscriptions, "listing", broken)
    answer = api.get("/feeds")
    assert is_problem(answer, 500, "internal")
    assert "secret" not in answer.text
