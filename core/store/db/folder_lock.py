"""Allow one process at a time to use a data folder."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from core.errors import DataFolderLocked, DataFolderNotWritable, StartError

# The errors of flock for a lock that is held; any other error means a mount without locks.
_HELD = (errno.EWOULDBLOCK, errno.EACCES)


class DataFolderLock:
    """Keeps a second process from writing to the same data folder. Raises DataFolderLocked, which names the holder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise DataFolderNotWritable(
                f"CastMind cannot write to its data folder {self._path.parent} as user id {os.getuid()}: {error.strerror}. "
                "Give that user the folder, or set CASTMIND_DATA_DIR to another one.",
                path=str(self._path.parent),
                uid=os.getuid(),
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                file.close()
                raise StartError(
                    f"The data folder {self._path.parent} cannot be locked: {error.strerror}. Without locks two programs could "
                    "write to it at once. Nothing was changed. Move it to a disk of this computer, or mount it with locks."
                ) from error
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise DataFolderLocked(
                f"Another CastMind (process {holder}) is using the data folder {self._path.parent}. "
                "Stop it first, or set CASTMIND_DATA_DIR to another folder.",
                path=str(self._path.parent),
                holder=holder,
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
