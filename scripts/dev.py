"""Run CastMind, and restart it when a file of pages/ or core/ is saved:  make dev

watchdog ─▶ saved files ─▶ debounce ─▶ SIGTERM, as for any stop: jobs go back to the queue ─▶ start
                                       it exited by itself (a syntax error, say) ─▶ wait for the next save
An open page reconnects and reruns by itself.
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
# Debounce: editors write a file in several steps, and save several files at once.
QUIET_SECONDS = 0.2
# CastMind stops within two seconds; a code change may have broken the shutdown.
STOP_SECONDS = 10.0


class Saves(FileSystemEventHandler):
    """Saved files, reported by the observer's thread."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[Path] = queue.SimpleQueue()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES and not event.is_directory:
            for path in map(Path, map(os.fsdecode, (event.src_path, event.dest_path))):
                if path.suffix in SUFFIXES:
                    self._told.put(path)

    def wait(self) -> Path:
        """Wait until a file was saved and no other one followed for a moment; return the first."""
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
    """Return the observer; it polls on network shares and Windows folders in WSL, which send no change events."""
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
