"""Is CastMind well? Named checks, each guarded, joined into the body of GET /health.

checks ─► run one by one, timed; an exception is a fail with its text
       ─► all pass: healthy · a warn: degraded (it works, something is missing) · a fail: unhealthy
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from core.domain.mounts import MOUNTINFO, filesystem_of, is_remote
from core.pipeline.language_model import OllamaState
from core.speech.request import Probe
from core.store.db import Store

Status = Literal["pass", "warn", "fail"]
OVERALL: Mapping[Status, str] = {"pass": "healthy", "warn": "degraded", "fail": "unhealthy"}
GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """`output` says in English what was found, and what to do when it is not a pass."""

    status: Status
    output: str


CheckFunction = Callable[[], Check]


class Health:
    """`checks` by name; `version` is CastMind's. Safe to ask from several threads."""

    def __init__(self, checks: Mapping[str, CheckFunction], *, version: str = "") -> None:
        self._checks = dict(checks)
        self._version = version
        self._started = time.monotonic()

    def report(self) -> dict[str, Any]:
        """`{status, timestamp, uptime, version, checks: {name: {status, output, duration}}}`.

        `timestamp` is ISO 8601 in UTC; `uptime` and `duration` are seconds. Never raises.
        """
        found = {name: _run(check) for name, check in self._checks.items()}
        return {
            "status": OVERALL[_worst(check.status for check, _ in found.values())],
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "uptime": round(time.monotonic() - self._started, 3),
            "version": self._version,
            "checks": {
                name: {"status": check.status, "output": check.output, "duration": round(seconds, 4)}
                for name, (check, seconds) in found.items()
            },
        }


def _run(check: CheckFunction) -> tuple[Check, float]:
    started = time.monotonic()
    try:
        result = check()
    except Exception as error:
        result = Check("fail", f"{type(error).__name__}: {error}")
    return result, time.monotonic() - started


def _worst(statuses: Any) -> Status:
    found = set(statuses)
    return "fail" if "fail" in found else "warn" if "warn" in found else "pass"


# --- checks: plain inputs in, a verdict out ---------------------------------------------------------


def database(store: Store) -> Check:
    """Whether the library can be read."""
    (count,) = store.read().execute("SELECT count(*) FROM episodes").fetchone()
    return Check("pass", f"{count} episodes")


def disk(folder: Path, min_free_gb: float) -> Check:
    """Below `min_free_gb` nothing new is fetched or started: a warning, because what is there stays readable."""
    free = shutil.disk_usage(folder).free / GB
    if free >= min_free_gb:
        return Check("pass", f"{free:.1f} GB free")
    return Check(
        "warn", f"{free:.1f} GB free, less than the {min_free_gb:g} GB that are kept. Nothing new is started; make room."
    )


def mount(folder: Path, mountinfo: str | None = None) -> Check:
    """Databases on file systems of another machine, a virtual one included, are slow and less safe. Text is for tests."""
    text = _mountinfo() if mountinfo is None else mountinfo
    kind = filesystem_of(folder.absolute(), text)
    if is_remote(kind):
        return Check(
            "warn",
            f"The data folder lies on a {kind} mount: the database is slower there, and new files are found by polling. "
            "Move it to a disk of this computer (in WSL2: below your Linux home).",
        )
    return Check("pass", kind or "an unnamed file system")


def ollama(state: OllamaState, *, wanted: bool = True) -> Check:
    """Without Ollama the notes are extractive: a warning. `wanted` is False when the settings never ask it."""
    if not wanted:
        return Check("pass", "not asked: notes are extractive by choice")
    if state.host is None:
        tried = "; ".join(f"{host}: {reason}" for host, reason in state.tried) or "no address was tried"
        return Check("warn", f"Ollama does not answer ({tried}). Start it; until then notes are extractive.")
    if state.chosen is None:
        missing = state.wanted or "a language model"
        return Check("warn", f"Ollama {state.version} at {state.host} does not have {missing}. Pull it with `ollama pull`.")
    return Check("pass", f"Ollama {state.version} at {state.host}, {state.chosen}")


def speech(probe: Probe | None) -> Check:
    """What speech recognition will use; a card that is there and cannot be used is a warning."""
    if probe is None:
        return Check("pass", "being looked at")
    output = f"{probe.model} on {probe.device} ({probe.device_name}), {probe.compute_type}"
    if probe.cuda_error and probe.device != "cuda":
        return Check("warn", f"{output}. The card is not used: {probe.cuda_error}")
    if not probe.model_present:
        return Check("warn", f"{output}. The model is not on this computer yet; it is downloaded with the first episode.")
    return Check("pass", output)


def pipeline(alive: bool) -> Check:
    """Whether the threads that run the jobs live."""
    return Check("pass", "running") if alive else Check("fail", "A pipeline thread has ended. Restart CastMind; no work is lost.")


def _mountinfo() -> str:
    try:
        return Path(MOUNTINFO).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""  # not Linux
