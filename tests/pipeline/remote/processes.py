"""Processes of these tests: a worker, and CastMind without its pages. Each writes a log, and can be killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Self

from tests.running import wait_for
from tests.warm_parent import PARENT, ForkedProcess

KEY = "the key of the tests' workers"


class LoggedProcess:
    """A module of this folder, from `with` to its end. `log` is added to at each start."""

    def __init__(self, log: Path, module: str, *arguments: str, **environ: str) -> None:
        self.log = log
        self._command = ("-m", f"{__package__}.{module}", *arguments)
        self._environ = {"CASTMIND_ENV": "test", "OLLAMA_HOST": "http://127.0.0.1:9", **environ}
        self._process: ForkedProcess | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self, *more: str) -> Self:
        before = self.lines().count("ready")
        with self.log.open("ab") as log:
            self._process = PARENT.start(*self._command, *more, env=os.environ | self._environ, stdout=log, stderr=log)
        self.wait_for("ready", before + 1)
        return self

    def kill(self) -> None:
        """kill -9."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []

    def wait_for(self, line: str, times: int = 1) -> None:
        def said() -> bool:
            count = self.lines().count(line)
            assert count >= times or self.exit_status() is None, self.last_words()
            return count >= times

        wait_for(said, pause=0.02, why=self.last_words)

    def last_words(self) -> str:
        return "\n".join(self.lines()[-60:])

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, *_: object) -> None:
        self.kill()


def worker(log: Path, url: str, data: Path, *steps: str, key: str = KEY) -> LoggedProcess:
    return LoggedProcess(log, "worker", url, key, str(data), *steps)


def server(log: Path, port: int, data: Path) -> LoggedProcess:
    return LoggedProcess(log, "server", str(port), KEY, CASTMIND_DATA_DIR=str(data), CASTMIND_PORT=str(port))
