"""Health: named checks, each guarded, joined into the body of GET /health.

checks ─► run at once, each for a second at most (checks/bounded_check.py); an exception is a fail with its text, and so is a hang
       ─► all pass: healthy · a warn: degraded (it works, something is missing) · a fail: unhealthy
       ─► what still works (checks/works.py)
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from core.errors import DatabaseBusy, DatabaseUnwritable, DiskFull
from core.files.mounts import KERNEL, MOUNTINFO, filesystem_of, is_remote, is_windows_drive
from core.ops.checks import works
from core.ops.checks.bounded_check import BoundedCheck, Run
from core.store.db.database import Store
from core.store.db.file_watch import gone
from core.store.db.transaction import waiting_at_most

Status = Literal["pass", "warn", "fail"]
OVERALL: Mapping[Status, str] = {"pass": "healthy", "warn": "degraded", "fail": "unhealthy"}
GB = 1_000_000_000
# The folders that contain audio.
AUDIO = ("uploads", "media", "inbox")
# Longer than other programs hold the database for a short look.
HELD_SECONDS = 5.0
# A check that takes longer is reported as hanging.
MOST_SECONDS = 1.0
# How long a check waits for a lock on the database, so that it can say so within its time.
LOCK_SECONDS = 0.7
# A monitor is told the findings of the last look, unless they are older.
FRESH_SECONDS = 5.0
# The codes of a check that raised, and of one that hangs; their texts are the same for all checks.
ERROR, HANGS = "error", "hangs"


@dataclass(frozen=True, slots=True)
class Check:
    """`output` is the finding in English, and the remedy if it is not a pass.

    `code` is stable: pages translate it under the text key `health.<name of the check>.<code>`, with `params` for the
    placeholders.
    """

    status: Status
    output: str
    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


CheckFunction = Callable[[], Check]


class Health:
    """Runs `checks`, by name; `version` is CastMind's, `seconds` the most that each may take. Thread-safe.

    CastMind works without the parts that the `optional` ones look at: at worst those are a warning. `left_out` names those whose
    part is not set up, and which do not run.
    """

    def __init__(
        self,
        checks: Mapping[str, CheckFunction],
        *,
        version: str = "",
        seconds: float = MOST_SECONDS,
        optional: Collection[str] = (),
        left_out: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._checks = {name: BoundedCheck(name, partial(_guarded, check)) for name, check in checks.items()}
        self._version = version
        self._seconds = seconds
        self._optional = optional
        self._left_out = left_out
        self._started = time.monotonic()
        self._last: tuple[float, dict[str, tuple[Check, float]]] | None = None
        self._look = BoundedCheck("all", self.found)

    def report(self) -> dict[str, Any]:
        """Return `{status, timestamp, uptime, version, checks: {name: {status, output, duration, code, params}}, works}`.

        `timestamp` is ISO 8601 in UTC; `uptime` and `duration` are seconds. `works` is that of checks/works.py.

        Takes little longer than the slowest check, and `seconds` at most. Never raises.
        """
        found = self.found()
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
            "works": works.told({name: (check.status, check.code) for name, (check, _) in found.items()}),
        }

    def remembered(self) -> dict[str, tuple[Check, float]]:
        """Return the last findings at once; if they are older than FRESH_SECONDS, look again in the background."""
        if self.age() is None or (self.age() or 0.0) > FRESH_SECONDS:
            self._look.ask()
        return self._last[1] if self._last else {}

    def age(self) -> float | None:
        """Return the seconds since the last findings; None before the first."""
        return time.monotonic() - self._last[0] if self._last else None

    def found(self) -> dict[str, tuple[Check, float]]:
        """Return the finding of each check, and the seconds that it took."""
        left_out = self._left_out()
        with waiting_at_most(min(LOCK_SECONDS, self._seconds)):
            runs = {name: check.ask() for name, check in self._checks.items() if name not in left_out}
        found = {name: (self._finding(name, run), run.seconds) for name, run in runs.items()}
        self._last = time.monotonic(), found
        return found

    def _finding(self, name: str, run: Run[Check]) -> Check:
        found = run.wait(self._seconds) or hanging(run.seconds)
        return replace(found, status="warn") if found.status == "fail" and name in self._optional else found


def hanging(seconds: float) -> Check:
    said = f"No answer within {seconds:.0f} s; what it looks at hangs. It is asked again once it answers."
    return Check("fail", said, HANGS, {"seconds": round(seconds)})


def _guarded(check: CheckFunction) -> Check:
    try:
        return check()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        return Check("fail", said, ERROR, {"error": said})


def _worst(statuses: Any) -> Status:
    found = set(statuses)
    return "fail" if "fail" in found else "warn" if "warn" in found else "pass"


# --- checks: plain inputs in, a verdict out ---------------------------------------------------------


def database(store: Store) -> Check:
    """Check that the library can be read, and is still the file in the data folder."""
    if loss := store.standing.loss:
        return Check("fail", gone(store.path, loss).detail, loss, {"path": str(store.path)})
    (count,) = store.read().execute("SELECT count(*) FROM episodes").fetchone()
    return Check("pass", f"{count} episodes", "readable", {"count": count})


def writes(store: Store, now: float | None = None) -> Check:
    """Check by a write that changes are saved. A long change of our own is not a failure."""
    if store.writer_is_dead():
        return Check("fail", "The thread that saves changes has ended; it is started again.", "ended")
    moment = time.time() if now is None else now
    waiting = store.standing.waiting_since
    if waiting is not None and moment - waiting > HELD_SECONDS:
        return _held()
    try:
        store.try_writing(LOCK_SECONDS)
    except DatabaseBusy:
        # The write is still waiting: another program holds the file, or a change of our own takes long.
        waits = store.standing.waiting_since is not None or store.standing.trouble is not None
        return _held() if waits else Check("pass", "a change is being written", "busy")
    except DiskFull as error:
        return Check("fail", error.detail, "full")
    except DatabaseUnwritable as error:
        return Check("fail", error.detail, "unwritable", error.params)
    return Check("pass", "changes are saved", "saved")


def _held() -> Check:
    said = "Another program holds the database, so nothing can be saved. Close it, and CastMind continues; nothing is lost."
    return Check("fail", said, "held")


def disk(folder: Path, min_free_gb: float) -> Check:
    """Check free space.

    Below `min_free_gb` nothing new is fetched or started: a warning, because existing episodes stay readable.

    Folders with audio may be on other disks: the one with the least free space counts.
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


def mount(folder: Path, mountinfo: str | None = None, kernel: str | None = None, *, device: int | None = None) -> Check:
    """Check the file system: databases on one of another kernel, including a virtual machine's host, are slow and less safe.

    `mountinfo` and `kernel` are the texts of those files, for tests. `device` is the number of the file system on which the
    folder lay at the start: another one now, or no folder, means that it was unmounted.
    """
    if device is not None and device_of(folder) != device:
        return Check(
            "fail",
            f"The disk with the data folder {folder} is no longer there. Connect it again, then restart CastMind.",
            "away",
            {"path": str(folder)},
        )
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


def device_of(folder: Path) -> int | None:
    """Return the number of the file system that holds the folder; None if there is no such folder."""
    try:
        return folder.stat().st_dev
    except FileNotFoundError:
        return None


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""  # not Linux
