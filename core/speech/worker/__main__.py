"""Run the speech worker: `python -m core.speech.worker`, the only process that loads faster-whisper.

    stdin  ─► {"do": "transcribe" | "probe" | "interrupt" | "cancel" | "stop", …}
              a thread reads; at the end of stdin the process ends
    stdout ◄─ {"event": "trying" | "loaded" | "progress" | "window" | "done" | "interrupted" | "stopped" | "cancelled" |
              "error" | "probe"}
              {"event": "card_failed"}: the last message, because CUDA does not recover within a process
              {"event": "beat"} every five seconds, from a thread of its own

The protocol uses a copy of the original stdout; file descriptor 1 is redirected to stderr, so that a library that prints cannot
corrupt a line. The process runs at a low priority: pages come first.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from core.errors import Cancelled, CastMindError, ShuttingDown

BEAT_SECONDS = 5.0
NICENESS = 10


class OutputLine:
    """The pipe to the server: commands in a queue, messages out one at a time, flags for commands that interrupt running work."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.cancel, self.stop, self.interrupt = threading.Event(), threading.Event(), threading.Event()
        self._incoming, self._outgoing = incoming, outgoing
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        threading.Thread(target=self._beat, name="beat", daemon=True).start()

    def say(self, event: str, **fields: Any) -> None:
        data = json.dumps({"event": event, **fields}, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._outgoing, data) :]
            except BrokenPipeError:
                os._exit(0)  # the server has closed the pipe

    def check(self) -> None:
        """Raise Cancelled or ShuttingDown if the server asked for it."""
        if self.stop.is_set():
            raise ShuttingDown()
        if self.cancel.is_set():
            raise Cancelled()

    def _listen(self) -> None:
        with os.fdopen(self._incoming, "rb") as pipe:
            for raw in pipe:
                command = json.loads(raw)
                match command["do"]:
                    case "cancel":
                        self.cancel.set()
                    case "stop":
                        self.stop.set()
                    case "interrupt":
                        self.interrupt.set()
                    case _:
                        self.cancel.clear()
                        self.interrupt.clear()
                        self.commands.put(command)
        os._exit(0)

    def _beat(self) -> None:
        while True:
            self.say("beat")
            time.sleep(BEAT_SECONDS)


def serve(line: OutputLine) -> None:
    """Run one command after the other, for ever."""
    from core.speech.worker.session import Session  # heavy: after the first beat

    session = Session(line.say, line.check, line.interrupt.is_set)
    actions: dict[str, Callable[[dict[str, Any]], None]] = {"transcribe": session.transcribe, "probe": session.probe}
    while True:
        command = line.commands.get()
        try:
            actions[command["do"]](command)
        except Cancelled:
            line.say("cancelled")
        except ShuttingDown:
            line.say("stopped")
        except CastMindError as error:
            line.say("error", **error.to_dict())


def main() -> None:
    """Move the protocol to a private descriptor, safe from stray prints, then serve."""
    outgoing, incoming = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.nice(NICENESS)
    # A model that lacks a file must fail here, not be completed from the network.
    os.environ["HF_HUB_OFFLINE"] = "1"
    line = OutputLine(incoming, outgoing)
    line.start()
    serve(line)


if __name__ == "__main__":
    main()
