"""What an examination finds, and what it may look at.

look(patient) ─▶ findings: status, code, params ─▶ the sentence `doctor.<code>`, what to do: `doctor.<code>.remedy`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.domain.notes.ollama_state import OllamaState
from core.message import Message, from_record, record
from core.ops.backup.backups import Backups
from core.ops.health import Check, Status
from core.settings import Loaded, Settings
from core.speech.request import Probe


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `fix` names the safe fix of it, "" if there is none; `examination` is set by who runs them.

    `text` is the key of the sentence, if it is not `doctor.<code>`: checks of /health bring their own, remedy included.
    """

    status: Status
    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    fix: str = ""
    text: str = ""
    examination: str = ""

    @classmethod
    def of(cls, name: str, check: Check, *, fix: str = "") -> Finding:
        """Return the result of a check of /health as a finding."""
        text = f"health.{check.code}" if check.code == "error" else f"health.{name}.{check.code}"
        return cls(check.status, f"{name}.{check.code}", check.params, fix, text)

    @property
    def key(self) -> str:
        return self.text or f"doctor.{self.code}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        params = {name: record(value) if isinstance(value, Message) else value for name, value in self.params.items()}
        return {
            "examination": self.examination,
            "status": self.status,
            "code": self.code,
            "params": params,
            "fix": self.fix,
            "text": self.text,
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Finding:
        """Return the finding that `to_dict` returned."""
        params = {name: from_record(value) if isinstance(value, Mapping) else value for name, value in row["params"].items()}
        return cls(**{**row, "params": params})

    def found_by(self, examination: str) -> Finding:
        return replace(self, examination=examination)


@dataclass(frozen=True, slots=True)
class Patient:
    """The installation to examine. Everything that takes time is asked for by a call.

    `serving` tells whether this process is the server. `proc` and `sys` are the kernel's folders, `environ` the environment.
    """

    loaded: Loaded
    now: float
    probe: Callable[[], Probe]
    ollama: Callable[[], OllamaState]
    backups: Backups
    container: bool
    serving: bool
    environ: Mapping[str, str] = field(default_factory=dict)
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")

    @property
    def settings(self) -> Settings:
        return self.loaded.values

    @property
    def data(self) -> Path:
        return self.loaded.values.data

    @property
    def database(self) -> Path:
        return self.data / "castmind.db"


Look = Callable[[Patient], Iterable[Finding]]


def fine(code: str, **params: str | int | float) -> Finding:
    return Finding("pass", code, params)


def odd(code: str, *, fix: str = "", **params: str | int | float) -> Finding:
    """Return a warning: CastMind works, but something is missing or will be."""
    return Finding("warn", code, params, fix)


def bad(code: str, *, fix: str = "", **params: str | int | float) -> Finding:
    """Return a fault: something does not work."""
    return Finding("fail", code, params, fix)


def text_of(path: Path) -> str:
    """Return a file of the kernel, "" where it is not there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
