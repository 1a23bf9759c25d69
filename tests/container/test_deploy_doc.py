"""Follow DEPLOY.md as a reader does: run its commands from top to bottom in a fresh copy of the tree.

fenced blocks ─┬─ `<!-- elsewhere: why -->` above: needs another environment (a GPU, Windows, root's system)
               └─ the others: run one after the other by bash, in the order of the page
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.container.compose import COMPOSE
from tests.container.engine import BASE, DOCKER
from tests.container.test_deploy import FAKES, Clone
from tests.running import PROJECT

PAGES = ("DEPLOY.md", "DEPLOY.zh.md")
BLOCK = re.compile(r"(?:<!-- elsewhere: (?P<elsewhere>[^>]+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
# The block that stops the service: afterwards there is no server to check.
LAST = "./deploy.sh down\n"


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    elsewhere: str | None

    @property
    def runs_here(self) -> bool:
        return self.kind == "sh" and self.elsewhere is None


def blocks(page: str) -> list[Block]:
    found = BLOCK.finditer((PROJECT / page).read_text(encoding="utf-8"))
    return [Block(m["kind"], m["text"], m["elsewhere"]) for m in found]


def test_both_languages_have_the_same_commands_and_settings() -> None:
    english, chinese = (blocks(page) for page in PAGES)
    assert english == chinese
    assert sum(block.runs_here for block in english) >= 14


def test_what_is_not_run_here_says_why() -> None:
    assert all(block.elsewhere for block in blocks("DEPLOY.md") if block.kind == "powershell")


@pytest.mark.parametrize("page", PAGES)
def test_settings_and_files_that_the_page_names_exist(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    known = (PROJECT / ".env.template").read_text(encoding="utf-8")
    for name in set(re.findall(r"\b(?:CASTMIND_[A-Z_]+|PUID|PGID|COMPOSE_[A-Z]+|HF_ENDPOINT|OLLAMA_HOST|[A-Z]+_MIRROR)\b", text)):
        assert f"#{name}=" in known, name
    for link in re.findall(r"\]\(([^)#:]+)", text):
        assert (PROJECT / link).exists(), link


@pytest.fixture
def clone(engine: None, tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path / "castmind")
    yield made
    made.remove()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder for PATH in which `docker compose` works with either form of Compose on this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "docker"
    script.write_text(
        f'#!/bin/sh\n[ "$1" != compose ] || {{ shift; exec {COMPOSE} "$@"; }}\nexec {DOCKER} "$@"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    return folder


@pytest.mark.container
@pytest.mark.long
def test_the_page_from_the_top_to_the_end(clone: Clone, programs: Path) -> None:
    """One reader, one PC: each block finds the state that earlier blocks left."""
    done: list[str] = []
    heard = False
    for block in blocks("DEPLOY.md"):
        if not block.runs_here:
            continue
        said = follow(clone, programs, block.text)
        done.append(block.text)
        if not heard:
            clone.name = clone.container()
            clone.hear()
            heard = True
        if "castmind restore" in block.text:
            assert "restore-point" in "".join(path.name for path in (clone.data / "backups").iterdir()), said
            assert [item["title"] for item in clone.client.get("/api/v1/episodes").json()["items"]]
        if block.text == LAST:
            assert not clone.container()
    assert LAST in done
    assert BASE in clone.env()["BASE_IMAGE"]


def follow(clone: Clone, programs: Path, text: str) -> str:
    """Run a block as typed, with this copy's own image name; fail with its output."""
    verifies = "verify" in text and "deploy.sh" in text
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CASTMIND_", "COMPOSE_", "LC_"))}
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text.replace("castmind:cpu", f"{clone.project}:cpu")],
        cwd=clone.folder,
        env=inherited | {"PATH": f"{programs}:{FAKES}:{os.environ['PATH']}", "LANG": "C.UTF-8", "FAKE_CARD": "none"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800.0,
        check=False,
    )
    # Without a GPU the check must report that nothing was proven.
    assert run.returncode == (1 if verifies else 0), f"{text}\n{run.stdout[-4000:]}"
    assert not verifies or "Unproven" in run.stdout, run.stdout
    return run.stdout
