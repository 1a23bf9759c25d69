from __future__ import annotations

import logging

import pytest

from core.domain.log_kinds import AUDIT_LOG
from core.errors import UserError
from core.ops.logs.levels import LONGEST_SECONDS, Levels, ModuleLevel, in_force


def level_of(name: str) -> int:
    return logging.getLogger(name).level


def test_settings_levels_for_a_while_and_libraries_make_the_levels_in_force() -> None:
    levels, chosen = in_force(
        "ERROR",
        ["a=INFO", "b=DEBUG"],
        {"b": ModuleLevel("b", "ERROR", 10.0), "c": ModuleLevel("c", "DEBUG", 5.0)},
        now=5.0,
    )
    assert levels["a"] == logging.INFO and levels["b"] == logging.ERROR and "c" not in levels
    assert levels["httpx"] == logging.ERROR and levels[AUDIT_LOG] == logging.INFO
    assert chosen == [ModuleLevel("a", "INFO"), ModuleLevel("b", "ERROR", 10.0)]
    assert in_force("DEBUG", ["httpx=DEBUG"], {}, now=0)[0]["httpx"] == logging.DEBUG
    assert in_force("DEBUG", [], {}, now=0)[0]["httpx"] == logging.WARNING


def test_a_level_for_a_while_ends_and_a_kept_one_is_in_force_again() -> None:
    now = [100.0]
    levels = Levels(lambda: now[0])
    levels.use("INFO", ["test.levels=WARNING"])
    assert level_of("test.levels") == logging.WARNING
    levels.for_a_while("test.levels", "DEBUG", 3600)
    assert level_of("test.levels") == logging.DEBUG and levels.rows() == [ModuleLevel("test.levels", "DEBUG", 3700.0)]
    now[0] = 3699.0
    levels.step()
    assert level_of("test.levels") == logging.DEBUG
    now[0] = 3700.0
    levels.step()
    assert level_of("test.levels") == logging.WARNING and levels.rows() == [ModuleLevel("test.levels", "WARNING")]
    levels.use("INFO")
    assert level_of("test.levels") == logging.NOTSET


def test_a_level_for_a_while_can_be_ended() -> None:
    levels = Levels()
    levels.for_a_while("test.levels", "DEBUG", 60)
    levels.end("test.levels")
    assert level_of("test.levels") == logging.NOTSET and levels.rows() == []


@pytest.mark.parametrize(
    ("module", "level", "seconds"),
    [
        ("", "DEBUG", 1),
        ("a b", "DEBUG", 1),
        ("a..b", "DEBUG", 1),
        ("a", "LOUD", 1),
        ("a", "DEBUG", 0),
        ("a", "DEBUG", LONGEST_SECONDS + 1),
    ],
)
def test_what_is_no_level_is_refused(module: str, level: str, seconds: float) -> None:
    with pytest.raises(UserError):
        Levels().for_a_while(module, level, seconds)
