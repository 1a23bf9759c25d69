"""Imports (`castmind.imports`): lists of URLs that become subscriptions in the background, with a report.

    OPML file ─┐
    URL  ──────┴─▶ rows and a task, in one transaction ─▶ import_task: its lines run ─▶ added | known | choice | failed
                    ▲                                                                      │
                    └─ cancel, retry, choose ◀─────────────────────────────────────────────┘

An import that is under way has a task that drives it: `step` adds one where it is missing, as in a library of an older version or
after a task that failed.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable
from typing import Any

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.feeds.feed_address import carries_key, private, shown, typed
from core.domain.feeds.feed_credentials import FeedCredentials, without_user
from core.domain.feeds.folder_feed import is_local
from core.domain.feeds.imports import Import, ImportKind, ImportLine, LineState, Outline, Outlines
from core.errors import Conflict, UserError
from core.net.addresses import check_url
from core.services.feeds.imports.import_task import ImportTask, new_task
from core.services.feeds.imports.line_queue import LineQueue
from core.sources import opml
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds, imports
from core.store.feeds.imports import NewLine
from core.store.jobs import tasks

KEPT, KEPT_ADDRESS = 30 * 24 * 3600.0, 7 * 24 * 3600.0


class Imports:
    """Begins, changes and reports imports. Thread-safe. The scheduler runs `step`."""

    def __init__(self, store: Store, tasks: Tasks, queue: LineQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._tasks = tasks
        self._queue = queue
        self._clock = clock

    # --- queries ------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[Import]:
        """Return all imports, newest first."""
        with self._store.snapshot() as db:
            return imports.listing(db)

    def get(self, actor: Actor, import_id: int) -> Import:
        """Return an import. Raises NotFound."""
        with self._store.snapshot() as db:
            return imports.get(db, import_id)

    def lines(self, actor: Actor, import_id: int, *states: LineState, limit: int = -1, offset: int = 0) -> list[ImportLine]:
        """Return the lines in these states (default: all), in the order of the file. Raises NotFound."""
        with self._store.snapshot() as db:
            imports.get(db, import_id)
            return imports.lines(db, import_id, states, limit=limit, offset=offset)

    def report(self, actor: Actor, import_id: int) -> str:
        """Return the outcome of each line as CSV. URLs are shown without possible keys. Raises NotFound."""
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(("line", "result", "title", "address", "reason"))
        for line in self.lines(actor, import_id):
            reason = str(line.error["detail"]) if line.error else ""
            rows.writerow((line.number, line.state.value, *map(_cell, (line.title, shown(line.url), reason))))
        return text.getvalue()

    most_bytes = opml.MAX_BYTES

    def look_into(self, actor: Actor, body: bytes) -> Outlines:
        """Parse the feeds of a file without storing anything. Raises NotOpml, TooLarge."""
        return opml.read(body)

    def failed_opml(self, actor: Actor, import_id: int) -> bytes:
        """Return the failed and cancelled lines as OPML, to import again. Raises NotFound."""
        left = self.lines(actor, import_id, LineState.FAILED, LineState.CANCELLED)
        return opml.write(
            (Outline(line.url, line.title, folder=line.folder) for line in left), title="Not subscribed", now=self._clock()
        )

    def export(self, actor: Actor, *, keys: bool = False) -> tuple[bytes, int]:
        """Return all subscriptions as OPML with folders, and the number of feeds left out because their URL may hold a key."""
        there = [feed for feed in feeds.listing(self._store.read()) if not is_local(feed.url)]
        told = [feed for feed in there if keys or not carries_key(feed.url)]
        body = opml.write((Outline(f.url, f.title, f.link, f.folder) for f in told), title="CastMind", now=self._clock())
        return body, len(there) - len(told)

    def keyed(self, actor: Actor) -> int:
        """Return the number of feeds whose URL may hold a personal key."""
        return sum(carries_key(feed.url) for feed in feeds.listing(self._store.read()) if not is_local(feed.url))

    # --- commands -----------------------------------------------------------------------------

    def add_opml(self, actor: Actor, body: bytes, *, name: str = "", auto_transcribe: bool = True, backlog: int = 0) -> Import:
        """Start an import of a file in the background. Raises NotOpml, TooLarge, UserError."""
        found = opml.read(body)
        values = _wishes(ImportKind.OPML, name or found.title or "OPML", auto_transcribe, backlog)
        values |= {"broken_at": found.broken_at, "repeated": found.repeated}
        lines = [self._line(each.url, each.title, each.folder) for each in found.feeds]
        return self._begin(actor, lambda db: imports.add(db, values, lines, now=self._clock()))

    def check_address(self, actor: Actor, url: str) -> None:
        """Raise BadAddress unless this is an address of the web, as people type one; nothing is asked."""
        check_url(typed(url))

    def add_address(
        self,
        actor: Actor,
        url: str,
        *,
        title: str = "",
        auto_transcribe: bool = True,
        backlog: int = 0,
        credentials: FeedCredentials | None = None,
    ) -> Import:
        """Start a background import of one URL: a feed, or a web page that links to feeds. Raises BadAddress, UserError."""
        address = typed(url)
        check_url(address)
        wishes = _wishes(ImportKind.ADDRESS, title or shown(address), auto_transcribe, backlog)
        lines = [self._line(address, title, credentials=credentials)]
        return self._begin(actor, lambda db: imports.add(db, wishes, lines, now=self._clock()))

    def cancel(self, actor: Actor, import_id: int) -> Import:
        """Cancel the waiting lines; feeds added so far stay. Raises NotFound, Conflict."""

        def change(db: Database) -> None:
            imports.get(db, import_id)
            if not imports.cancel(db, import_id, now=self._clock()):
                raise Conflict("The import has finished already.", state="finished")

        self._store.write(change)
        self._queue.tell(import_id)
        return self.get(actor, import_id)

    def retry(self, actor: Actor, import_id: int) -> Import:
        """Retry the failed and cancelled lines. Raises NotFound, Conflict."""

        def change(db: Database) -> int:
            imports.get(db, import_id)
            if not imports.set_states(db, import_id, [LineState.FAILED, LineState.CANCELLED], LineState.WAITING):
                raise Conflict("Nothing of this import failed.", state="finished")
            imports.change(db, import_id, {"finished_at": None, "cancelled_at": None})
            return import_id

        return self._begin(actor, change)

    def choose(self, actor: Actor, line_id: int, urls: Iterable[str]) -> Import:
        """Subscribe to these of the offered feeds. Raises NotFound, Conflict, UserError."""
        wanted = list(dict.fromkeys(urls))

        def change(db: Database) -> int:
            line = imports.line(db, line_id)
            offered = {each.url: each.title for each in line.offers}
            if line.state is not LineState.CHOICE:
                raise Conflict("There is nothing to choose here any more.", state=line.state.value)
            if not wanted or not set(wanted) <= offered.keys():
                raise UserError("Choose at least one of the feeds that are offered. Nothing was changed.", case="none_chosen")
            sealed = imports.sealed_credentials(db, line_id)
            imports.delete_line(db, line_id)
            lines = ((url, offered[url], line.folder, sealed) for url in wanted)
            # A user who selects several feeds of a page, or confirms a show subscribed elsewhere, wants each of them.
            imports.add_lines(db, line.import_id, lines, anyway=line.error is not None or len(wanted) > 1)
            imports.change(db, line.import_id, {"finished_at": None})
            return line.import_id

        return self._begin(actor, change)

    def dismiss(self, actor: Actor, import_id: int) -> None:
        """Delete an import; the feeds stay. Raises NotFound, and Conflict while it runs."""

        def change(db: Database) -> None:
            if imports.get(db, import_id).running:
                raise Conflict("The import is under way. Cancel it first.", state="running")
            imports.delete(db, import_id)

        self._store.write(change)

    def _line(self, url: str, title: str, folder: str = "", *, credentials: FeedCredentials | None = None) -> NewLine:
        """Return a new line. A user and password in the URL are removed from it and stored encrypted, as for a feed."""
        try:
            bare, found = private(url, credentials)
        except UserError:
            # One line with an invalid password must not end the import: its feed will be refused.
            bare, found = without_user(url)[0], None
        return bare, title, folder, feed_credentials.sealed(self._vault, found) if found else None

    def _begin(self, actor: Actor, change: Callable[[Database], int]) -> Import:
        """Write a change that gives an import something to do, with a task for it; `change` returns the import's id."""

        def both(db: Database) -> int:
            import_id = change(db)
            self._drive(db, import_id)
            return import_id

        import_id = self._store.write(both)
        self._tasks.hand_out()
        return self.get(actor, import_id)

    # --- background work ----------------------------------------------------------------------

    def start(self) -> None:
        """Go on with the imports that were under way at the last stop. Call it before the tasks are started."""
        self._queue.start()
        self.step()

    def step(self) -> None:
        """Add a task to each import that is under way without one."""
        if self._undriven(self._store.read()):
            self._store.write(self._drive_all)
            self._tasks.hand_out()

    def forget_old(self) -> None:
        """Delete the reports of files that were imported more than 30 days ago, and single addresses tried over a week ago."""
        now = self._clock()
        self._store.write(lambda db: imports.delete_old(db, before=now - KEPT, addresses_before=now - KEPT_ADDRESS))

    def _undriven(self, db: Database) -> list[int]:
        driven = {task.key for task in tasks.unfinished(db) if task.kind == ImportTask.name}
        return [of.id for of in imports.unfinished(db) if str(of.id) not in driven]

    def _drive_all(self, db: Database) -> None:
        for import_id in self._undriven(db):
            self._drive(db, import_id)

    def _drive(self, db: Database, import_id: int) -> None:
        # Also beside a task of the import that still runs: that one may be about to end, and overlook the change.
        self._tasks.add(db, new_task(imports.get(db, import_id)))


def _wishes(kind: ImportKind, name: str, auto_transcribe: bool, backlog: int) -> dict[str, Any]:
    if backlog < 0:
        raise UserError("The number of older episodes to transcribe cannot be negative. Nothing was changed.")
    return {"kind": kind.value, "name": name[:300], "auto_transcribe": auto_transcribe, "backlog": backlog}


def _cell(text: str) -> str:
    """Quote text that a spreadsheet would read as a formula: titles are untrusted."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
