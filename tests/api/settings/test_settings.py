from __future__ import annotations

from typing import Any

import httpx

from core import settings
from tests.api.conftest import is_problem


def rows(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {row["name"]: row for row in answer.json()["items"]}


def test_every_setting_says_where_its_value_comes_from(api: httpx.Client) -> None:
    found = rows(api.get("/settings"))
    assert found.keys() == settings.table().keys()
    assert found["port"] | {"help": ""} == {
        "name": "port",
        "value": 8501,
        "default": 8501,
        "source": "default",
        "locked": False,
        "variable": "CASTMIND_PORT",
        "help": "",
        "group": "server",
        "restart": True,
    }
    assert (found["data_dir"]["source"], found["data_dir"]["locked"]) == ("environment", True)
    assert (found["whisper_model"]["value"], found["whisper_model"]["source"]) == ("demo", "config/test.toml")
    assert found["ollama_host"]["variable"] == "OLLAMA_HOST"


def test_a_change_is_saved_and_null_takes_it_back(api: httpx.Client) -> None:
    changed = rows(api.patch("/settings", json={"whisper_model": "small", "backlog": 5}))
    assert (changed["whisper_model"]["value"], changed["whisper_model"]["source"]) == ("small", "saved")
    assert changed["backlog"]["value"] == 5
    back = rows(api.patch("/settings", json={"whisper_model": None}))
    assert (back["whisper_model"]["value"], back["backlog"]["value"]) == ("demo", 5)


def test_one_bad_value_changes_nothing(api: httpx.Client) -> None:
    before = rows(api.get("/settings"))
    assert is_problem(api.patch("/settings", json={"backlog": 9, "port": "many"}), 422, "invalid")
    assert is_problem(api.patch("/settings", json={"backlog": 9, "colour": "red"}), 422, "invalid")
    assert is_problem(api.patch("/settings", json={"backlog": 9, "data_dir": "/tmp"}), 409, "setting_locked")
    assert is_problem(api.patch("/settings", json={"backlog": 9, "data_dir": None}), 409, "setting_locked")
    assert is_problem(api.patch("/settings", json=["backlog"]), 422, "invalid")
    assert rows(api.get("/settings")) == before
