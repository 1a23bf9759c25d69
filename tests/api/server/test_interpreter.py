"""Run in a separate process: the settings are process-wide."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

WORK = """
import gc, json, sys, weakref

class Round:
    pass

def looked_through():
    # As many answers in the making as there may be, each of them a list of rows.
    before = [each["collections"] for each in gc.get_stats()]
    waiting = []
    for _ in range(1000):
        waiting.append([{"id": n, "words": [n]} for n in range(300)])
        del waiting[:-40]
    return [each["collections"] - was for each, was in zip(gc.get_stats(), before)]

def circles(count):
    made = []
    for _ in range(count):
        one, other = Round(), Round()
        one.other, other.other = other, one
        made.append(weakref.ref(one))
    return sum(each() is not None for each in made)

stays = [{"n": [n]} for n in range(50_000)]
if SHARED:
    from core.api.server import interpreter
    interpreter.share()
print(json.dumps({"looked": looked_through(), "left": circles(60_000), "frozen": gc.get_freeze_count(),
                  "switch": sys.getswitchinterval(), "there": len(stays)}))
"""


@pytest.fixture(scope="module")
def before_and_after() -> list[dict[str, object]]:
    found = []
    for shared in (False, True):
        code = WORK.replace("SHARED", str(shared))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    return found


def test_answers_in_the_making_have_nobody_wait_for_the_garbage(before_and_after: list[dict[str, list[int]]]) -> None:
    before, after = before_and_after
    # The longest pauses come from collections of the older generations.
    assert sum(before["looked"][1:]) > 0
    assert sum(after["looked"][1:]) == 0
    assert sum(after["looked"]) * 5 < sum(before["looked"])


def test_what_refers_to_itself_still_goes(before_and_after: list[dict[str, int]]) -> None:
    assert all(0 < each["left"] < 60_000 for each in before_and_after)


def test_what_is_there_at_the_start_is_left_alone_and_turns_are_short(before_and_after: list[dict[str, float]]) -> None:
    before, after = before_and_after
    assert before["frozen"] == 0
    assert after["frozen"] >= 50_000
    assert after["switch"] < before["switch"]
