"""`backup`, `verify`, `restore`: run in this process, or through the server that holds the data folder.

restore   a zip from elsewhere ─▶ copied into data/backups ─▶ folder locked? ─┬─ no ──▶ restored here
                                                                             └─ yes ─▶ a request to the running server
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

from core import settings
from core.cli.meter import ProgressLine
from core.errors import DataFolderLocked, StartError, UserError
from core.ops import server_client
from core.ops.backup.backup_file import verified
from core.ops.backup.backups import Backups
from core.ops.backup.folder_swap import Swap
from core.ops.backup.manifest import Manifest
from core.ops.backup.restorable import opens
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.restore_state import RestoreResult
from core.settings import Settings
from core.store.db.folder_lock import DataFolderLock

WRONG_COMMAND_LINE = 2
MEGABYTE = 1_000_000


def backup(options: argparse.Namespace) -> int:
    values, backups = _library()
    if Swap(values.data).interrupted:
        raise StartError("A restore is under way, or was cut off. Wait for it, or start CastMind: it puts the folder in order.")
    with ProgressLine() as line:
        show = partial(_show, line)
        made = backups.create("manual", media=options.media, target=options.output, on_progress=show)
    print(f"{made.path}: {made.bytes / MEGABYTE:.1f} MB, {', '.join(made.contents)}")
    for path in made.skipped:
        print(f"Not in it, because it is not there: {path}", file=sys.stderr)
    return 0


def _show(line: ProgressLine, phase: str, done: int, total: int) -> None:
    line.say(f"{phase}  {done / MEGABYTE:.0f} of {total / MEGABYTE:.0f} MB", phase)


def verify(options: argparse.Namespace) -> int:
    _, backups = _library()
    path = _path(options.backup, backups)
    print(f"{path}: whole. {_described(_read_through(path))}")
    return 0


def _read_through(path: Path) -> Manifest:
    with ProgressLine() as line:
        return verified(path, on_progress=partial(_show, line, "reading"))


def restore(options: argparse.Namespace) -> int:
    values, backups = _library()
    path = _path(options.backup, backups)
    print(_described(_read_through(path)), file=sys.stderr)
    if not options.yes:
        if not sys.stdin.isatty():
            print("Nothing was changed: without a terminal to ask on, --yes is needed.", file=sys.stderr)
            return WRONG_COMMAND_LINE
        if not _agreed(values):
            print("Nothing was changed.", file=sys.stderr)
            return 1
    name = path.name if path.parent == backups.folder else backups.take(path).name
    _tell(_restored(name, values, backups))
    return 0


def _library() -> tuple[Settings, Backups]:
    # Saved settings are ignored: a backup does not need them, and the database may be damaged.
    values = settings.load().values
    return values, Backups(values.data, lambda: values)


def _path(text: str, backups: Backups) -> Path:
    path = Path(text)
    if path.is_file():
        return path.absolute()
    if len(path.parts) > 1:
        raise UserError(f"There is no file {text}.")
    return backups.path(text)


def _described(made: Manifest) -> str:
    when = datetime.fromtimestamp(made.created_at).astimezone()
    text = f"Made {when:%Y-%m-%d %H:%M} by CastMind {made.version}: {', '.join(made.contents)}, {len(made.files)} files"
    return f"{text}, {made.bytes / MEGABYTE:.1f} MB unpacked."


def _agreed(values: Settings) -> bool:
    print(f"It takes the place of what is in {values.data} now, which is backed up first.", file=sys.stderr)
    return input("Restore it? [y/N] ").strip().lower() in ("y", "yes")


def _restored(name: str, values: Settings, backups: Backups) -> RestoreResult:
    lock = DataFolderLock(values.data)
    try:
        lock.acquire()
    except DataFolderLocked:
        print("The running CastMind is asked to restore it.", file=sys.stderr)
        return server_client.restore(name, values, say=lambda phase: print(phase, file=sys.stderr))
    try:
        Swap(values.data).recover()
        return Restorer(values.data, backups, Server(start=lambda: opens(values.data))).restore(name)
    finally:
        lock.release()


def _tell(result: RestoreResult) -> None:
    counts = ", ".join(f"{count} {what}" for what, count in result.counts.items())
    print(f"Restored {result.name}: {counts}.")
    if result.restore_point:
        print(f"What was there before is in {result.restore_point}: restore that to go back.")
    if result.kept:
        print(f"What was there before could not be read; it is kept as it was in the folder {result.kept}.")
    if result.fetched_again:
        print(f"The audio of {result.fetched_again} episodes was not in it and is fetched again.")
    if result.left_out:
        print(f"Not taken over, because CastMind does not make it: {', '.join(result.left_out)}.")
