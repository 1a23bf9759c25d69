"""One attempt of a confined process, as its own process tells of it."""

from __future__ import annotations

from core.sandbox import Ended, run


def attempt(what: str, argument: object = "", **more: object) -> Ended:
    return run("tests.sandbox.attempts", what, str(argument), **({"timeout": 60.0} | more))  # type: ignore[arg-type]
