from __future__ import annotations

import io
import sys

import pytest

from core.cli.meter import Meter, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_changes_and_ends_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with Meter("feeds") as meter:
        meter.show(1, 3)
        meter.show(3, 3)
    assert screen.getvalue() == "\r\x1b[K1 of 3 feeds\r\x1b[K3 of 3 feeds\n"


def test_a_line_on_which_nothing_was_said_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with pytest.raises(KeyboardInterrupt), ProgressLine():
        raise KeyboardInterrupt
    assert screen.getvalue() == ""


def test_in_a_log_a_step_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("feeds") as meter:
        for done in range(101):
            meter.show(done, 100)
    assert capsys.readouterr().err.splitlines() == [f"{n} of 100 feeds" for n in range(0, 101, 10)]
    with ProgressLine() as line:
        for n in range(3):
            line.say(f"copying {n}", "copying")
        line.say("checking 0", "checking")
    assert capsys.readouterr().err.splitlines() == ["copying", "checking"]
