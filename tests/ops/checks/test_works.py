from __future__ import annotations

from core.app.checks import CHECKS
from core.domain import dependencies
from core.ops.checks import works
from core.ops.health import HANGS

FINE = dict.fromkeys(CHECKS, ("pass", ""))


def test_everything_works_while_every_check_passes() -> None:
    assert works.told(FINE) == {
        "code": "all",
        "output": "Everything works.",
        "works": list(dependencies.Ability),
        "effects": {},
    }


def test_what_stops_waits_or_is_less_is_told_in_one_sentence() -> None:
    told = works.told(FINE | {"disk": ("warn", "low"), "ollama": ("warn", "absent")})
    assert told["code"] == "some" and "read" in told["works"] and "upload" not in told["works"]
    assert told["output"] == "All else works than: stops: upload; waits: download, transcribe, notes, backup."
    assert works.told({"ollama": ("warn", HANGS)})["effects"] == {"notes": "less"}


def test_a_hint_that_stops_nothing_leaves_everything_working() -> None:
    assert works.told(FINE | {"data_folder": ("warn", "foreign"), "access": ("warn", "network")})["code"] == "all"


def test_without_its_disk_or_its_database_nothing_works() -> None:
    assert works.told(FINE | {"data_folder": ("fail", "away")})["code"] == "nothing"
    assert works.told(FINE | {"database": ("fail", HANGS)})["output"] == "Nothing works until this is mended."
