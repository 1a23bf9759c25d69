"""`opml import` and `opml export`: exchange subscriptions with other programs.

import   folder locked? ─┬─ no ──▶ subscribe here, 16 at once; Ctrl-C keeps finished feeds, and the next start continues
                         └─ yes ─▶ ask the running server and show its progress; it continues after Ctrl-C
export   read, also beside a running server ─▶ a file, or standard output
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core import settings
from core.cli.meter import Meter
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import LineState
from core.errors import DataFolderLocked, UserError
from core.net.web import Fetcher
from core.ops import server_client
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.manifest import DATABASE
from core.services.feeds.imports.pooled import PooledImports
from core.services.feeds.subscriptions import Subscriptions
from core.services.settings.settings_service import SettingsService
from core.settings import Settings
from core.sources import opml
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock

INTERRUPTED = 130
LOOK_SECONDS = 0.2
LEAVES_IT = "The running CastMind continues it; its page of podcasts shows the progress."
KEPT = "What is subscribed is kept, and the next start of CastMind continues with the rest."

Show = Callable[[int, int], None]


def bring(options: argparse.Namespace) -> int:
    body = options.file.read_bytes()
    found = opml.read(body)
    print(f"{options.file.name}: {len(found.feeds)} feeds.", file=sys.stderr)
    if found.broken_at:
        print(f"It is not well-formed from line {found.broken_at} on; these could be read.", file=sys.stderr)
    values = settings.load().values
    wishes = {"backlog": options.backlog, "auto_transcribe": not options.no_auto, "name": options.file.name}
    meter = Meter("feeds")
    lock = DataFolderLock(values.data)
    try:
        lock.acquire()
    except DataFolderLocked:
        print("The running CastMind is asked to subscribe to them.", file=sys.stderr)
        return _told(lambda: server_client.import_opml(body, values, wishes, show=meter.show), meter, LEAVES_IT)
    try:
        return _told(lambda: _here(values, body, wishes, meter.show), meter, KEPT)
    finally:
        lock.release()


def export(options: argparse.Namespace) -> int:
    values = settings.load().values
    with _store(values) as store, _subscriptions(store) as subscriptions:
        body, left_out = PooledImports(store, subscriptions).imports.export(OWNER, keys=options.keys)
    if options.file is None:
        sys.stdout.buffer.write(body)
    else:
        _write(options.file, body)
    if left_out:
        print(f"Left out, because their address looks like a personal key: {left_out}. --keys takes them along.", file=sys.stderr)
    return 0


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Nothing was exported.") from error


def _told(work: Callable[[], Mapping[str, int]], meter: Meter, interrupted: str) -> int:
    try:
        with meter:
            counts = work()
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return INTERRUPTED
    print(", ".join(f"{state}: {count}" for state, count in counts.items() if count))
    return 1 if counts.get(LineState.FAILED) else 0


def _here(values: Settings, body: bytes, wishes: Mapping[str, str | int | bool], show: Show) -> dict[str, int]:
    with _store(values, alone=True) as store, _subscriptions(store) as found, PooledImports(store, found) as imports:
        begun = imports.add_opml(
            OWNER, body, name=str(wishes["name"]), backlog=int(wishes["backlog"]), auto_transcribe=bool(wishes["auto_transcribe"])
        )
        while (state := imports.get(OWNER, begun.id)).running:
            show(state.done, state.total)
            time.sleep(LOOK_SECONDS)
        for line in imports.lines(OWNER, begun.id, LineState.FAILED):
            print(f"line {line.number}: {line.error['detail'] if line.error else ''}", file=sys.stderr)
        return _counts(state.counts)


def _counts(counts: Mapping[LineState, int]) -> dict[str, int]:
    return {state.value: count for state, count in counts.items()}


@contextmanager
def _store(values: Settings, *, alone: bool = False) -> Iterator[Store]:
    """Open the store. `alone`: this process holds the folder's lock, so it may write to the database."""
    store = Store(values.data / DATABASE)
    if alone:
        upgrade.make_ready(values.data, Backups(values.data, lambda: values))
        store.open()
    elif not store.path.is_file():
        raise UserError(f"There is no library in {values.data}. Nothing was exported.")
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _subscriptions(store: Store) -> Iterator[Subscriptions]:
    """Build the subscriptions as core.app does."""
    preferences = SettingsService(settings.load(), store)
    preferences.read_saved()
    fetcher = Fetcher(lambda: preferences.values.allowed_private_hosts)
    try:
        yield Subscriptions(store, preferences, fetcher)
    finally:
        fetcher.close()
