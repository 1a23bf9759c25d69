"""The files that hold secrets, and who else can read them.

data/secret.key and what a change of it left, files of CASTMIND_<NAME>_FILE for secret settings, config files that set one
    ─▶ SecretFile(path, why, mode) ─▶ `exposed`: its group or everyone may read or change it
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core import settings
from core.store.db.vault import FILE

# Docker and Kubernetes mount secrets there, readable for all inside a container that has one user.
MOUNTED = (Path("/run/secrets"), Path("/var/run/secrets"))


@dataclass(frozen=True, slots=True)
class SecretFile:
    """`why`: the variable or the setting, or "key"; `mode`: the permission bits."""

    path: Path
    why: str
    mode: int

    @property
    def exposed(self) -> bool:
        """Return whether somebody besides its owner may read or change it; of a mounted secret, whether others may change it."""
        mounted = any(self.path.is_relative_to(folder) for folder in MOUNTED)
        return bool(self.mode & (stat.S_IWGRP | stat.S_IWOTH if mounted else stat.S_IRWXG | stat.S_IRWXO))

    @property
    def remedy(self) -> str:
        return f"chmod 600 {self.path}"


def listing(
    data: Path, *, environ: Mapping[str, str] | None = None, config: Path = settings.PROJECT / "config"
) -> list[SecretFile]:
    """Return those that exist, each once."""
    environ = os.environ if environ is None else environ
    found: dict[Path, SecretFile] = {}
    for path, why in (*_keys(data), *_named(environ), *_configured(config)):
        if path not in found and path.is_file():
            found[path] = SecretFile(path, why, stat.S_IMODE(path.stat().st_mode))
    return list(found.values())


def _keys(data: Path) -> Iterator[tuple[Path, str]]:
    yield from ((path, "key") for path in sorted(data.glob(f"{Path(FILE).stem}.*")))


def _named(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for variable, path in settings.files_of_settings(environ).items():
        name = variable.removeprefix(settings.PREFIX).removesuffix("_FILE").lower()
        if name in settings.table() and settings.is_secret(name):
            yield path, variable


def _configured(config: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(config.glob("*.toml")):
        try:
            names = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # a start says so, and names it
        for name in names:
            if name in settings.table() and settings.is_secret(name):
                yield path, name
