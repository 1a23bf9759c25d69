"""The waveform of an episode: not ready at first, then its levels."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.conftest import Running, is_problem


def test_it_is_ready_once_it_was_measured(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    url = f"/episodes/{episode['id']}/waveform"
    assert api.get(url).json() == {"ready": False, "levels": []}
    services.waveforms.step()
    found = api.get(url).json()
    assert found["ready"]
    assert max(found["levels"]) == 255 and min(found["levels"]) >= 0
    assert is_problem(api.get("/episodes/99/waveform"), 404, "not_found")
