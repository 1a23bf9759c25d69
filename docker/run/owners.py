"""Change the owner of a folder's files to the app's user; leave files with the right owner untouched.

python3 owners.py FOLDER UID GID      as root; CAP_CHOWN suffices

each entry ─▶ its uid is right? ─ yes ─▶ left as it is, its group too
                                └ no ──▶ chown to UID:GID

Without CAP_DAC_OVERRIDE root cannot enter another user's 0700 folder, but may chown it: such a folder belongs to root
during the visit and to its user afterwards. Links are never followed. Files that cannot be changed (read-only mount, file
system without owners) stay; the test write that follows shows whether that matters.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ROOT = 0


class Owners:
    def __init__(self, uid: int, gid: int) -> None:
        self.uid, self.gid = uid, gid
        self.changed = 0

    def mend(self, folder: str) -> None:
        """Change the folder itself last, so that after an interrupted run the next start repairs it again."""
        status = os.lstat(folder)
        with suppress(OSError), self._opened(folder, None, status) as descriptor:
            self._mend_inside(descriptor)
        self._give(folder, None, status)

    def _mend_inside(self, folder: int) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):  # deleted meanwhile, or not permitted
                    self._mend_entry(entry, folder)

    def _mend_entry(self, entry: os.DirEntry[str], folder: int) -> None:
        status = entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            with suppress(OSError), self._opened(entry.name, folder, status) as descriptor:
                self._mend_inside(descriptor)
        self._give(entry.name, folder, status)

    def _give(self, name: str, folder: int | None, status: os.stat_result) -> None:
        if status.st_uid != self.uid:
            with suppress(OSError):
                os.chown(name, self.uid, self.gid, dir_fd=folder, follow_symlinks=False)
                self.changed += 1

    @contextmanager
    def _opened(self, name: str, folder: int | None, status: os.stat_result) -> Iterator[int]:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        try:
            descriptor = os.open(name, flags, dir_fd=folder)
        except PermissionError:
            with self._visiting(name, folder, status):
                descriptor = os.open(name, flags, dir_fd=folder)
                yield from self._until_closed(descriptor)
            return
        yield from self._until_closed(descriptor)

    def _until_closed(self, descriptor: int) -> Iterator[int]:
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _visiting(self, name: str, folder: int | None, status: os.stat_result) -> Iterator[None]:
        os.chown(name, ROOT, -1, dir_fd=folder, follow_symlinks=False)
        try:
            yield
        finally:
            os.chown(name, status.st_uid, -1, dir_fd=folder, follow_symlinks=False)


def main() -> None:
    folder, uid, gid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    owners = Owners(uid, gid)
    owners.mend(folder)
    if owners.changed:
        sys.stderr.write(f"CastMind: {owners.changed} entries in {folder} had another owner; it is {uid}:{gid} now.\n")


if __name__ == "__main__":
    main()
