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
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.settings import in_container

log = logging.getLogger(__name__)

PROC = Path("/proc")
# A person who changes a rule may wait for it.
ASK_SECONDS = 3.0
# Windows puts it there under WSL; it need not be in PATH.
WSL_CARD = "/usr/lib/wsl/lib/nvidia-smi"
_CARD_ARGUMENTS = ("--query-gpu=utilization.gpu", "--format=csv,noheader,nounits")
_PARTS = re.compile(r"[/\\]")
# The first process of a host; in a container of its own it is the container's command.
_INITS = frozenset({"systemd", "init", "openrc-init", "runit", "s6-svscan", "dinit"})
# The kernels of WSL and of Docker Desktop: a container there never sees the programs of Windows or macOS.
_VIRTUAL = ("microsoft", "linuxkit")


class Computer:
    """`proc` and the programs that are asked may be others in tests."""

    def __init__(self, proc: Path = PROC, *, container: bool | None = None) -> None:
        self._proc = proc
        self._container = in_container() if container is None else container
        self._silent: set[str] = set()

    def programs(self) -> frozenset[str]:
        """Return the names of the running programs in lower case, but of our own: as the kernel has them, and as their files."""
        return frozenset(name.lower() for name in [*self._own_programs(), *self._programs_of_windows()] if name)

    def sees_the_host(self) -> bool:
        """Return whether the programs that a person uses are seen, and not only those of a container or of a virtual machine."""
        if not self._container:
            return True
        virtual = any(word in _text(self._proc / "version").lower() for word in _VIRTUAL)
        return not virtual and _text(self._proc / "1" / "comm").strip() in _INITS

    def has_card(self) -> bool:
        """Return whether there is a card whose use can be asked for."""
        return self._card_program() is not None

    def card_use(self) -> int | None:
        """Return the use of the busiest card in per cent; None if it cannot be told."""
        program = self._card_program()
        answer = None if program is None else self._answer(program, *_CARD_ARGUMENTS)
        found = [int(line) for line in (answer or "").splitlines() if line.strip().isdigit()]
        return max(found, default=None)

    @staticmethod
    def _card_program() -> str | None:
        return shutil.which("nvidia-smi") or shutil.which(WSL_CARD)

    def _own_programs(self) -> Iterator[str]:
        parents = {int(each.name): _parent(each) for each in self._proc.iterdir() if each.name.isdigit()}
        for number in parents:
            if not _descends(number, os.getpid(), parents):
                process = self._proc / str(number)
                yield _text(process / "comm").strip()
                # A program of Windows that Wine runs has a path of Windows; `comm` is cut after 15 characters.
                yield _PARTS.split(_text(process / "cmdline").partition("\0")[0])[-1]

    def _programs_of_windows(self) -> Iterator[str]:
        program = shutil.which("tasklist.exe")
        if program is not None and (answer := self._answer(program, "/fo", "csv", "/nh")) is not None:
            yield from (row[0] for row in csv.reader(answer.splitlines()) if row)

    def _answer(self, *command: str) -> str | None:
        """Return what a program says; None if it fails, which is logged once until it answers again."""
        try:
            done = subprocess.run(command, capture_output=True, timeout=ASK_SECONDS, check=True, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as error:
            if command[0] not in self._silent:
                log.warning("%s did not answer, and is asked on: %s", command[0], error)
            self._silent.add(command[0])
            return None
        self._silent.discard(command[0])
        return done.stdout.decode(errors="replace")


def _parent(process: Path) -> int:
    """Return the process id of the parent; 0 if it is not known."""
    found = _text(process / "stat").rpartition(")")[2].split()
    return int(found[1]) if len(found) > 1 else 0


def _descends(number: int, ancestor: int, parents: Mapping[int, int]) -> bool:
    """Return whether a process is the ancestor or descends from it."""
    for _ in parents:
        if number == ancestor:
            return True
        if not (number := parents.get(number, 0)):
            break
    return False


def _text(path: Path) -> str:
    """Return a file's text; "" for a process that has ended, or is not ours to look at."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
