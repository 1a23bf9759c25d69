"""Compose accepts every combination of the project's files and profiles, and none exposes anything."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.container.compose import compose, copy_files
from tests.running import PROJECT

pytestmark = pytest.mark.container

FILES = ("docker-compose.yml", "docker-compose.cpu.yml")
PROFILES = {
    "ollama": {"ollama"},
    "proxy": {"proxy"},
    "replica": {"replica"},
    "monitoring": {"prometheus", "alertmanager", "grafana", "loki", "alloy"},
}
CHOICES = [list(chosen) for length in range(len(PROFILES) + 1) for chosen in itertools.combinations(PROFILES, length)]
ALONE_AND_ALL = (0, len(PROFILES))


@pytest.fixture(params=["nothing set", "the template as it stands"])
def folder(request: pytest.FixtureRequest, engine: None, tmp_path: Path) -> Path:
    copy_files(tmp_path)
    if request.param != "nothing set":
        shutil.copy(PROJECT / ".env.template", tmp_path / ".env")
    return tmp_path


def made_of(folder: Path, file: str, profiles: list[str]) -> dict[str, Any]:
    """The services that Compose would run."""
    chosen = [f"--profile={profile}" for profile in profiles]
    done = compose("--file", file, *chosen, "config", folder=folder)
    assert "variable is not set" not in done.stderr
    services: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return {name: made for name, made in services.items() if not made.get("profiles") or set(made["profiles"]) & set(profiles)}


@pytest.mark.parametrize(
    "profiles",
    [
        pytest.param(chosen, id="+".join(chosen) or "alone", marks=() if len(chosen) in ALONE_AND_ALL else pytest.mark.long)
        for chosen in CHOICES
    ],
)
@pytest.mark.parametrize("file", FILES)
def test_every_combination_is_read_and_closed(folder: Path, file: str, profiles: list[str]) -> None:
    services = made_of(folder, file, profiles)
    assert services.keys() == {"castmind"}.union(*(PROFILES[profile] for profile in profiles))
    for name, made in services.items():
        assert all(str(port).startswith("127.0.0.1:") for port in made.get("ports", [])), name
        assert made["cap_drop"] == ["ALL"], name
        assert made["security_opt"] == ["no-new-privileges:true"], name
        assert made["restart"] == "unless-stopped", name
        assert made["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert not made.get("privileged"), name
        # Whoever holds the engine's socket holds the computer.
        assert not any("docker.sock" in str(volume) for volume in made.get("volumes", [])), name


@pytest.mark.parametrize("file", FILES)
def test_only_the_file_for_a_card_reserves_one(folder: Path, file: str) -> None:
    for name, made in made_of(folder, file, list(PROFILES)).items():
        reserved = "deploy" in made
        assert reserved == (file == FILES[0] and name in ("castmind", "ollama")), name
