"""The worker's end of the pipe: commands in order, flags at once, one line a message, and an end with the server's."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.errors import Cancelled, MediaMissing, ShuttingDown
from core.speech.worker import __main__ as worker
from core.speech.worker.__main__ import OutputLine
from core.speech.worker.session import Session
from tests.runner_fixture import until


class Server:
    """The other end of the pipe. `ended` holds the exit codes with which the worker wanted to end this process."""

    def __init__(self) -> None:
        incoming, self._commands = os.pipe()
        said, outgoing = os.pipe()
        self._said = os.fdopen(said, "rb")
        self.line = OutputLine(incoming, outgoing)
        self.ended: list[int] = []
        self.listening = threading.Thread(target=self.line._listen)
        self._outgoing = outgoing

    def tell(self, *commands: str, **fields: Any) -> None:
        for command in commands:
            os.write(self._commands, json.dumps({"do": command, **fields}).encode() + b"\n")

    def heard(self) -> list[dict[str, Any]]:
        """Return what was said, up to `hang_up`."""
        return [json.loads(line) for line in self._said]

    def hang_up(self) -> None:
        """Close the worker's end, as its own end does."""
        os.close(self._outgoing)

    def close(self) -> None:
        os.close(self._commands)
        self.listening.join(30.0)
        self._said.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    monkeypatch.setattr(os, "_exit", made.ended.append)
    made.listening.start()
    yield made
    made.close()
    assert made.ended, "the end of the pipe ends the process"


def test_commands_wait_in_their_order_and_flags_overtake_them(server: Server) -> None:
    server.tell("transcribe", number=1)
    server.tell("probe", number=2)
    server.tell("cancel", "interrupt")
    until(server.line.interrupt.is_set)
    assert server.line.cancel.is_set() and not server.line.stop.is_set()
    assert [server.line.commands.get(timeout=30)["number"] for _ in range(2)] == [1, 2]
    with pytest.raises(Cancelled):
        server.line.check()


def test_a_flag_of_the_work_before_does_not_end_the_next(server: Server) -> None:
    server.tell("cancel", "interrupt", "transcribe")
    assert server.line.commands.get(timeout=30) == {"do": "transcribe"}
    server.line.check()
    assert not server.line.interrupt.is_set()


def test_a_stop_stays_and_comes_before_a_cancel(server: Server) -> None:
    server.tell("stop", "transcribe", "cancel")
    until(server.line.cancel.is_set)
    with pytest.raises(ShuttingDown):
        server.line.check()


def test_messages_of_two_threads_are_whole_lines(server: Server) -> None:
    def speak(who: str) -> None:
        for _ in range(50):
            server.line.say("progress", who=who, text="节目\n" * 50)

    threads = [threading.Thread(target=speak, args=(who,)) for who in "ab"]
    told: list[dict[str, Any]] = []
    reading = threading.Thread(target=lambda: told.extend(server.heard()))
    reading.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.hang_up()
    reading.join()
    assert len(told) == 100 and {message["text"] for message in told} == {"节目\n" * 50}


def test_a_server_that_hears_nothing_any_more_ends_the_worker(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server._said.close()

    def end(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(SystemExit) as ended:
        server.line.say("beat")
    assert ended.value.code == 0
    monkeypatch.setattr(os, "_exit", server.ended.append)
    server.hang_up()


# --- what a command comes to ------------------------------------------------------------------------


def served(server: Server, monkeypatch: pytest.MonkeyPatch, act: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Serve the commands that were told, each by `act`, until one that nobody knows."""
    monkeypatch.setattr(Session, "transcribe", lambda _session, command: act(command))
    server.tell("nonsense")
    with pytest.raises(KeyError):
        worker.serve(server.line)
    server.hang_up()
    return server.heard()


def test_each_way_to_end_is_told_and_the_next_command_is_served(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [Cancelled(), ShuttingDown(), MediaMissing("talk.mp3 is gone.", file="talk.mp3")]

    def act(command: dict[str, Any]) -> None:
        if command["number"] < len(ends):
            raise ends[command["number"]]
        server.line.say("done")

    for number in range(4):
        server.tell("transcribe", number=number)
    said = served(server, monkeypatch, act)
    assert [message["event"] for message in said] == ["cancelled", "stopped", "error", "done"]
    assert said[2] == {"event": "error", **ends[2].to_dict()}  # type: ignore[attr-defined]
