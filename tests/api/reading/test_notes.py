"""A person's own notes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import is_problem


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}"


def test_own_notes_of_two_windows_do_not_overwrite_each_other(api: httpx.Client, url: str) -> None:
    first = api.get(f"{url}/notes").json()
    saved = api.put(f"{url}/notes", json={"markdown": "# One", "version": first["version"]}).json()
    late = api.put(f"{url}/notes", json={"markdown": "# Two", "version": first["version"]})
    assert is_problem(late, 409, "conflict")
    assert late.json()["params"]["version"] == saved["version"]
    assert api.put(f"{url}/notes", json={"markdown": "# Both", "version": saved["version"]}).status_code == 200
    assert api.get(f"{url}/notes").json()["markdown"] == "# Both"
