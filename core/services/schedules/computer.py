"""What can be seen of this computer: which programs run, and whether its graphics card is in use.

    /proc ─────────────────────┐
    tasklist.exe, under WSL ───┴─▶ names of programs       nvidia-smi ─▶ the card's use in per cent

In a container only its own programs are seen, unless it shares the host's (`pid: host`).
"""

from __future__ import annotations

import csv
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from core.settings import in_container

log = logging.getLogger(__name__)

PROC = Path("/proc")
ASK_SECONDS = 10.0
# Windows puts it there under WSL; it need not be in PATH.
WSL_CARD = "/usr/lib/wsl/lib/nvidia-smi"
_CARD_ARGUMENTS = ("--query-gpu=utilization.gpu", "--format=csv,noheader,nounits")
_PARTS = re.compile(r"[/\\]")
# The first process of a host; in a container of its own it is the container's command.
_INITS = frozenset({"systemd", "init", "openrc-init", "runit", "s6-svscan", "dinit", "launchd"})


class Computer:
    """`proc` and the programs that are asked may be others in tests."""

    def __init__(self, proc: Path = PROC, *, container: bool | None = None) -> None:
        self._proc = proc
        self._container = in_container() if container is None else container

    def programs(self) -> frozenset[str]:
        """Return the names of the running programs in lower case, with and without their path and arguments."""
        return frozenset(name.lower() for name in [*self._own_programs(), *self._programs_of_windows()] if name)

    def sees_the_host(self) -> bool:
        """Return whether the programs of the whole computer are seen, and not only those of a container."""
        if not self._container:
            return True
        return _text(self._proc / "1" / "comm").strip() in _INITS

    def has_card(self) -> bool:
        """Return whether there is a card whose use can be asked for."""
        return self._card_program() is not None

    def card_use(self) -> int | None:
        """Return the use of the busiest card in per cent; None if it cannot be told."""
        program = self._card_program()
        answer = None if program is None else _answer(program, *_CARD_ARGUMENTS)
        found = [int(line) for line in (answer or "").splitlines() if line.strip().isdigit()]
        return max(found, default=None)

    @staticmethod
    def _card_program() -> str | None:
        return shutil.which("nvidia-smi") or shutil.which(WSL_CARD)

    def _own_programs(self) -> Iterator[str]:
        for process in self._proc.iterdir():
            if process.name.isdigit() and process.name != str(os.getpid()):
                yield _text(process / "comm").strip()
                # A program of Windows that Wine runs has a path of Windows; `comm` is cut after 15 characters.
                yield _PARTS.split(_text(process / "cmdline").partition("\0")[0])[-1]

    @staticmethod
    def _programs_of_windows() -> Iterator[str]:
        program = shutil.which("tasklist.exe")
        if program is not None and (answer := _answer(program, "/fo", "csv", "/nh")) is not None:
            yield from (row[0] for row in csv.reader(answer.splitlines()) if row)


def _text(path: Path) -> str:
    """Return a file's text; "" for a process that has ended, or is not ours to look at."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _answer(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=ASK_SECONDS, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s did not answer: %s", command[0], error)
        return None
    return done.stdout.decode(errors="replace")
