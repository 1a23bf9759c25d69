"""Write each line to the file of its kind, and turn a full file over into the archive.

    emit ─▶ LogFile.write ─▶ another process turned the file over? open the new one ─▶ full? rename it into archive/ ─▶ append

A line is one `write` at the end of the file, so several processes may write. A line that a full disk cut in two is closed with a
line break before the next one. If nothing can be written, that is said once on stderr, and writing resumes when it can: a log
never stops the app.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

from core.domain.log_kinds import LogKind, kind_of

FILE_BYTES = 8_000_000
ARCHIVE = "archive"
_MODE = 0o640


class LogFiles(logging.Handler):
    """A handler with a file for each kind in `folder`."""

    def __init__(self, folder: Path, *, most_bytes: int = FILE_BYTES) -> None:
        super().__init__()
        self._files = {kind: LogFile(folder, kind, most_bytes) for kind in LogKind}
        self._folder = folder
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode("utf-8", "backslashreplace") + b"\n"
        except Exception:  # an argument that cannot be printed, for instance
            self.handleError(record)
            return
        try:
            self._files[kind_of(record.name)].write(line)
        except OSError as error:
            if not self._told:
                sys.stderr.write(f"The logs in {self._folder} cannot be written: {error.strerror or error}.\n")
            self._told = True
        else:
            self._told = False

    def turn_old(self, before: float) -> None:
        """Turn over the files whose first line is older than `before` (Unix seconds)."""
        with self.lock or contextlib.nullcontext():
            for file in self._files.values():
                with contextlib.suppress(OSError):  # a full disk: the next look tries again
                    file.turn_if_older(before)

    def close(self) -> None:
        with self.lock or contextlib.nullcontext():
            for file in self._files.values():
                file.close()
        super().close()


class LogFile:
    """One file that is appended to. Every method may raise OSError."""

    def __init__(self, folder: Path, kind: LogKind, most_bytes: int = FILE_BYTES) -> None:
        self.path = folder / f"{kind}.log"
        self._kind = kind
        self._most = most_bytes
        self._fd: int | None = None
        self._torn = False

    def write(self, line: bytes) -> None:
        size = self._ready()
        if size and size + len(line) > self._most and self._turn():
            self._ready()
        whole = b"\n" + line if self._torn else line
        assert self._fd is not None
        written = os.write(self._fd, whole)
        self._torn = written < len(whole)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def turn_if_older(self, before: float) -> None:
        if self.path.is_file() and self.path.stat().st_size and first_moment(self.path) < before:
            self._ready()
            self._turn()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _ready(self) -> int:
        """Open the file unless it is open; return its size."""
        if self._fd is not None:
            mine = os.fstat(self._fd)
            with contextlib.suppress(FileNotFoundError):
                there = self.path.stat()
                if (there.st_ino, there.st_dev) == (mine.st_ino, mine.st_dev):
                    return mine.st_size
            self.close()
        self._fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        found = os.fstat(self._fd)
        # A process that died, or a full disk, may have left half a line.
        self._torn = stat.S_ISREG(found.st_mode) and found.st_size > 0 and os.pread(self._fd, 1, found.st_size - 1) != b"\n"
        return found.st_size

    def _turn(self) -> bool:
        """Move the file into the archive; return whether the next line goes to a new one.

        Another process may turn it over at the same moment: whoever has the lock, and still the file of that name, does it.
        """
        fd = self._fd
        assert fd is not None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self.path.stat().st_ino == os.fstat(fd).st_ino:
                self.path.rename(self._free_name())
        except OSError:
            return False  # the file grows on until it can be moved
        finally:
            with contextlib.suppress(OSError):
                fcntl.flock(fd, fcntl.LOCK_UN)
        return True

    def _free_name(self) -> Path:
        folder = self.path.parent / ARCHIVE
        folder.mkdir(exist_ok=True)
        while (path := folder / f"{self._kind}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.log").exists():
            pass  # the clock goes on by a microsecond
        return path


def first_moment(path: Path) -> float:
    """Return when the first line of a file was written, in Unix seconds; the file's own time if the line does not say."""
    with path.open("rb") as file:
        line = file.readline(4096)
    try:
        text = line.partition(b'"timestamp": "')[2].partition(b'"')[0].decode()
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return path.stat().st_mtime
