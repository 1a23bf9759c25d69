"""CastMind with threads that a test can end and a clock that it can set: `python -m tests.chaos.server`, with CHAOS_SOCKET set.

A line on that Unix socket is an order, and is answered with "done":

    end NAME        raise SystemExit in the thread of that name
    clock SECONDS   set the clock (time.time) by so much
"""

from __future__ import annotations

import ctypes
import os
import runpy
import socket
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


class SetClock:
    """time.time of a computer whose clock is set while it runs."""

    def __init__(self) -> None:
        self._true = time.time
        self.set_by = 0.0

    def __call__(self) -> float:
        return self._true() + self.set_by


def end(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))


def obey(listener: socket.socket, clock: SetClock) -> None:
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rw", encoding="utf-8") as line:
            order, _, what = line.readline().strip().partition(" ")
            if order == "end":
                end(what)
            elif order == "clock":
                clock.set_by += float(what)
            else:
                raise ValueError(order)
            line.write("done\n")


def main() -> None:
    clock = SetClock()
    # Before CastMind is imported, so that all of it has this clock.
    time.time = clock
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.environ["CHAOS_SOCKET"])
    listener.listen()
    threading.Thread(target=obey, args=(listener, clock), daemon=True).start()
    runpy.run_path(str(PROJECT / "castmind_app.py"), run_name="__main__")


if __name__ == "__main__":
    main()
