"""Runs CastMind, and starts it again when a file of pages/ or core/ is saved:  make dev

watchdog ─▶ saved files ─▶ quiet for a moment ─▶ SIGTERM, as for any stop: jobs go back to the queue ─▶ start
                                                 it ended by itself (a slip of the pen) ─▶ wait for the next save
An open page reconnects by itself, and draws itself anew.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from core.files.mounts import MOUNTINFO, filesystem_of, is_remote

PROJECT = Path(__file__).resolve().parent.parent
FOLDERS = ("core", "pages")
SUFFIXES = {".py", ".js", ".css", ".html", ".json", ".svg"}
CHANGES = {"created", "modified", "closed", "moved", "deleted"}
# Editors write a file in several goes, and save several files at once.
QUIET_SECONDS = 0.2
# CastMind needs two seconds at most; a change may have broken its stop.
STOP_SECONDS = 10.0


class Saves(FileSystemEventHandler):
    """The files that were saved, as they are told by the observer's thread."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[Path] = queue.SimpleQueue()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES and not event.is_directory:
            for path in map(Path, map(os.fsdecode, (event.src_path, event.dest_path))):
                if path.suffix in SUFFIXES:
                    self._told.put(path)

    def wait(self) -> Path:
        """Until something was saved, and nothing more for a moment. Gives the first."""
        first = self._told.get()
        while True:
            try:
                self._told.get(timeout=QUIET_SECONDS)
            except queue.Empty:
                return first


class Server:
    """CastMind as a child process."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._child = subprocess.Popen([sys.executable, "castmind_app.py"], cwd=PROJECT)
        threading.Thread(target=self._tell_of_end, args=(self._child,), daemon=True).start()

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _tell_of_end(self, child: subprocess.Popen[bytes]) -> None:
        status = child.wait()
        if child is self._child:
            say(f"CastMind ended ({status}). It starts again when a file is saved.")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def observer() -> BaseObserver:
    """Network shares, and folders of Windows in WSL, tell of no changes: there the files are looked at."""
    mounts = Path(MOUNTINFO)
    if mounts.exists() and is_remote(filesystem_of(PROJECT, mounts.read_text(encoding="utf-8", errors="surrogateescape"))):
        return PollingObserver()
    return Observer()


def main() -> None:
    saves, server, watching = Saves(), Server(), observer()
    for folder in FOLDERS:
        watching.schedule(saves, str(PROJECT / folder), recursive=True)
    signal.signal(signal.SIGTERM, _end)
    watching.start()
    try:
        server.start()
        while True:
            saved = saves.wait()
            say(f"{saved.relative_to(PROJECT)} was saved; CastMind starts again")
            server.stop()
            server.start()
    except KeyboardInterrupt:
        say("CastMind stops")
    finally:
        server.stop()
        watching.stop()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
