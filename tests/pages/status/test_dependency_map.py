"""The dependency map: every part and ability is drawn, in its present state, and said in words."""

from __future__ import annotations

import re

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.dependencies import WITHOUT, Ability, Dependency
from pages.status import dependency_map
from tests.pages.conftest import Open, given

AWAY = {"ollama": ("warn", "absent"), "disk": ("warn", "low"), "database": ("pass", "readable"), "feeds": ("pass", "some")}


def test_every_part_and_every_line_of_the_table_is_in_it(castmind: CastMind) -> None:
    drawn = dependency_map.data({})
    assert [part["name"] for part in drawn["parts"]] == [part.value for part in Dependency]
    assert [ability["name"] for ability in drawn["abilities"]] == [ability.value for ability in Ability]
    assert len(drawn["lines"]) == sum(map(len, WITHOUT.values()))
    assert {part["state"] for part in drawn["parts"]} == {"unknown"}


def test_the_present_state_is_coloured_and_said(castmind: CastMind) -> None:
    drawn = dependency_map.data(AWAY)
    states = {part["name"]: part["state"] for part in drawn["parts"]}
    assert (states["ollama"], states["disk"], states["database"], states["feed_host"]) == ("away", "away", "here", "partly")
    effects = {ability["name"]: ability["effect"] for ability in drawn["abilities"]}
    assert (effects["notes"], effects["upload"], effects["read"]) == ("waits", "stops", "")
    assert drawn["said"] == "Away now: Disk space, Ollama server."
    without = {part["name"]: part["without"] for part in drawn["parts"]}
    assert without["worker"] == "Waits without it: transcribing." and without["card"].startswith("Slower or simpler")


def test_the_status_page_draws_it_in_chinese(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    drawn = given(opened("status/page.py"), "castmind_dependencies")
    words = [drawn["title"], drawn["said"], *(part["label"] + part["without"] for part in drawn["parts"])]
    assert [word for word in words if not re.search("[\u4e00-\u9fff]", word)] == []
