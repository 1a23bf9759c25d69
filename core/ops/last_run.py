"""Find out how the previous server ended, by a marker file that exists in the data folder while a server runs.

    start ─▶ does it exist? then the last one was not stopped ─▶ create it ─▶ SIGTERM, stop ─▶ delete it
                 └─ of another boot ─▶ GONE: the machine went down             └─ a fault writes a second one (`faulthandler`)
                    a second file, or an out-of-memory kill since ─▶ FAULT
                    neither ─▶ UNTOLD: it was killed, or ended itself without a trace

A stop deletes the file first, because a server that is killed after a slow stop was stopped on request.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

log = logging.getLogger(__name__)

NAME = ".running"
FAULT_NAME = ".fault"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
VMSTAT = Path("/proc/vmstat")
# Longer traces of all threads add nothing.
_MOST_TOLD = 20_000


class End(StrEnum):
    """How a server ended that was not asked to stop."""

    GONE = "gone"
    FAULT = "fault"
    UNTOLD = "untold"


class LastRun:
    """The marker of one data folder. `boot_id` and `vmstat` are the kernel's files."""

    def __init__(self, data: Path, *, boot_id: Path = BOOT_ID, vmstat: Path = VMSTAT) -> None:
        self._mark = data / NAME
        self._fault = data / FAULT_NAME
        self._boot_id = boot_id
        self._vmstat = vmstat
        self._told: BinaryIO | None = None
        self._written: dict[str, Any] = {}
        self._asked = False

    def how_it_ended(self) -> End | None:
        """Return how the last server ended; None if in good order, or if none ran.

        Call it with the data folder locked, because the marker of a running server exists too.
        """
        if not self._mark.exists():
            return None
        then, now = self._noted(), self._now()
        if then.get("boot") and now["boot"] and then["boot"] != now["boot"]:
            return End.GONE
        if said := self._fault_told():
            log.error("the server before this one ended by a fault of its own:\n%s", said)
            return End.FAULT
        # If either count is unreadable, nothing can be concluded.
        if isinstance(kills := then.get("oom_kills"), int) and now["oom_kills"] is not None and now["oom_kills"] > kills:
            log.error("the system ran out of memory and killed a process when the server before this one ended")
            return End.FAULT
        return End.UNTOLD

    def begin(self) -> None:
        """Create the marker: from now on, an end without a stop can be detected."""
        self._asked = False
        self._listen_for_faults()
        self._write(self._now())

    def note(self) -> None:
        """Update the marker; called periodically, so that an earlier out-of-memory kill is not linked to a later end."""
        if self._written and (now := self._now()) != self._written:
            self._write(now)

    def end(self) -> None:
        """Delete the marker because the end was requested. Idempotent and safe in a signal handler."""
        self._asked, self._written = True, {}
        try:
            self._mark.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the next start will take this end for one without a word: %s", error)

    def close(self) -> None:
        """Stop watching, because this process no longer acts as a server."""
        if self._told is not None:
            faulthandler.disable()
            self._told.close()
            self._told = None

    def _write(self, now: dict[str, Any]) -> None:
        try:
            part = self._mark.with_name(f"{NAME}.part")
            part.write_text(json.dumps(now) + "\n", encoding="ascii")
            part.replace(self._mark)
            self._written = now
            if self._asked:
                self.end()  # the end was requested during this write
        except OSError as error:
            # A full disk must not prevent reading; an unexpected end then only goes unnoticed.
            log.warning("it will not be known whether this server ends in good order: %s", error)

    def _now(self) -> dict[str, Any]:
        return {"pid": os.getpid(), "boot": _text(self._boot_id).strip(), "oom_kills": _oom_kills(_text(self._vmstat))}

    def _noted(self) -> dict[str, Any]:
        try:
            noted = json.loads(_text(self._mark))
        except ValueError:
            return {}
        # Earlier versions wrote only the process id.
        return noted if isinstance(noted, dict) else {}

    def _listen_for_faults(self) -> None:
        """Dump the stack of each thread on SIGSEGV, SIGABRT and similar signals. An existing handler is left in place."""
        if self._told is None and faulthandler.is_enabled():
            return
        try:
            if self._told is None:
                self._told = self._fault.open("ab", buffering=0)
                faulthandler.enable(self._told)
            self._told.truncate(0)
        except OSError as error:
            log.warning("a fault of this server will leave no trace: %s", error)

    def _fault_told(self) -> str:
        return _text(self._fault)[:_MOST_TOLD].strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _oom_kills(vmstat: str) -> int | None:
    """Return how many processes the system has killed for memory since it booted, those of all containers included."""
    counts = [line.split()[1] for line in vmstat.splitlines() if line.startswith("oom_kill ")]
    return int(counts[0]) if counts and counts[0].isdecimal() else None
