"""Is CastMind well? Named checks, each guarded, joined into the body of GET /health.

checks ─► run one by one, timed; an exception is a fail with its text
       ─► all pass: healthy · a warn: degraded (it works, something is missing) · a fail: unhealthy
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from core.domain.exposure import exposure
from core.domain.notes.ollama_state import OllamaState
from core.errors import DatabaseBusy, DatabaseUnwritable, DiskFull
from core.files.mounts import KERNEL, MOUNTINFO, filesystem_of, is_remote, is_windows_drive
from core.llm import locate
from core.message import Message
from core.ops.backup.backups import Backups
from core.settings import Settings
from core.speech.request import Probe
from core.store.db.database import Store
from core.store.db.file_watch import gone

Status = Literal["pass", "warn", "fail"]
OVERALL: Mapping[Status, str] = {"pass": "healthy", "warn": "degraded", "fail": "unhealthy"}
GB = 1_000_000_000
# Folders that audio goes to.
AUDIO = ("uploads", "media", "inbox")
DAY = 86_400.0
BACKUP_DAYS = 3.0
RESTS = "Nothing is deleted by itself until somebody says that this is right."
# Longer than any moment that a program looks into the database for.
HELD_SECONDS = 5.0
# The code of a check that could not be made; its text is the same for all of them.
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """`output` says in English what was found, and what to do when it is not a pass.

    `code` is stable: pages translate it under the text key `health.<name of the check>.<code>`, with `params` for the places.
    """

    status: Status
    output: str
    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


CheckFunction = Callable[[], Check]


class Health:
    """`checks` by name; `version` is CastMind's. Safe to ask from several threads."""

    def __init__(self, checks: Mapping[str, CheckFunction], *, version: str = "") -> None:
        self._checks = dict(checks)
        self._version = version
        self._started = time.monotonic()

    def report(self) -> dict[str, Any]:
        """`{status, timestamp, uptime, version, checks: {name: {status, output, duration, code, params}}}`.

        `timestamp` is ISO 8601 in UTC; `uptime` and `duration` are seconds. Never raises.
        """
        found = {name: _run(check) for name, check in self._checks.items()}
        return {
            "status": OVERALL[_worst(check.status for check, _ in found.values())],
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "uptime": round(time.monotonic() - self._started, 3),
            "version": self._version,
            "checks": {
                name: {
                    "status": check.status,
                    "output": check.output,
                    "duration": round(seconds, 4),
                    "code": check.code,
                    "params": dict(check.params),
                }
                for name, (check, seconds) in found.items()
            },
        }


def _run(check: CheckFunction) -> tuple[Check, float]:
    started = time.monotonic()
    try:
        result = check()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        result = Check("fail", said, ERROR, {"error": said})
    return result, time.monotonic() - started


def _worst(statuses: Any) -> Status:
    found = set(statuses)
    return "fail" if "fail" in found else "warn" if "warn" in found else "pass"


# --- checks: plain inputs in, a verdict out ---------------------------------------------------------


def database(store: Store) -> Check:
    """Whether the library can be read, and is the one that lies in the data folder."""
    if loss := store.standing.loss:
        return Check("fail", gone(store.path, loss).detail, loss, {"path": str(store.path)})
    (count,) = store.read().execute("SELECT count(*) FROM episodes").fetchone()
    return Check("pass", f"{count} episodes", "readable", {"count": count})


def writes(store: Store, now: float | None = None) -> Check:
    """Whether what is changed is saved, shown by a change. Our own long changes are no fault."""
    moment = time.time() if now is None else now
    waiting = store.standing.waiting_since
    if waiting is not None and moment - waiting > HELD_SECONDS:
        return _held()
    try:
        store.try_writing()
    except DatabaseBusy:
        # Its turn has not come: another program holds the file, or a change of our own takes its time.
        waits = store.standing.waiting_since is not None or store.standing.trouble is not None
        return _held() if waits else Check("pass", "a change is being written", "busy")
    except DiskFull as error:
        return Check("fail", error.detail, "full")
    except DatabaseUnwritable as error:
        return Check("fail", error.detail, "unwritable", error.params)
    return Check("pass", "changes are saved", "saved")


def _held() -> Check:
    said = (
        "Another program holds the database, so nothing can be saved. Close it; CastMind goes on by itself, and nothing is lost."
    )
    return Check("fail", said, "held")


def disk(folder: Path, min_free_gb: float) -> Check:
    """Below `min_free_gb` nothing new is fetched or started: a warning, because what is there stays readable.

    A folder that audio goes to may lie on a disk of its own: the one with the least room counts.
    """
    places = [folder, *(place for name in AUDIO if (place := folder / name).is_dir())]
    free, place = min(((shutil.disk_usage(place).free / GB, place) for place in places), key=lambda one: one[0])
    params = {"free_gb": f"{free:.1f}", "least_gb": f"{min_free_gb:g}"}
    if free >= min_free_gb:
        return Check("pass", f"{free:.1f} GB free", "enough", params)
    if place.stat().st_dev != folder.stat().st_dev:
        return Check(
            "warn",
            f"{free:.1f} GB free on the disk that holds {place.name}, less than the {min_free_gb:g} GB that are kept. Nothing "
            "new is stored there; make room.",
            "low_in",
            {**params, "folder": place.name},
        )
    return Check(
        "warn",
        f"{free:.1f} GB free, less than the {min_free_gb:g} GB that are kept. Nothing new is started; make room.",
        "low",
        params,
    )


def mount(folder: Path, mountinfo: str | None = None, kernel: str | None = None) -> Check:
    """Databases on file systems of another kernel, a virtual machine's host included, are slow and less safe.

    `mountinfo` and `kernel` are the texts of those files, for tests.
    """
    text = _text_of(MOUNTINFO) if mountinfo is None else mountinfo
    release = _text_of(KERNEL) if kernel is None else kernel
    kind = filesystem_of(folder.resolve(), text)
    params = {"kind": kind}
    if is_windows_drive(kind, release):
        return Check(
            "warn",
            f"The data folder lies on a drive of Windows ({kind}), which WSL2 reaches over a bridge. CastMind keeps its database "
            "in the safe, slower way there and finds new files by polling. To mend it: stop CastMind, move its folder from "
            "/mnt/c/… to ~/castmind inside WSL2, and start it there.",
            "windows",
            params,
        )
    if is_remote(kind):
        return Check(
            "warn",
            f"The data folder lies on a {kind} mount, behind which another computer or a host system stands. CastMind keeps its "
            "database in the safe, slower way there and finds new files by polling. To mend it: stop CastMind, move the folder "
            "to a disk of this computer, and start it there.",
            "foreign",
            params,
        )
    return Check("pass", kind or "an unnamed file system", "local" if kind else "unnamed", params)


def ollama(state: OllamaState, *, wanted: bool = True) -> Check:
    """Without Ollama the notes are extractive: a warning. `wanted` is False when the settings never ask it."""
    if not wanted:
        return Check("pass", "not asked: notes are extractive by choice", "off")
    if state.host is None:
        tried = locate.listed(state.tried)
        return Check(
            "warn", f"Ollama does not answer ({tried}). Start it; until then notes are extractive.", "absent", {"tried": tried}
        )
    params = {"version": state.version, "host": state.host, "model": state.chosen or state.wanted, "why": state.why}
    if state.chosen is not None:
        why = f" ({state.why})" if state.why else ""
        said = f"Ollama {state.version} at {state.host}, {state.chosen}{why}"
        if state.fit and state.fit.why:
            # A model that reads less than was wished for is no fault.
            status: Status = "pass" if state.fit.reads_less else "warn"
            return Check(status, f"{said}. {state.fit.why}.", "context", params | {"fit": state.fit.why})
        return Check("pass", said, "present", params)
    if state.why:
        return Check("warn", f"Ollama {state.version} at {state.host}: {state.why}", "refused", params)
    missing = state.wanted or "a language model"
    return Check(
        "warn",
        f"Ollama {state.version} at {state.host} does not have {missing}. Pull it with `ollama pull`.",
        "model_missing" if state.wanted else "no_model",
        params,
    )


def speech(probe: Probe | None) -> Check:
    """What speech recognition will use; a card that is there and cannot be used is a warning."""
    if probe is None:
        return Check("pass", "being looked at", "probing")
    if not probe.tried:
        return Check("warn", f"It could not be tried out: {probe.reason}", "untried", {"error": probe.reason})
    output = f"{probe.model} on {probe.device} ({probe.device_name}), {probe.compute_type}"
    params = {
        "model": probe.model,
        "device": probe.device_name or probe.device,
        "compute_type": probe.compute_type,
        "error": probe.cuda_error or "",
    }
    if probe.cuda_error and probe.device != "cuda":
        return Check("warn", f"{output}. The card is not used: {probe.cuda_error}", "fallback", params)
    if not probe.model_present:
        said = f"{output}. The model is not on this computer yet; it is downloaded with the first episode."
        return Check("warn", said, "model_absent", params)
    return Check("pass", output, "ready", params)


def access(values: Settings, *, container: bool) -> Check:
    """Whether other computers may reach the port: a warning, because there is no login."""
    found = exposure(values.host, published=values.published, container=container, meant=values.open_to_network)
    if found == "local":
        return Check("pass", "only this computer reaches CastMind", found)
    if found == "meant":
        return Check("pass", "other computers reach CastMind, as the settings say that it is meant; there is no login", found)
    remedy = "Set open_to_network if that is meant, in a network that you trust."
    if found == "unknown":
        said = f"CastMind has no login, and cannot see from inside its container who reaches its port. {remedy}"
        return Check("warn", said, found)
    address = (values.published if container else values.host) or "0.0.0.0"  # noqa: S104
    said = (
        f"Other computers can reach CastMind at {address}, and it has no login: whoever reaches it can read and delete "
        f"everything. Listen on 127.0.0.1. {remedy}"
    )
    return Check("warn", said, found, {"address": address})


def confinement(*, files: bool, calls: bool) -> Check:
    """What this kernel has to hold those processes that decode and parse foreign bytes: Landlock for files, seccomp for calls.

    No warning: limits and an end to each hold everywhere, and most cannot change their kernel.
    """
    if files and calls:
        return Check("pass", "held to the files and the system calls that they need", "held")
    if calls:
        said = "held to the system calls that they need; this kernel has no Landlock (5.13), so they could read other files"
        return Check("pass", said, "calls")
    if files:
        said = "held to the files that they need; there is no filter of system calls here, so they could reach a network"
        return Check("pass", said, "files")
    return Check(
        "pass", "limited in memory and time alone: this kernel has neither Landlock nor a filter of system calls", "limits"
    )


def pipeline(alive: bool) -> Check:
    """Whether the threads that run the jobs live."""
    if alive:
        return Check("pass", "running", "running")
    return Check("fail", "A pipeline thread has ended. Restart CastMind; no work is lost.", "ended")


def backup(backups: Backups, nightly: bool, now: float | None = None) -> Check:
    """Whether the nightly backup is made. A warning: all else works without."""
    if not nightly:
        return Check("pass", "nightly backups are off by choice", "off")
    moment = time.time() if now is None else now
    newest, error = backups.newest_nightly(moment), backups.nightly_error
    if error:
        said = f"The nightly backup was not made: {error.detail} It is tried again every hour."
        return Check("warn", said, "failed", {"error": Message.of(error)})
    since = newest if newest is not None else backups.library_began()
    if since is None:
        return Check("pass", "there is nothing to back up yet", "empty")
    days = max(moment - since, 0.0) / DAY
    if days > BACKUP_DAYS:
        said = f"No nightly backup was made for {days:.0f} days. Look into the log, and make one on the settings page."
        return Check("warn", said, "old", {"days": round(days)})
    if newest is None:
        return Check("pass", "the first one is made tonight", "first")
    return Check("pass", f"the newest is {days * 24:.0f} hours old", "fresh", {"hours": round(days * 24)})


def library(backups: Backups) -> Check:
    """Whether the library holds what its backups hold. While it does not, nothing is deleted by itself."""
    shrunk = backups.shrinking.state()
    if shrunk is None:
        return Check("pass", "it holds what its backups hold", "whole")
    params = asdict(shrunk)
    if shrunk.what == "bytes":
        return Check(
            "warn",
            f"The last nightly backup has {shrunk.now} bytes, {shrunk.backup} had {shrunk.before}. {RESTS}",
            "smaller_backup",
            {"now": f"{shrunk.now / 1e6:.1f}", "before": f"{shrunk.before / 1e6:.1f}", "backup": shrunk.backup},
        )
    return Check(
        "warn",
        f"The library holds {shrunk.now} {shrunk.what}, the backup {shrunk.backup} {shrunk.before}. "
        f"If they are missing, restore it. {RESTS}",
        f"fewer_{shrunk.what}",
        params,
    )


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""  # not Linux
