"""Handle the worker process in the server: start it, write to it, read from it, end it.

    server ── one JSON object a line ──► stdin   core.speech.worker
           ◄── one JSON object a line ── stdout  (its stderr goes to the log)

The child leads a session of its own, so that a kill reaches all processes that it started, and it dies at the end of its stdin,
so that it never outlives the server.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from structlog.contextvars import bound_contextvars, get_contextvars

from core.settings import PROJECT

log = logging.getLogger(__name__)

LAST_WORDS = 20


class Ends:
    """The unexpected ends of workers: when the latest were, in Unix seconds, and how many in all."""

    def __init__(self) -> None:
        self.times: deque[float] = deque(maxlen=100)
        self.count = 0

    def note(self) -> None:
        self.times.append(time.time())
        self.count += 1


class Child:
    """A running worker. `lines` receives every message, then None when the process has closed its output."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "core.speech.worker")) -> None:
        self.since = time.time()
        self.trying: str | None = None  # the device that the worker reported it is starting on
        self.trying_since = 0.0
        self.lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._complaints: deque[str] = deque(maxlen=LAST_WORDS)
        self._about: Mapping[str, Any] = {}  # the job for which the worker was last told to do something
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._readers = [
            threading.Thread(target=self._read_messages, name="speech-messages", daemon=True),
            threading.Thread(target=self._read_complaints, name="speech-stderr", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def try_device(self, device: str) -> None:
        """Note the device that the worker is about to try, and when (`time.monotonic()`)."""
        self.trying, self.trying_since = device, time.monotonic()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message; a worker that is gone shows in `lines`, not here."""
        if (pipe := self._process.stdin) is None or pipe.closed:
            return
        self._about = get_contextvars()
        with contextlib.suppress(BrokenPipeError):
            pipe.write(json.dumps(message).encode() + b"\n")
            pipe.flush()

    def end(self, patience: float = 1.0) -> None:
        """Close its stdin, at which it ends; after `patience` seconds kill its whole group. Return when it is gone."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """Kill the group at once. Return when the worker is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def obituary(self) -> str:
        """Return how it ended, and the last lines that it wrote to stderr."""
        code = self._process.wait()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        said = " ".join(self._complaints)
        return f"{how}; {said}" if said else how

    def crashed(self) -> bool:
        """Return whether it crashed, as opposed to a kill from outside or an orderly exit."""
        return self._process.wait() not in (0, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)

    def rss(self) -> int | None:
        """Return its resident memory in bytes, None when the process is gone or the system does not say."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return None
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _close(self) -> None:
        for reader in self._readers:
            reader.join(1.0)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _read_messages(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self.lines.put(json.loads(line))
            except ValueError:
                log.warning("the speech worker wrote something that is no message: %.200r", line)
        self.lines.put(None)

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            self._complaints.append(text)
            with bound_contextvars(**self._about):
                log.debug("speech worker: %s", text)
