"""CastMind as a person runs it: the project's compose files in the test's own folder, `docker-compose up`, `down`.

with ComposeApp(folder, image) as app:       clean to healthy
    app.down(); app.start()                  the same folder, another container
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.container.engine import DOCKER, RunningContainer, new_name
from tests.running import PROJECT, wait_for

COMPOSE = os.environ.get("CASTMIND_COMPOSE") or "/usr/bin/docker-compose"
PATIENCE = 90.0


def compose(*arguments: str, folder: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Compose in `folder`. It builds with the first client in PATH, so the engine's own client comes first."""
    own = {"PATH": f"{Path(DOCKER).parent}:{os.environ['PATH']}", "DOCKER_BUILDKIT": "1", "COMPOSE_DOCKER_CLI_BUILD": "1"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CASTMIND_", "COMPOSE_"))}
    done = subprocess.run(
        [COMPOSE, *arguments],
        cwd=folder,
        env=inherited | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1800.0,
        check=False,
    )
    assert not check or done.returncode == 0, f"{COMPOSE} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done


def copy_files(folder: Path, **variables: str) -> Path:
    """Return a folder with the files that Compose reads, and an .env."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PROJECT.glob("docker-compose*.yml"):
        shutil.copy(path, folder)
    (folder / "docker").mkdir(exist_ok=True)
    shutil.copy(PROJECT / "docker" / "Caddyfile", folder / "docker")
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8")
    return folder


class ComposeApp(RunningContainer):
    """A running service. `file` is one of the project's compose files; `settings` go into .env. The data are in `folder`/data."""

    def __init__(self, folder: Path, image: str, file: str = "docker-compose.cpu.yml", **settings: str) -> None:
        super().__init__(image, folder / "data")
        own = {"COMPOSE_FILE": file, "COMPOSE_PROJECT_NAME": new_name(), "CASTMIND_IMAGE": image, "CASTMIND_PORT": str(self.port)}
        tame = {"CASTMIND_ENV": "test", "OLLAMA_HOST": "http://127.0.0.1:9"}
        self.folder = copy_files(folder, **(tame | own | settings))

    def start(self, *, wait: bool = True) -> Self:
        compose("up", "--detach", "--no-build", folder=self.folder)
        self.name = compose("ps", "--quiet", "castmind", folder=self.folder).stdout.strip()
        if wait:
            wait_for(self._healthy, patience=PATIENCE, why=self.last_words)
        return self

    def _healthy(self) -> bool:
        """Whether the engine's own health check passes, as a person sees it."""
        state = self.inspect("{{.State.Status}} {{.State.Health.Status}}")
        assert state.startswith("running"), f"{state}. {self.last_words()}"
        return state == "running healthy" and self.ready()

    def down(self) -> None:
        compose("down", folder=self.folder)

    def __exit__(self, *_: object) -> None:
        compose("down", "--volumes", folder=self.folder, check=False)
        self.client.close()
