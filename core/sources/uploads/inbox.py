"""Watch data/inbox and its folders for new files.

    watchdog event ─┐
    every few s ────┴─▶ step(now): scan ─▶ unchanged for a while, and no writer? ─▶ on_file(path), which moves the file away
                                                                  └─▶ UserError: to inbox/rejected, with a .txt that says why

The scan decides, events only trigger it early: files from before the start are found like any other, and a lost event costs
seconds. On filesystems without events, the polling observer watches.

Emptied folders stay, because a person drops the next file there. Companions of the audio (covers, lists, texts) stay too.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from core.errors import OutsideCondition, UserError
from core.files.mounts import MOUNTINFO, filesystem_of, is_remote
from core.sources.uploads.writers import open_for_writing

log = logging.getLogger(__name__)

REJECTED = "rejected"
# The suffix, after the file's own name, of a note with the reason.
NOTE = ".txt"
LONGEST_NAME, LONGEST_SUFFIX = 255, 20
SETTLE_SECONDS = 3.0
# A copy may create the file long before its first byte.
SETTLE_EMPTY_SECONDS = 60.0
POLL_SECONDS = 2.0
IDLE_SECONDS = 30.0
BREATH_SECONDS = 0.2
RETRY_SECONDS = 60.0
UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".opdownload", ".filepart", ".!qb", ".aria2", ".swp")
IGNORED = ("desktop.ini", "thumbs.db", "readme.md", "readme.txt")
# Folders that operating systems and NAS devices make.
SYSTEM_FOLDERS = ("@eadir", "__macosx", "lost+found", "$recycle.bin", "system volume information", "#recycle")
# Companions of audio in a folder. Directly in the inbox such a file is a mistake, and its owner is told so.
COMPANIONS = (
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".ico", ".svg"),
    *(".txt", ".md", ".nfo", ".log", ".pdf", ".htm", ".html", ".url", ".lnk", ".webloc", ".ini", ".db"),
    *(".cue", ".m3u", ".m3u8", ".pls", ".xspf", ".lrc", ".srt", ".vtt", ".json", ".xml", ".opf", ".sfv", ".md5", ".sha256"),
)

Fingerprint = tuple[int, int]


@dataclass(slots=True)
class _Sighting:
    """A file as last seen: size and mtime, since when they are unchanged, and the time before which it is not tried."""

    fingerprint: Fingerprint
    since: float
    not_before: float = 0.0
    handed_over: bool = False
    told_open: bool = False


class Inbox:
    """A watcher of one folder and its subfolders, except `rejected`.

    `step` may be called without `start`; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        folder: Path,
        on_file: Callable[[Path], None],
        *,
        polling: Literal["auto", "always"] = "auto",
        settle_seconds: float = SETTLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._on_file = on_file
        self._polling = polling
        self._settle = settle_seconds
        self._clock = clock
        self._seen: dict[str, _Sighting] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._observer: BaseObserver | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Make the folder and start the two threads. Raises OSError if the folder cannot be made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._stopping.clear()
        self._observer = self._start_observer()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    def dead(self) -> bool:
        """Return whether the thread has ended although it was not told to."""
        return self._thread is not None and not self._thread.is_alive() and not self._stopping.is_set()

    def revive(self) -> list[str]:
        """Start the thread again if it is dead."""
        if not self.dead():
            return []
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()
        return ["inbox"]

    def stop(self) -> None:
        """End both threads and wait for them; a file that is being handed over is finished first."""
        self._stopping.set()
        self._wake.set()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        if self._thread is not None:
            self._thread.join()
        self._observer = self._thread = None

    def step(self, now: float) -> float:
        """Scan once and hand over the settled files. Return the seconds until the next scan."""
        present = self._scan()
        self._seen = {name: s for name, s in self._seen.items() if name in present}
        pending = False
        for name, fingerprint in sorted(present.items()):
            sighting = self._seen.get(name)
            if sighting is None or sighting.fingerprint != fingerprint:
                self._seen[name] = sighting = _Sighting(fingerprint, now)
            if sighting.handed_over:
                continue
            settle = self._settle if fingerprint[0] else max(self._settle, SETTLE_EMPTY_SECONDS)
            if now - sighting.since >= settle and now >= sighting.not_before and not _written(self._folder / name, sighting):
                self._hand_over(self._folder / name, sighting, now)
            pending = pending or not sighting.handed_over
        return min(self._settle, POLL_SECONDS) if pending else IDLE_SECONDS

    def _scan(self) -> dict[str, Fingerprint]:
        """Return size and mtime of each file by its path below the folder."""
        found: dict[str, Fingerprint] = {}
        # Symlinks are not followed: they lead out of the folder, or form loops in it.
        for place, folders, names in os.walk(self._folder, onerror=_unread):
            here = Path(place).relative_to(self._folder)
            folders[:] = [name for name in folders if not _passed_over(here / name)]
            for name in names:
                if _ignored(here / name):
                    continue
                try:
                    state = os.lstat(Path(place, name))
                except OSError:
                    continue  # moved away after the listing
                if stat.S_ISREG(state.st_mode):
                    found[str(here / name)] = (state.st_size, state.st_mtime_ns)
        return found

    def _hand_over(self, path: Path, sighting: _Sighting, now: float) -> None:
        try:
            self._on_file(path)
            sighting.handed_over = True
        except UserError as error:
            self._reject(path, error)
            sighting.handed_over = True
        except OutsideCondition as error:
            sighting.not_before = now + error.retry_after
            log.warning("inbox: %s waits: %s", path.name, error.detail)
        except OSError as error:
            # Windows locks a file while it copies it here.
            sighting.not_before = now + RETRY_SECONDS
            log.warning("inbox: %s cannot be read yet: %s", path.name, error)
        except Exception:
            # One odd file must not end the watch for all others.
            sighting.not_before = now + RETRY_SECONDS
            log.exception("inbox: %s could not be taken in; it stays and is tried again", path.name)

    def _reject(self, path: Path, error: UserError) -> None:
        folder = self._folder / REJECTED / path.parent.relative_to(self._folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            target = _free_name(folder, path.name)
            path.replace(target)
        except OSError:
            log.exception("inbox: %s was refused (%s) and cannot be moved; it stays", path.name, error.detail)
            return
        try:
            target.with_name(target.name + NOTE).write_text(
                f"{error.detail}\n\nCastMind did not take this file in; the file itself is kept unchanged.\n", encoding="utf-8"
            )
        except OSError:
            log.exception(
                "inbox: %s was refused (%s); it lies in %s, without the note that says so", path.name, error.detail, folder
            )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._wake.wait(self._looked())
            # A file that is being copied in causes many events; scan a few times a second at most.
            self._stopping.wait(BREATH_SECONDS)

    def _looked(self) -> float:
        try:
            return self.step(self._clock())
        except Exception:
            # Whatever is wrong with the folder, a file dropped later must not wait for a restart.
            log.exception("inbox: it could not be looked through; it is tried again")
            return RETRY_SECONDS

    def _start_observer(self) -> BaseObserver:
        observer: BaseObserver = PollingObserver(timeout=POLL_SECONDS) if self._needs_polling() else Observer()
        try:
            return self._watched(observer)
        except OSError as error:
            # The system's limit of inotify watches is reached.
            log.warning("file events are not available (%s): the inbox is polled", error)
            return self._watched(PollingObserver(timeout=POLL_SECONDS))

    def _watched(self, observer: BaseObserver) -> BaseObserver:
        observer.schedule(_Waker(self._wake), str(self._folder), recursive=True)
        observer.start()
        return observer

    def _needs_polling(self) -> bool:
        if self._polling == "always":
            return True
        try:
            mountinfo = Path(MOUNTINFO).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return True
        return is_remote(filesystem_of(self._folder.resolve(), mountinfo))


class _Waker(FileSystemEventHandler):
    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Reading a file is an event too; only changes count.
        if event.event_type in ("created", "modified", "moved", "closed"):
            self._wake.set()


def _written(path: Path, sighting: _Sighting) -> bool:
    """Return whether the file is open for writing, and so incomplete: a recorder may pause for longer than a copy does."""
    try:
        open_ = open_for_writing(path) is True
    except OSError:
        return False  # handing it over fails too, with the reason
    if open_ and not sighting.told_open:
        sighting.told_open = True
        log.info("inbox: %s is open for writing; it is taken in once it is closed", path.name)
    return open_


def _unread(error: OSError) -> None:
    log.warning("the inbox cannot be read: %s", error)


def _passed_over(folder: Path) -> bool:
    """Return whether to skip a folder, by its path below the inbox: hidden, made by a system, or `rejected`."""
    name = folder.name.lower()
    return name.startswith(".") or name in SYSTEM_FOLDERS or folder == Path(REJECTED)


def _ignored(path: Path) -> bool:
    lowered = path.name.lower()
    beside = len(path.parts) > 1 and lowered.endswith(COMPANIONS)
    return beside or lowered.startswith((".", "~$")) or lowered.endswith(UNFINISHED) or lowered in IGNORED


def _free_name(folder: Path, name: str) -> Path:
    """Return an unused name, short enough for the note's suffix. A dangling symlink counts as used."""
    target, count = folder / _fitting(name, ""), 2
    while os.path.lexists(target) or os.path.lexists(target.with_name(target.name + NOTE)):
        target = folder / _fitting(name, f" ({count})")
        count += 1
    return target


def _fitting(name: str, number: str) -> str:
    """Return the name with a number before its suffix, cut so that it fits 255 bytes together with the note's suffix."""
    suffix = Path(name).suffix if len(os.fsencode(Path(name).suffix)) <= LONGEST_SUFFIX else ""
    stem, rest = os.fsencode(name.removesuffix(suffix)), os.fsencode(number + suffix)
    room = LONGEST_NAME - len(rest) - len(NOTE)
    if len(stem) > room:
        # Drop a truncated UTF-8 character at the end.
        stem = re.sub(rb"[\xc0-\xff][\x80-\xbf]*\Z", b"", stem[:room])
    return os.fsdecode(stem + rest)
