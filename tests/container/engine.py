"""A real container engine: its client, builds, and CastMind running in a container as compose would run it.

with RunningContainer(image, folder, "--env=PUID=1234") as app:
    app.client.get("/api/v1/episodes")
    app.kill(); app.start()
"""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path
from typing import Self

from tests.running import PROJECT, Server, wait_for

# A name of its own: another program called docker may come first in PATH.
DOCKER = os.environ.get("CASTMIND_DOCKER") or "/usr/bin/docker"
BASE = os.environ.get("CASTMIND_TEST_BASE") or "castmind-test-base:bookworm"
STOP_SECONDS = 10
# As in docker-compose.base.yml.
HARDENED = (
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--cap-add=CHOWN",
    "--cap-add=SETGID",
    "--cap-add=SETUID",
    "--security-opt=no-new-privileges",
)
NO_CAPABILITIES = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")
_numbers = itertools.count(1)


def docker(
    *arguments: str, check: bool = True, timeout: float = 120.0, engine: tuple[str, ...] = (DOCKER,)
) -> subprocess.CompletedProcess[str]:
    """Run the client with text output. Fail with its output unless `check` is False."""
    done = subprocess.run(
        [*engine, *arguments],
        cwd=PROJECT,
        env=os.environ | {"DOCKER_BUILDKIT": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
    assert not check or done.returncode == 0, f"{' '.join([*engine, *arguments])}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done


def answers() -> bool:
    return Path(DOCKER).exists() and docker("version", check=False).returncode == 0


def build(target: str, tag: str, *arguments: str, base: str = BASE) -> str:
    """Builds one target from the working tree and gives its tag."""
    docker("build", f"--build-arg=BASE_IMAGE={base}", f"--target={target}", f"--tag={tag}", *arguments, ".", timeout=1800.0)
    return tag


def inside(image: str, *command: str, options: tuple[str, ...] = (), check: bool = True) -> subprocess.CompletedProcess[str]:
    """One command in a container of its own, through the entrypoint, on a read-only root."""
    return docker("run", "--rm", *HARDENED, *options, image, *command, check=check)


def new_name() -> str:
    return f"castmind-test-{os.getpid()}-{next(_numbers)}"


class RunningContainer(Server):
    """`data` is a folder of the host; `options` are those of `docker run`, added to `hardening`."""

    engine: tuple[str, ...] = (DOCKER,)

    def __init__(self, image: str, data: Path, *options: str, hardening: tuple[str, ...] = HARDENED) -> None:
        super().__init__(data)
        self.name = new_name()
        self._options = (
            *hardening,
            *(
                "--env=CASTMIND_ENV=test",
                "--env=CASTMIND_ALLOWED_PRIVATE_HOSTS=127.0.0.1",
                "--env=OLLAMA_HOST=http://127.0.0.1:9",
            ),
            *options,
        )
        self._image = image
        self._made = False

    def _do(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return docker(*arguments, check=check, engine=self.engine)

    def start(self, *, wait: bool = True) -> Self:
        if self._made:
            self._do("start", self.name)
        else:
            published = (f"--publish=127.0.0.1:{self.port}:8501", "--env=CASTMIND_PUBLISHED=127.0.0.1")
            mounted = (*published, f"--volume={self.data}:/app/data")
            self._do("run", "--detach", f"--name={self.name}", *mounted, *self._options, self._image)
            self._made = True
        if wait:
            wait_for(self.ready, why=self.last_words)
        return self

    def kill(self) -> None:
        if self._made and self.exit_status() is None:
            self._do("kill", self.name)

    def stop(self) -> int:
        """`docker stop`; 137 when it took longer than ten seconds and was killed."""
        self._do("stop", f"--time={STOP_SECONDS}", self.name)
        return int(self.inspect("{{.State.ExitCode}}"))

    def wait(self) -> int:
        """The exit status of a container that ends by itself."""
        return int(self._do("wait", self.name).stdout)

    def exit_status(self) -> int | None:
        running, status = self.inspect("{{.State.Running}} {{.State.ExitCode}}").split()
        return None if running == "true" else int(status)

    def last_words(self) -> str:
        said = self._do("logs", "--tail=60", self.name, check=False)
        return said.stdout + said.stderr

    def inspect(self, form: str) -> str:
        return self._do("inspect", f"--format={form}", self.name).stdout.strip()

    def execute(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self._do("exec", self.name, *command, check=check)

    def __exit__(self, *_: object) -> None:
        self._do("rm", "--force", "--volumes", self.name, check=False)
        self.client.close()
