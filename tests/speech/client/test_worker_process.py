"""The worker process as such: messages, stray output, its end."""

from __future__ import annotations

import sys

from core.speech.client.worker_process import Child


def talker(code: str) -> Child:
    return Child((sys.executable, "-c", code))


def test_stray_output_does_not_break_the_protocol() -> None:
    child = talker("print('a library says hello'); print('{\"event\": \"beat\"}')")
    assert child.lines.get() == {"event": "beat"}
    assert child.lines.get() is None
    child.end()
    assert not child.alive and child.rss() is None


def test_an_obituary_holds_the_status_and_the_last_words() -> None:
    child = talker("raise SystemExit('no room left')")
    assert child.lines.get() is None
    child.end()
    assert child.obituary() == "exit status 1; no room left"
    assert child.crashed()


def test_a_worker_that_ignores_the_end_of_its_input_is_killed() -> None:
    child = talker("import time; print('{}', flush=True); time.sleep(600)")
    assert child.lines.get() == {}
    child.end(patience=0.1)
    assert not child.alive
    assert not child.crashed()


def test_writing_to_a_worker_that_is_gone_raises_nothing() -> None:
    child = talker("pass")
    assert child.lines.get() is None
    for _ in range(3):
        child.send({"do": "cancel"})
    child.end()
    child.send({"do": "cancel"})
