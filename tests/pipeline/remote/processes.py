"""Processes of these tests: a worker, and CastMind without its pages. Each writes a log, and can be killed.

Reading the modules takes such a process more than two seconds. They are forked from one that has read them already, and has
neither threads nor a database; each is a process of its own all the same, with an id to kill it by.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Self

from tests.pipeline.remote import server as server_program
from tests.pipeline.remote import worker as worker_program
from tests.running import wait_for

KEY = "the key of the tests' workers"
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([worker_program.__name__, server_program.__name__])


def run(log: Path, environ: dict[str, str], program: Callable[..., None], arguments: tuple[str, ...]) -> None:
    """In the child. What it and its own children say goes into the log."""
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.update(environ)
    program(*arguments)


@contextmanager
def main_module(module: ModuleType) -> Iterator[None]:
    """A child imports the main module of its parent. Tests of pages leave a page there, which would run in the child."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


class LoggedProcess:
    """A program of this folder, from `with` to its end. `log` is added to at each start."""

    def __init__(self, log: Path, program: Callable[..., None], *arguments: str, **environ: str) -> None:
        self.log = log
        self._program = program
        self._arguments = arguments
        self._environ = {"CASTMIND_ENV": "test", "OLLAMA_HOST": "http://127.0.0.1:9", **environ}
        self._process: ForkServerProcess | None = None

    @property
    def pid(self) -> int:
        assert self._process and self._process.pid
        return self._process.pid

    def start(self, *more: str) -> Self:
        before = self.lines().count("ready")
        # Not as a daemon: a worker starts a process itself.
        self._process = FORKS.Process(target=run, args=(self.log, self._environ, self._program, (*self._arguments, *more)))
        with main_module(ModuleType("__main__")):
            self._process.start()
        self.wait_for("ready", before + 1)
        return self

    def kill(self) -> None:
        """kill -9."""
        if self._process and self._process.is_alive():
            self._process.kill()
            self._process.join()

    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode if self._process else None

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
    return LoggedProcess(log, worker_program.main, url, key, str(data), *steps)


def server(log: Path, port: int, data: Path) -> LoggedProcess:
    return LoggedProcess(log, server_program.main, str(port), KEY, CASTMIND_DATA_DIR=str(data), CASTMIND_PORT=str(port))
