"""CastMind in a container, asked by HTTP like one in a process (tests/running.py).

ContainerApp   docker run ─▶ kill, stop, start ─▶ rm            with the compose files' restrictions, unless a test names others
ComposeApp     docker-compose up ─▶ stop, down, up again        on copies of the project's own files

What the engine says goes into the error, for afterwards the container is gone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any, Self

from tests.running import PROJECT, Server, wait_for

DOCKER = os.environ.get("CASTMIND_DOCKER", "/usr/bin/docker")
COMPOSE = os.environ.get("CASTMIND_COMPOSE", "/usr/bin/docker-compose")
# Debian's docker-compose builds with whatever client is first in the path.
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(DOCKER).parent}:{os.environ['PATH']}",
    "DOCKER_BUILDKIT": "1",
    "COMPOSE_DOCKER_CLI_BUILD": "1",
}
# Those of docker-compose.base.yml.
RESTRICTIONS = (
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--cap-add=CHOWN",
    "--cap-add=SETGID",
    "--cap-add=SETUID",
    "--security-opt=no-new-privileges",
)
# A host without Ollama, a speech model that is in the image, and no other server's settings.
SETTINGS = {"CASTMIND_ENV": "test", "OLLAMA_HOST": "http://127.0.0.1:9"}


def run(*command: str, cwd: Path = PROJECT, environment: dict[str, str] | None = None, check: bool = True) -> str:
    """stdout; what the command said is in the error when it fails."""
    ended = subprocess.run(
        command,
        cwd=cwd,
        env=ENVIRONMENT | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    said = f"{' '.join(command)} ended with {ended.returncode}\n{ended.stdout[-4000:]}\n{ended.stderr[-8000:]}"
    assert ended.returncode == 0 or not check, said
    return ended.stdout.strip()


def docker(*arguments: str, check: bool = True) -> str:
    return run(DOCKER, *arguments, check=check)


def bridge_address() -> str:
    """Where containers reach servers of this computer."""
    return docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")


class InContainer(Server):
    """What both ways of running have in common: all that the engine is asked about one container."""

    patience = 90.0

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.name = f"castmind-test-{uuid.uuid4().hex[:8]}"

    @property
    def container(self) -> str:
        return self.name

    def inspect(self, what: str) -> str:
        return docker("inspect", "--format", what, self.container)

    def exit_status(self) -> int | None:
        running, status = self.inspect("{{.State.Running}} {{.State.ExitCode}}").split()
        return None if running == "true" else int(status)

    def last_words(self) -> str:
        ended = subprocess.run([DOCKER, "logs", "--tail", "80", self.container], capture_output=True, text=True, check=False)
        return f"docker logs {self.container}:\n{ended.stdout}{ended.stderr}"

    def await_ready(self) -> None:
        wait_for(self.ready, patience=self.patience, why=self.last_words)

    def await_healthy(self) -> None:
        """Until the engine's own health check passes."""
        what = "{{.State.Status}} {{.State.Health.Status}}"

        def healthy() -> bool:
            status = self.inspect(what)
            assert status.startswith("running"), f"{status}. {self.last_words()}"
            return status == "running healthy"

        wait_for(healthy, patience=self.patience, why=self.last_words)

    def kill(self) -> None:
        docker("kill", self.container, check=False)

    def stop(self) -> int:
        """Gives 137 when it did not end within ten seconds: then the engine kills it."""
        docker("stop", "--time", "10", self.container)
        status = self.exit_status()
        assert status is not None
        return status


class ContainerApp(InContainer):
    """`docker run` of an image; `options` in place of RESTRICTIONS; `settings` are environment variables."""

    def __init__(self, image: str, data: Path, *options: str, **settings: str) -> None:
        super().__init__(data)
        self.image = image
        self._options = options or RESTRICTIONS
        self._settings = SETTINGS | settings
        self._made = False

    def start(self, *, wait: bool = True) -> Self:
        if self._made:
            docker("start", self.name)
        else:
            self._run()
        if wait:
            self.await_ready()
        return self

    def _run(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        settings = [f"--env={name}={value}" for name, value in self._settings.items()]
        ways = [f"--publish=127.0.0.1:{self.port}:8501", f"--volume={self.data}:/app/data"]
        self._made = True
        docker("run", "--detach", f"--name={self.name}", *ways, *self._options, *settings, self.image)

    def __exit__(self, *_: object) -> None:
        docker("rm", "--force", "--volumes", self.name, check=False)
        self.client.close()


class ComposeApp(InContainer):
    """The project's compose files in a folder of the test's, with an .env of the test's: `docker-compose up` as a person types it."""

    def __init__(self, folder: Path, image: str, file: str = "docker-compose.cpu.yml", **settings: str) -> None:
        super().__init__(folder / "data")
        self.folder = folder
        self._prepare(settings | {"CASTMIND_IMAGE": image, "CASTMIND_PORT": str(self.port), "COMPOSE_FILE": file})

    def _prepare(self, variables: dict[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in PROJECT.glob("docker-compose*.yml"):
            shutil.copy(path, self.folder)
        lines = SETTINGS | variables | {"COMPOSE_PROJECT_NAME": self.name}
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")

    def compose(self, *arguments: str) -> str:
        return run(COMPOSE, *arguments, cwd=self.folder)

    @property
    def container(self) -> str:
        found = self.compose("ps", "--quiet", "castmind")
        assert found, "compose knows no container of CastMind"
        return found

    def start(self, *, wait: bool = True) -> Self:
        self.compose("up", "--detach", "--no-build")
        if wait:
            self.await_healthy()
            self.await_ready()
        return self

    def down(self) -> None:
        self.compose("down")

    def __exit__(self, *_: object) -> None:
        self.compose("down", "--volumes")
        self.client.close()


def facts(app: Server) -> dict[str, Any]:
    """All that a reader sees, to be compared before and after."""
    listed = app.client.get("/api/v1/episodes", params={"limit": 200}).json()["items"]
    found: dict[str, Any] = {}
    for item in sorted(listed, key=lambda i: i["id"]):
        base = f"/api/v1/episodes/{item['id']}"
        found[item["title"]] = {
            "states": app.states(item["id"]),
            "transcript": app.client.get(f"{base}/transcript").json(),
            "summary": app.client.get(f"{base}/summary").json(),
            "notes": app.client.get(f"{base}/notes").text,
            "audio": app.client.get(f"{base}/audio").content,
        }
    return found
