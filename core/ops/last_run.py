"""How the server that ran before ended, told by a file of the data folder that is there while one runs.

    start ─▶ is it there? then the last one ended without a word ─▶ it is there ─▶ SIGTERM, stop ─▶ it is gone
                 └─ of another boot ─▶ GONE: the machine went away         └─ a fault writes a second one (`faulthandler`)
                    a second file, or the system killed for memory since ─▶ FAULT
                    neither ─▶ UNTOLD: somebody killed it, or something in it ended it in silence

A stop takes it away first of all: who is killed because a stop took too long was told to stop.
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
# A trace of all threads that is longer says nothing more.
_MOST_TOLD = 20_000


class End(StrEnum):
    """How a server ended that nobody had told to."""

    GONE = "gone"
    FAULT = "fault"
    UNTOLD = "untold"


class LastRun:
    """`boot_id` and `vmstat` are the kernel's files."""

    def __init__(self, data: Path, *, boot_id: Path = BOOT_ID, vmstat: Path = VMSTAT) -> None:
        self._mark = data / NAME
        self._fault = data / FAULT_NAME
        self._boot_id = boot_id
        self._vmstat = vmstat
        self._told: BinaryIO | None = None
        self._written: dict[str, Any] = {}
        self._asked = False

    def how_it_ended(self) -> End | None:
        """None: in good order, or none ran. Asked after the data folder is locked: the mark of a server that runs is there."""
        if not self._mark.exists():
            return None
        then, now = self._noted(), self._now()
        if then.get("boot") and now["boot"] and then["boot"] != now["boot"]:
            return End.GONE
        if said := self._fault_told():
            log.error("the server before this one ended by a fault of its own:\n%s", said)
            return End.FAULT
        # A count that cannot be read on either side tells nothing.
        if isinstance(kills := then.get("oom_kills"), int) and now["oom_kills"] is not None and now["oom_kills"] > kills:
            log.error("the system ran out of memory and killed a process when the server before this one ended")
            return End.FAULT
        return End.UNTOLD

    def begin(self) -> None:
        """From here on an end that was not asked for can be told."""
        self._asked = False
        self._listen_for_faults()
        self._write(self._now())

    def note(self) -> None:
        """Called now and then: who was killed for memory long ago has nothing to do with an end that comes later."""
        if self._written and (now := self._now()) != self._written:
            self._write(now)

    def end(self) -> None:
        """The end was asked for. Safe in a signal handler, and when it is called again."""
        self._asked, self._written = True, {}
        try:
            self._mark.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the next start will take this end for one without a word: %s", error)

    def close(self) -> None:
        """What this process does from here on is no server's."""
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
                self.end()  # It was asked for while this wrote.
        except OSError as error:
            # A full disk keeps nobody from reading; an end without a word is only not counted then.
            log.warning("it will not be known whether this server ends in good order: %s", error)

    def _now(self) -> dict[str, Any]:
        return {"pid": os.getpid(), "boot": _text(self._boot_id).strip(), "oom_kills": _oom_kills(_text(self._vmstat))}

    def _noted(self) -> dict[str, Any]:
        try:
            noted = json.loads(_text(self._mark))
        except ValueError:
            return {}
        # Earlier versions wrote the number of their process alone.
        return noted if isinstance(noted, dict) else {}

    def _listen_for_faults(self) -> None:
        """SIGSEGV, SIGABRT and their like leave the stack of each thread. Where somebody listens already, it stays so."""
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
    """How many processes the system has killed for memory since it booted; it counts those of each container too."""
    counts = [line.split()[1] for line in vmstat.splitlines() if line.startswith("oom_kill ")]
    return int(counts[0]) if counts and counts[0].isdecimal() else None
