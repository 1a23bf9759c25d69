"""deploy.sh in a fresh copy of the tree, with a real engine. Fake GPUs, kernels and full disks come first in PATH.

Clone(folder) ─▶ clone.deploy("check", FAKE_CARD="old") ─▶ its output        clone.app: the server it started
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.container.compose import compose
from tests.container.engine import BASE, DOCKER, RunningContainer, docker, new_name
from tests.fakes.ollama import FakeOllama
from tests.running import PROJECT

pytestmark = pytest.mark.container

FAKES = PROJECT / "tests" / "fakes" / "bin"
SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"
BROKEN = 'raise SystemExit("this version is broken")\n'
STEP = """

@migrations(name="9999_of_tomorrow")
def of_tomorrow(db: Database) -> None:
    db.execute("ALTER TABLE episodes ADD COLUMN of_tomorrow TEXT")
"""


class Clone(RunningContainer):
    """A fresh copy of the tree, with an .env that sets its own port and names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = new_name()
        super().__init__(f"{self.project}:cpu", folder / "data")
        copy_tree(folder)
        self.write_env(
            BASE_IMAGE=BASE,
            COMPOSE_PROJECT_NAME=self.project,
            CASTMIND_IMAGE=f"{self.project}:cpu",
            CASTMIND_PORT=str(self.port),
            CASTMIND_ENV="test",
        )

    def write_env(self, **variables: str) -> None:
        with (self.folder / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in variables.items())

    def env(self) -> dict[str, str]:
        lines = (self.folder / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def deploy(self, *arguments: str, path: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CASTMIND_", "COMPOSE_", "LC_"))}
        own = {"PATH": path or f"{FAKES}:{Path(DOCKER).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8", "FAKE_CARD": "none"}
        return subprocess.run(
            [shutil.which("bash") or "bash", "./deploy.sh", *arguments],
            cwd=self.folder,
            env=inherited | own | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800.0,
            check=False,
        )

    def succeed(self, *arguments: str, **environment: str) -> str:
        done = self.deploy(*arguments, **environment)
        assert done.returncode == 0, done.stdout
        self.name = self.container()
        return done.stdout

    def fail(self, *arguments: str, **environment: str) -> str:
        done = self.deploy(*arguments, **environment)
        assert done.returncode == 1, done.stdout
        self.name = self.container()
        return done.stdout

    def container(self) -> str:
        return compose("ps", "--quiet", "castmind", folder=self.folder).stdout.strip()

    def running_image(self) -> str:
        return self.inspect("{{.Image}}")

    def hear(self) -> dict[str, Any]:
        """Process an episode to transcript and notes; return it as the library shows it."""
        answer = self.upload(SAMPLE)
        assert answer.status_code == 201, f"{answer.text} {self.last_words()}"
        return self.wait_done(answer.json()["id"])

    def change(self, name: str, text: str, *, at_end: bool = False) -> None:
        """Change a file: insert `text` before its content, or append it."""
        path = self.folder / name
        old = path.read_text(encoding="utf-8")
        # A __future__ import must come first.
        new = old + text if at_end else text + old.replace("from __future__ import annotations\n", "")
        path.write_text(new, encoding="utf-8")

    def remove(self) -> None:
        compose("down", "--volumes", "--remove-orphans", folder=self.folder, check=False)
        for tag in ("cpu", "cuda", "previous"):
            docker("image", "rm", f"{self.project}:{tag}", check=False)
        self.client.close()


def copy_tree(folder: Path) -> None:
    """Copy the tree as a clone would contain it, including uncommitted changes."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)


@pytest.fixture
def clone(engine: None, tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path / "castmind")
    yield made
    made.remove()


# --- check: nothing is built, nothing is changed -----------------------------------------------------


def test_a_look_says_what_is_here_and_changes_nothing(clone: Clone) -> None:
    before = clone.env()
    said = clone.succeed("check")
    assert re.search(r"ok +Docker engine \d", said) and re.search(r"ok +Compose [\dv]", said)
    assert f"ok    Port {clone.port} on 127.0.0.1 is free" in said
    assert "GB free in" in said and "All that is needed is here." in said
    assert clone.env() == before


def test_a_look_in_chinese(clone: Clone) -> None:
    said = clone.succeed("check", LANG="zh_CN.UTF-8")
    assert "正在检查这台电脑" in said and "需要的都齐了。" in said
    assert "Looking" not in said
    assert "用法" in clone.succeed("--help", LC_ALL="zh_TW.UTF-8", LANG="en_US.UTF-8")


def test_a_wrong_command_line_is_told_how_it_goes(clone: Clone) -> None:
    done = clone.deploy("upp")
    assert done.returncode == 2 and "Usage: ./deploy.sh" in done.stdout


def test_without_docker_it_says_how_to_install_it(clone: Clone, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sed", "awk", "uname", "stat", "dirname", "sort", "head", "tail", "tr", "timeout"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done = clone.deploy(path=str(tools))
    assert done.returncode == 1
    assert "STOP  Docker is not installed." in done.stdout and "apt-get install docker.io docker-compose" in done.stdout
    assert "Nothing was changed." in done.stdout


def test_an_engine_that_does_not_answer_is_told_with_its_words(clone: Clone, tmp_path: Path) -> None:
    said = clone.deploy(DOCKER_HOST=f"unix://{tmp_path}/none.sock").stdout
    assert "STOP  Docker is installed, but its engine does not answer:" in said
    assert f"{tmp_path}/none.sock" in said and "systemctl start docker" in said


def test_a_port_in_use_is_told_with_a_way_out(clone: Clone) -> None:
    with socket.create_server(("127.0.0.1", clone.port)):
        said = clone.fail("up")
    assert f"STOP  Port {clone.port} on 127.0.0.1 is in use" in said and "CASTMIND_PORT=8502" in said
    assert "COMPOSE_FILE" not in clone.env()


def test_a_small_disk_is_told_before_anything_is_built(clone: Clone) -> None:
    said = clone.fail("up", FAKE_FREE_KB=str(2 * 1024**2))
    assert re.search(r"STOP  2 GB free in \S+; \d+ GB are needed\.", said)
    assert "Building" not in said


@pytest.mark.parametrize(
    ("card", "words"),
    [
        pytest.param("none", "nvidia-smi does not work: No devices were found", marks=pytest.mark.long),
        pytest.param("no-driver", "couldn't communicate with the NVIDIA driver", marks=pytest.mark.long),
        pytest.param("mismatch", "Driver/library version mismatch", marks=pytest.mark.long),
        ("old", "NVIDIA's driver 470.256.02 is older than 525"),
    ],
)
def test_a_card_that_cannot_be_used_is_a_note_with_a_remedy(clone: Clone, card: str, words: str) -> None:
    said = clone.succeed("check", FAKE_CARD=card)
    note = re.search(r"note  (.*\n +.*)", said[said.index("Compose") :])
    assert note and words in note[1]
    assert "Until then CastMind will use the processor." in said


@pytest.mark.long
def test_a_missing_container_toolkit_is_told_with_how_to_install_it(clone: Clone) -> None:
    said = clone.succeed("check", FAKE_CARD="working")
    assert "ok    NVIDIA GeForce RTX 3060, 12288 MiB, driver 580.65.06" in said
    assert "note  The card is there, but Docker cannot hand it to containers" in said
    assert "nvidia-ctk runtime configure --runtime=docker" in said
    assert "ok    Docker can hand the card to containers (runtime nvidia)" in clone.succeed(
        "check", FAKE_CARD="working", FAKE_TOOLKIT="yes"
    )


@pytest.mark.long
def test_a_card_that_was_asked_for_by_name_must_be_there(clone: Clone) -> None:
    clone.write_env(CASTMIND_DEVICE="cuda")
    assert "STOP  CASTMIND_DEVICE=cuda asks for the card" in clone.fail("up")
    assert "CASTMIND_DEVICE=cuda" not in clone.succeed("check", "--cpu")


def test_wsl_is_told_by_its_kernel(clone: Clone) -> None:
    kernel = "6.6.87.2-microsoft-standard-WSL2"
    assert f"ok    WSL2, kernel {kernel}" in clone.succeed("check", FAKE_KERNEL=kernel)
    assert "STOP  This is WSL1" in clone.fail("check", FAKE_KERNEL="4.4.0-19041-Microsoft")


@pytest.mark.long
def test_ollama_that_containers_cannot_reach_is_told_with_what_to_type(clone: Clone) -> None:
    show = "import socket; print(socket.gethostbyname('host.docker.internal'))"
    options = ("--add-host=host.docker.internal:host-gateway", "--entrypoint=python3")
    bridge = docker("run", "--rm", *options, BASE, "-c", show).stdout.strip()
    with FakeOllama(port=11434):
        said = clone.succeed("check")
        assert f"note  Ollama answers on this computer, but not on {bridge}, where" in said
        assert "Environment=OLLAMA_HOST=0.0.0.0" in said
    with FakeOllama(port=11434, host=bridge):
        assert re.search(rf"ok    Ollama \S+ answers at {bridge}:11434", clone.succeed("check"))
    assert "note  Ollama does not answer on this computer" in clone.succeed("check")
    clone.write_env(COMPOSE_PROFILES="ollama")
    assert "ok    Ollama will run beside CastMind" in clone.succeed("check")


# --- full deployment --------------------------------------------------------------------------------


def test_from_a_fresh_copy_to_a_page_and_again_and_a_broken_version_is_taken_back(clone: Clone) -> None:
    clone.write_env(MINE="yes")
    said = clone.succeed(FAKE_CARD="working")
    assert "container toolkit is missing" in said and "Without a card: docker-compose.cpu.yml" in said
    assert f"CastMind 0.1.0 runs: http://localhost:{clone.port}" in said
    assert re.search(r"✓ demo on .+int8", said)
    assert clone.env()["COMPOSE_FILE"] == "docker-compose.cpu.yml" and clone.env()["MINE"] == "yes"
    heard = clone.hear()

    good, env = clone.running_image(), clone.env()
    assert "is CastMind's already" in clone.succeed()
    assert (clone.running_image(), clone.env()) == (good, env)
    compose("up", "--detach", folder=clone.folder)
    assert clone.container() == clone.name, "a plain `docker-compose up -d` does the same, so it has nothing to do"

    clone.change("castmind_app.py", BROKEN)
    said = clone.fail()
    assert "The new version is not healthy" in said and "| this version is broken" in said
    assert "The old version 0.1.0 serves again, with its data." in said
    assert (clone.running_image(), clone.env()) == (good, env)
    assert clone.episode(heard["id"]) == heard
    compose("up", "--detach", "--force-recreate", folder=clone.folder)
    assert (clone.container() != clone.name) and docker(
        "inspect", "--format={{.Image}}", clone.container()
    ).stdout.strip() == good


@pytest.mark.long
def test_a_broken_version_that_changed_the_database_is_taken_back_with_the_database(clone: Clone) -> None:
    clone.succeed()
    heard = clone.hear()
    clone.change("castmind_app.py", BROKEN)
    clone.change("core/store/migrations/search.py", STEP, at_end=True)
    said = clone.fail()
    (backup,) = (path.name for path in (clone.data / "backups").glob("castmind-migration-*.zip"))
    assert f"The new version had changed the database: putting {backup} back" in said
    assert "serves again" in said
    assert clone.episode(heard["id"]) == heard
    with closing(sqlite3.connect(f"file:{clone.data / 'castmind.db'}?mode=ro", uri=True)) as db:
        assert "of_tomorrow" not in [row[1] for row in db.execute("PRAGMA table_info(episodes)")]


@pytest.mark.long
def test_a_first_version_that_is_broken_is_stopped_and_its_log_shown(clone: Clone) -> None:
    clone.change("castmind_app.py", BROKEN)
    said = clone.fail()
    assert "| this version is broken" in said and "there is no earlier version to put back" in said
    assert clone.exit_status() is not None


@pytest.mark.long
def test_a_version_that_cannot_be_built_leaves_the_old_one_alone(clone: Clone) -> None:
    clone.succeed()
    before = clone.name
    (clone.folder / "Dockerfile").write_text("FROM scratch AS cpu\nRUN false\n")
    said = clone.fail()
    assert "could not be built" in said and "What runs was left alone." in said
    assert clone.container() == before and clone.ready()


@pytest.mark.long
def test_a_container_that_does_not_get_the_card_means_the_cpu_file(clone: Clone, cuda_image: str) -> None:
    said = clone.succeed(FAKE_CARD="working", FAKE_TOOLKIT="yes")
    assert "With the card: docker-compose.yml" in said
    assert "note  A container does not get the card:" in said and "Without a card: docker-compose.cpu.yml" in said
    assert clone.env()["COMPOSE_FILE"] == "docker-compose.cpu.yml"
    assert clone.ready()


@pytest.mark.long
def test_status_verify_and_down(clone: Clone) -> None:
    assert "CastMind does not run." in clone.fail("status")
    clone.succeed()
    assert f"http://localhost:{clone.port}" in clone.succeed("status")
    said = clone.fail("verify", FAKE_KERNEL="6.6.87.2-microsoft-standard-WSL2")
    assert "Unproven: no speech ran on a card here." in said
    (report,) = (clone.data / "reports").glob("card-*.md")
    assert "- proven: no" in report.read_text() and "- WSL2: 6.6.87.2-microsoft-standard-WSL2" in report.read_text()
    assert "Everything is kept in ./data" in clone.succeed("down")
    assert clone.container() == "" and (clone.data / "castmind.db").exists()


@pytest.mark.long
def test_an_image_that_was_loaded_is_used_as_it_is(clone: Clone, cpu_image: str) -> None:
    assert f"There is no image {clone.project}:cpu here." in clone.fail("--no-build")
    docker("tag", cpu_image, f"{clone.project}:cpu")
    assert "Building" not in clone.succeed("--no-build")
    assert clone.ready()
