"""CastMind as a user runs it: `python castmind_app.py` in a separate process, on the test's own data folder.

with RunningApp(folder, OLLAMA_HOST=fake.url) as app:
    app.client.get("/api/v1/episodes")
    app.kill(); app.start()        # as after a power cut

Server holds the HTTP requests of tests, also for a CastMind in a container.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol, Self

import httpx

from tests.warm_parent import WarmParent

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0
# Errors of our own in the background, which only the log tells: whatever happens outside, none of these follows from it.
FAULTS = re.compile(r".* failed .*\((?:AttributeError|IndexError|KeyError|NameError|TypeError): .*")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], *, patience: float = PATIENCE, pause: float = 0.1, why: Callable[[], str] = str) -> Any:
    """Return the first truthy result of `what`; fail if none comes in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(pause)
    raise AssertionError(f"waited {patience:.0f} s in vain. {why()}")


class Server(ABC):
    """A CastMind on a port of this computer. `client` sends requests; `data` is its folder as seen from the test."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # The server closes connections after five idle seconds: a client that closes them earlier avoids the race.
        # Called before the server stops: a browser still loading a page would see broken connections.
        self.guests: list[Callable[[], object]] = []
        self.client = httpx.Client(base_url=self.url, timeout=30.0, trust_env=False, limits=httpx.Limits(keepalive_expiry=2.0))

    @abstractmethod
    def start(self, *, wait: bool = True) -> Self: ...

    @abstractmethod
    def kill(self) -> None:
        """kill -9."""

    @abstractmethod
    def stop(self) -> int:
        """Send SIGTERM; return the exit status."""

    @abstractmethod
    def exit_status(self) -> int | None:
        """Return the exit status; None while it runs."""

    @abstractmethod
    def last_words(self) -> str: ...

    def ready(self) -> bool:
        if (status := self.exit_status()) is not None:
            raise AssertionError(f"CastMind ended with {status}. {self.last_words()}")
        try:
            return self.client.get("/health/ready", timeout=5.0).status_code == 200
        except httpx.HTTPError:
            return False

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            # A failed start must leave no process running.
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            for leave in list(self.guests):
                leave()
        finally:
            self.kill()
            self.client.close()

    # --- requests of tests ----------------------------------------------------------------------

    def episode(self, episode_id: int) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/episodes/{episode_id}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def states(self, episode_id: int) -> dict[str, str]:
        return {stage["name"]: stage["state"] for stage in self.episode(episode_id)["stages"]}

    def wait_done(self, episode_id: int, *, patience: float = PATIENCE) -> dict[str, Any]:
        def done() -> bool:
            states = self.states(episode_id)
            assert "failed" not in states.values(), self.episode(episode_id)
            return bool(states) and set(states.values()) == {"done"}

        wait_for(done, patience=patience, why=lambda: f"{self.episode(episode_id)} {self.last_words()}")
        return self.episode(episode_id)

    def upload(self, path: Path, **fields: str) -> httpx.Response:
        with path.open("rb") as file:
            return self.client.post("/api/v1/episodes", files={"file": (path.name, file)}, data=fields)


def command(app: Server, *arguments: str) -> tuple[int, str, str]:
    """Run `python -m core` with the server's folder and port; return exit status, stdout and stderr."""
    settings = {"CASTMIND_DATA_DIR": str(app.data), "CASTMIND_PORT": str(app.port), "CASTMIND_ENV": "test"}
    done = subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=PROJECT,
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


class Process(Protocol):
    """The part of subprocess.Popen that tests use."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...


class RunningApp(Server):
    """A running CastMind. `settings` are environment variables. `project`, the folder of the code, and `program`, Python's
    arguments in it, may be changed before the start.

    With a `parent` the server is forked from it, unless the project differs. Tests have a parent (tests/conftest.py); tests
    that measure memory or start-up time set None, and so do other callers.
    """

    project = PROJECT
    program: tuple[str, ...] = ("castmind_app.py",)
    parent: ClassVar[WarmParent | None] = None

    def __init__(self, data: Path, **settings: str) -> None:
        super().__init__(data)
        self.log = data.parent / f"{data.name}.log"
        self._settings = {
            "CASTMIND_ENV": "test",
            "CASTMIND_DATA_DIR": str(data),
            "CASTMIND_PORT": str(self.port),
            "CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
            "OLLAMA_HOST": "http://127.0.0.1:9",
            **settings,
        }
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self, *, wait: bool = True) -> Self:
        with self.log.open("ab") as log:
            self._process = self._begin(log)
        if wait:
            wait_for(self.ready, why=self.last_words)
        return self

    def _begin(self, log: BinaryIO) -> Process:
        environ = os.environ | self._settings
        if self.parent and self.project == PROJECT:
            return self.parent.start(*self.program, env=environ, stdout=log, stderr=log)
        return subprocess.Popen(
            [sys.executable, *self.program], cwd=self.project, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )

    def exit_status(self) -> int | None:
        assert self._process
        return self._process.poll()

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:] if self.log.exists() else ""

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        assert not (faults := FAULTS.findall(text)), faults

    def kill(self) -> None:
        """Send SIGKILL to the server only."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> int:
        """Send SIGTERM; return the exit status."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30.0)
