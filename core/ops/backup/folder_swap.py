"""Exchanging what lies in the data folder for what was made ready beside it, so that a power cut leaves one or the other.

    data/.restore/new  ready ─▶ begin: journal ─▶ carry_out: each item  data ─▶ old,  new ─▶ data
                                                  │ all well                │ not well, or killed before
                                                  ▼                         ▼
                                     commit: journal says so ─▶ old goes    roll_back: each item  old ─▶ data

A folder that is a link or a mount, on another disk perhaps, stays where it is: a file cannot be renamed across, and the folder
cannot be taken away. What lies in it is exchanged, over a room of its own (FOLDER/.restore), to which `new` and `old` link; of
uploads and media what has a name that CastMind gives. A link in the place of exports, where names are anybody's, is exchanged
itself.

Until the journal says committed, the state before is the one that counts: `recover`, called at every start, brings it back.
Every step can be repeated: what an item's place looks like tells how far it had come.
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
    """One exchange in the data folder `data`; there is never a second one, because the folder is locked."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.room = data / ROOM
        self.new = self.room / "new"
        self.old = self.room / "old"
        self._journal = self.room / "journal.json"

    def prepare(self) -> None:
        """An empty place to make the new state ready in."""
        self.clear()
        self.new.mkdir(parents=True)
        self.old.mkdir()
        for name in FOLDERS:
            if self._is_far(name):
                for side in (self.new, self.old):
                    (self.data / name / ROOM / side.name).mkdir(parents=True)
                    (side / name).symlink_to(Path("..", "..", name, ROOM, side.name))

    def items(self, folder: str) -> list[str]:
        """What `begin` has to be given so that a folder is exchanged: itself, or all that lies in one that stays."""
        if not (self.new / folder).is_symlink():
            return [folder]
        lying = {path.name for path in (self.data / folder).iterdir() if folder not in OUR_NAMES or _is_ours(path.name)}
        coming = {path.name for path in (self.new / folder).iterdir()}
        return sorted(f"{folder}/{name}" for name in lying | coming if not name.startswith("."))

    def _is_far(self, name: str) -> bool:
        """Whether nothing can be renamed from the room into that folder, or the folder itself leads elsewhere."""
        folder = self.data / name
        if folder.is_symlink() or not folder.is_dir():
            return folder.is_dir() and name in OUR_NAMES
        probe, there = self.room / "probe", folder / f".probe{partial_files.PART}"
        probe.touch()
        try:
            probe.rename(there)
        except OSError as error:
            probe.unlink()
            # What cannot be written at all need not be: it fails when it has to, and says why.
            return error.errno == errno.EXDEV
        there.unlink()
        return False

    def begin(self, items: Iterable[str]) -> None:
        """`items` are paths relative to the data folder: each is taken away, and replaced by the new one if there is one."""
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
        """Folders that have a room of their own."""
        return [name for name in FOLDERS if (self.old / name).is_symlink()]

    def commit(self, keep: str | None = None) -> None:
        """The new state counts. What was there before goes, or is kept in the folder `keep` of the data folder."""
        self._note(self._read() | {"committed": True, "keep": keep})
        self._finish(keep)

    def roll_back(self) -> None:
        """The state before, from wherever the exchange had come to."""
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
        """After a start: finishes or undoes what was cut off. Says which: "finished", "undone", None when nothing was."""
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
        """Whether an exchange is under way, or was cut off."""
        return self._journal.is_file()

    def clear(self) -> None:
        # The journal goes first: half a room without one is only something to sweep away.
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
        """What lay in a folder on another disk stays there, hidden, and the folder of what is kept links to it."""
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
    """In uploads: a whole file by its hash, one on its way in, or those that wait."""
    return name == "incoming" or name.endswith(partial_files.PART) or re.match(r"[0-9a-f]{64}(\.|$)", name) is not None


def _plain(item: tuple[object, object]) -> bool:
    """Whether it is a path below the data folder, and whether something lay there."""
    path, had = item
    return isinstance(path, str) and isinstance(had, bool) and bool(path) and ".." not in path.split("/") and path[0] != "/"


def move(source: Path, target: Path) -> None:
    """The one kind of step that changes what counts."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def sync_tree(folder: Path) -> None:
    """Makes the names in all folders below last; the files themselves were synced when they were written."""
    for root, _, _ in os.walk(folder):
        partial_files.sync_folder(Path(root))


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
