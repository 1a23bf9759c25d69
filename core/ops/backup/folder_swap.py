"""Swap contents of the data folder for new ones prepared beside it, so that a power cut leaves either the old or the new state.

    data/.restore/new  ready ─▶ begin: journal ─▶ carry_out: each item  data ─▶ old,  new ─▶ data
                                                  │ success                 │ failure, or killed before
                                                  ▼                         ▼
                                     commit: in the journal ─▶ old goes     roll_back: each item  old ─▶ data

A folder that is a link or a mount, perhaps on another disk, stays in place, because files cannot be renamed across file systems
and a mount point cannot be moved. Its contents are swapped instead, through a staging folder of its own (FOLDER/.restore), to
which `new` and `old` link; in uploads and media only names that CastMind creates are swapped. If exports is a link, the link
itself is swapped, because names in there are the user's.

Until the journal says committed, the old state is valid: `recover`, called at every start, brings it back. Every step can be
repeated: the files in an item's place show how far it had come.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.errors import StartError
from core.files import partial_files
from core.ops.backup.manifest import FOLDERS

ROOM = ".restore"
OUR_NAMES = ("uploads", "media")


class Swap:
    """One swap in the data folder `data`; the folder's lock prevents a second one."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.room = data / ROOM
        self.new = self.room / "new"
        self.old = self.room / "old"
        self._journal = self.room / "journal.json"

    def prepare(self) -> None:
        """Create an empty staging folder for the new state."""
        self.clear()
        self.new.mkdir(parents=True)
        self.old.mkdir()
        for name in FOLDERS:
            if self._is_far(name):
                for side in (self.new, self.old):
                    (self.data / name / ROOM / side.name).mkdir(parents=True)
                    (side / name).symlink_to(Path("..", "..", name, ROOM, side.name))

    def items(self, folder: str) -> list[str]:
        """Return the items for `begin` that swap a folder: the folder itself, or the contents of one that stays in place."""
        if not (self.new / folder).is_symlink():
            return [folder]
        lying = {path.name for path in (self.data / folder).iterdir() if folder not in OUR_NAMES or _is_ours(path.name)}
        coming = {path.name for path in (self.new / folder).iterdir()}
        return sorted(f"{folder}/{name}" for name in lying | coming if not name.startswith("."))

    def _is_far(self, name: str) -> bool:
        """Return whether files cannot be renamed from the staging folder into that folder, or the folder is a link elsewhere."""
        folder = self.data / name
        if folder.is_symlink() or not folder.is_dir():
            return folder.is_dir() and name in OUR_NAMES
        probe, there = self.room / "probe", folder / f".probe{partial_files.PART}"
        probe.touch()
        try:
            probe.rename(there)
        except OSError as error:
            probe.unlink()
            # A folder that cannot be written to at all is not far; a later write to it fails with its reason.
            return error.errno == errno.EXDEV
        there.unlink()
        return False

    def begin(self, items: Iterable[str]) -> None:
        """Write the journal.

        `items` are paths relative to the data folder: each is removed, and replaced by the new one if there is one.
        """
        listed = [{"path": item, "had": _is_there(self.data / item)} for item in items]
        self._sync()
        self._note({"committed": False, "items": listed})

    def carry_out(self) -> None:
        for item in self._read()["items"]:
            path = item["path"]
            if item["had"]:
                move(self.data / path, self.old / path)
            if _is_there(self.new / path):
                move(self.new / path, self.data / path)
        self._sync()

    def _sync(self) -> None:
        sync_tree(self.room)
        for name in self._far():
            sync_tree(self.data / name / ROOM)
            partial_files.sync_folder(self.data / name)
        partial_files.sync_folder(self.data)

    def _far(self) -> list[str]:
        """Return the folders that have their own staging folder."""
        return [name for name in FOLDERS if (self.old / name).is_symlink()]

    def commit(self, keep: str | None = None) -> None:
        """Make the new state valid. The old state is deleted, or kept in the folder `keep` of the data folder."""
        self._note(self._read() | {"committed": True, "keep": keep})
        self._finish(keep)

    def roll_back(self) -> None:
        """Restore the old state, however far the swap had come."""
        for name in self._far():
            if not (self.old / name).is_dir():
                raise StartError(
                    f"A restore was cut off while {self.data / name} was exchanged, and what lay there is not to be seen now. "
                    "Nothing was changed. Mount the disk that it lies on, then start again."
                )
        for item in reversed(self._read()["items"]):
            here, before = self.data / item["path"], self.old / item["path"]
            if _is_there(before):
                _remove(here)
                move(before, here)
            elif not item["had"]:
                _remove(here)
        self._sync()
        self.clear()

    def recover(self) -> str | None:
        """After a start, finish or undo an interrupted swap. Return "finished", "undone", or None if there was none."""
        if not self._journal.is_file():
            self.clear()
            return None
        journal = self._read()
        if journal["committed"]:
            self._finish(journal.get("keep"))
            return "finished"
        self.roll_back()
        return "undone"

    @property
    def interrupted(self) -> bool:
        """Return whether a swap is under way, or was interrupted."""
        return self._journal.is_file()

    def clear(self) -> None:
        # The journal is deleted first: without it, an incomplete staging folder is only something to sweep away.
        self._journal.unlink(missing_ok=True)
        for name in FOLDERS:
            if _is_there(far := self.data / name / ROOM):
                _remove(far)
        _remove(self.room)

    def _finish(self, keep: str | None) -> None:
        if keep and self.old.is_dir():
            for name in self._far():
                self._keep_there(name, keep)
            move(self.old, self.data / keep)
        self.clear()

    def _keep_there(self, name: str, keep: str) -> None:
        """Keep the old contents of a folder on another disk there, hidden, and link to them from the folder that is kept."""
        before, kept = self.data / name / ROOM / self.old.name, self.data / name / f".{keep}"
        if before.is_dir():
            move(before, kept)
        link = self.room / "kept"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..", name, kept.name))
        link.replace(self.old / name)

    def _read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._journal.read_text(encoding="utf-8"))
            items = [(item["path"], item["had"]) for item in found["items"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._unreadable(f"{type(error).__name__}: {error}") from error
        if not isinstance(found.get("committed"), bool) or not all(map(_plain, items)):
            raise self._unreadable("it names what no exchange names")
        return found

    def _unreadable(self, why: str) -> StartError:
        return StartError(
            f"The journal of a restore that was cut off, {self._journal}, cannot be read ({why}). Nothing was changed. What was "
            f"there before is in {self.old}, what was to be restored in {self.new}: put what you want to keep into "
            f"{self.data}, take the folder {self.room} away, and start again."
        )

    def _note(self, journal: dict[str, Any]) -> None:
        draft = self._journal.with_suffix(".draft")
        draft.write_text(json.dumps(journal), encoding="utf-8")
        partial_files.sync(draft)
        move(draft, self._journal)
        partial_files.sync_folder(self.room)


def _is_ours(name: str) -> bool:
    """Return whether CastMind creates this name in uploads: a file named by its hash, a partial one, or the folder `incoming`."""
    return name == "incoming" or name.endswith(partial_files.PART) or re.match(r"[0-9a-f]{64}(\.|$)", name) is not None


def _plain(item: tuple[object, object]) -> bool:
    """Return whether the pair is a path below the data folder and a boolean (whether there was a file)."""
    path, had = item
    return isinstance(path, str) and isinstance(had, bool) and bool(path) and ".." not in path.split("/") and path[0] != "/"


def move(source: Path, target: Path) -> None:
    """Rename a path: the only kind of step that changes the data folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def sync_tree(folder: Path) -> None:
    """Sync all folders below, which makes their names durable; the files themselves were synced when they were written."""
    for root, _, _ in os.walk(folder):
        partial_files.sync_folder(Path(root))


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
