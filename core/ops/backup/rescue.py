"""Wait for the user's choice after a start that found no library where one should be, or one that cannot be opened.

    start ─▶ LibraryMissing, DatabaseDamaged ─▶ begin ─▶ looking: the newest backup that is proven good
                                                           ▼
                                                        choosing ─┬─ restore(name) ─▶ Restorer ─▶ later uploads stay ─┐
                                    its error is kept ◀───┐       ├─ begin_new() ───▶ old file aside, an empty library ─┼─▶ start
                                                          └───────┴─ look_again() ───────────────────────────────────┘

While it waits, the data folder is unlocked and unchanged, so the command line can restore as well. The page shows a
`RescueState`; `active` is False once CastMind runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import CastMindError, Conflict, DatabaseDamaged, LibraryMissing
from core.files import partial_files
from core.ops.backup import proving, upgrade
from core.ops.backup.backup_file import Backup
from core.ops.backup.backups import Backups
from core.ops.backup.restorable import opens
from core.ops.backup.restore import Restorer, Server
from core.store.db import db_copies
from core.store.db.folder_lock import DataFolderLock

log = logging.getLogger(__name__)

RESCUED = (LibraryMissing, DatabaseDamaged)
Phase = Literal["looking", "choosing", "restoring", "beginning", "starting"]


@dataclass(frozen=True, slots=True)
class FoundBackup:
    """A backup that was proven good, with its rows by table."""

    backup: Backup
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RescueState:
    """`reason` is why CastMind did not start, `error` the failure of the last choice.

    `done` and `total` are bytes of the backup `name`, which is being read. `others` have a readable manifest, and are checked
    when they are restored; `refused` were checked and cannot be restored.
    """

    reason: CastMindError
    phase: Phase = "looking"
    found: FoundBackup | None = None
    others: tuple[Backup, ...] = ()
    error: CastMindError | None = None
    name: str = ""
    done: int = 0
    total: int = 0
    refused: tuple[str, ...] = ()


class Rescue:
    """The rescue; `start` starts CastMind. Thread-safe."""

    def __init__(self, data: Path, backups: Backups, start: Callable[[], None]) -> None:
        self.data = data
        self._backups = backups
        self._start = start
        self._guard = threading.Lock()
        self._state: RescueState | None = None
        self._ending = threading.Event()
        self._restorer: Restorer | None = None
        self.on_started: Callable[[], None] = lambda: None

    @property
    def active(self) -> bool:
        return self._state is not None

    def state(self) -> RescueState | None:
        """Return the state; None once CastMind runs."""
        with self._guard:
            state, restorer = self._state, self._restorer
        restoring = restorer.state() if restorer else None
        if state and state.phase == "restoring" and restoring:
            return replace(state, done=restoring.done, total=restoring.total)
        return state

    def begin(self, reason: CastMindError) -> None:
        """Start waiting for a choice."""
        log.error("CastMind waits for a decision: %s", reason.detail)
        self._state = RescueState(reason)
        self._in_thread(self._look)

    def end(self) -> None:
        """Stop the search for a backup, because the process ends."""
        self._ending.set()

    # --- choices --------------------------------------------------------------------------------

    def restore(self, name: str) -> None:
        """Restore a backup, then start. Raises NotFound, Conflict."""
        self._backups.path(name)
        self._choose("restoring", lambda: self._restored(name), name=name)

    def begin_new(self) -> None:
        """Create an empty library beside the recordings, then start. Raises Conflict."""
        self._choose("beginning", self._begun)

    def look_again(self) -> None:
        """Start if the missing files are back. Raises Conflict."""
        self._choose("starting", lambda: None)

    def _choose(self, phase: Phase, work: Callable[[], None], name: str = "") -> None:
        with self._guard:
            state = self._state
            if state is None or state.phase not in ("choosing", "looking"):
                raise Conflict(
                    "Another choice is being carried out already. Nothing more was changed.", state="running", case="choosing"
                )
            self._state = replace(state, phase=phase, error=None, name=name, done=0, total=0)
        self._in_thread(lambda: self._carried_out(work))

    def _carried_out(self, work: Callable[[], None]) -> None:
        try:
            work()
            self._change(phase="starting")
            self._start()
        except RESCUED as error:
            log.warning("CastMind does not start yet: %s", error.detail)
            self._change(reason=error, error=None, phase="looking")
            self._look()
        except CastMindError as error:
            log.warning("the choice could not be carried out: %s", error.detail)
            self._change(error=error, phase="choosing")
        except Exception as error:
            log.exception("the choice could not be carried out")
            self._change(error=CastMindError(f"It could not be carried out ({error})."), phase="choosing")
        else:
            with self._guard:
                self._state = None
            self.on_started()

    def _restored(self, name: str) -> None:
        lock = DataFolderLock(self.data)
        lock.acquire()
        try:
            restorer = self._restorer = Restorer(self.data, self._backups, Server(start=lambda: opens(self.data)))
            result = restorer.restore(name)
            if result.kept:
                came_later = bring_back(self.data / result.kept, self.data)
                log.warning("%d recordings that the backup does not hold stay; they become episodes again", came_later)
        finally:
            self._restorer = None
            lock.release()

    def _begun(self) -> None:
        lock = DataFolderLock(self.data)
        lock.acquire()
        try:
            upgrade.begin_new(self.data)
        finally:
            lock.release()

    # --- looking --------------------------------------------------------------------------------

    def _look(self) -> None:
        """Find the newest proven backup, preferring those with an episode."""
        known = set(db_copies.known_steps())
        readable = [b for b in self._backups.listing() if b.error is None and set(b.schema) <= known]
        refused: list[str] = []
        empty: FoundBackup | None = None
        found: FoundBackup | None = None
        for backup in readable:
            if self._gone_on():
                return
            self._change(name=backup.name, done=0, total=0)
            proof = self._proof(backup)
            if proof is None:
                refused.append(backup.name)
            elif proof.counts.get("episodes"):
                found = FoundBackup(backup, proof.counts)
                break
            else:
                empty = empty or FoundBackup(backup, proof.counts)
        found = found or empty
        others = tuple(b for b in readable if b.name not in refused and (found is None or b != found.backup))
        with self._guard:
            if self._state and self._state.phase == "looking":
                self._state = replace(
                    self._state, phase="choosing", found=found, others=others, refused=tuple(refused), name="", done=0, total=0
                )

    def _proof(self, backup: Backup) -> proving.Proof | None:
        def progress(done: int, total: int) -> None:
            self._change(only="looking", done=done, total=total)

        try:
            return proving.proven(backup.path, on_progress=progress, cancelled=self._gone_on)
        except (CastMindError, OSError) as error:
            log.warning("the backup %s cannot be used: %s", backup.name, error)
            return None

    def _gone_on(self) -> bool:
        state = self._state
        return self._ending.is_set() or state is None or state.phase != "looking"

    # --- the state ------------------------------------------------------------------------------

    def _change(self, *, only: Phase | None = None, **changes: object) -> None:
        with self._guard:
            if self._state and only in (None, self._state.phase):
                self._state = replace(self._state, **changes)  # type: ignore[arg-type]

    def _in_thread(self, run: Callable[[], None]) -> None:
        threading.Thread(target=run, name="rescue", daemon=True).start()


def bring_back(kept: Path, data: Path) -> int:
    """Link uploads of the old state into uploads/, where they become episodes again; return their number.

    The old state keeps its own links, which take no extra space.
    """
    there = {path.name for path in (data / "uploads").glob("*")}
    later = [path for path in sorted((kept / "uploads").glob("*")) if upgrade.is_recording(path) and path.name not in there]
    for path in later:
        partial_files.place(path, data / "uploads", path.stem, path.suffix)
    return len(later)
