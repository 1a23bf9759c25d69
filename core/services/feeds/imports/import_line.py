"""One line of an import: a URL becomes a subscription, a choice for the user, or an error.

add ─┬─ added | known
     ├─ show subscribed at another URL, URL typed by hand ─▶ choice: add anyway?
     ├─ NotAFeed, URL typed by hand ─▶ discover ─┬─ one feed ─▶ add
     │                                           └─ several ──▶ choice
     └─ error ─▶ automatic retry if the error may be temporary ─▶ failed
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.feeds.imports import FeedCandidate, Import, ImportKind, ImportLine, LineState, again
from core.errors import Cancelled, CastMindError, Conflict, NotAFeed, Restoring, ShowSubscribed, Stopped
from core.services.feeds.polls import Check
from core.services.feeds.subscriptions import FeedRow, Subscriptions
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds, imports

log = logging.getLogger(__name__)

Discover = Callable[[Actor, str, Check], Iterable[FeedCandidate]]


class LineImporter:
    """Processes single lines of imports. Thread-safe; blocks."""

    def __init__(
        self, store: Store, subscriptions: Subscriptions, *, discover: Discover, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._subscriptions = subscriptions
        self._discover = discover
        self._clock = clock

    def settle(self, line_id: int, check: Check) -> int:
        """Process the line and store the outcome; return the import's id.

        Raises Stopped, Restoring, NotFound, with the line unchanged.
        """
        line = imports.line(self._store.read(), line_id)
        of = imports.get(self._store.read(), line.import_id)

        def still_wanted() -> None:
            check()
            if imports.line(self._store.read(), line_id).state is not LineState.WAITING:
                raise Cancelled()

        still_wanted()
        try:
            outcome = self._subscribe(line, of, still_wanted)
        except (Stopped, Restoring):
            raise
        except Exception as error:
            outcome = self._failed(line, of, error)
        self._store.write(lambda db: self._write(db, line, outcome))
        return line.import_id

    def _write(self, db: Database, line: ImportLine, outcome: Mapping[str, Any]) -> None:
        settled = imports.change_line(db, line.id, outcome)
        if settled and outcome.get("state") is LineState.KNOWN and line.folder:
            feeds.sort_in(db, outcome["feed_id"], line.folder)
        imports.finish(db, line.import_id, now=self._clock())

    def _subscribe(self, line: ImportLine, of: Import, check: Check) -> dict[str, Any]:
        try:
            return self._add(line, line.url, of, check)
        except NotAFeed:
            if of.kind is not ImportKind.ADDRESS:
                raise
            offers = tuple(self._discover(SYSTEM, line.url, check))
            if not offers:
                raise
        if len(offers) > 1:
            return {"state": LineState.CHOICE, "offers": offers, "error": None}
        return self._add(line, offers[0].url, of, check)

    def _add(self, line: ImportLine, url: str, of: Import, check: Check) -> dict[str, Any]:
        sealed = imports.sealed_credentials(self._store.read(), line.id)
        credentials = feed_credentials.opened(self._vault, sealed) if sealed else None
        wishes: dict[str, Any] = {
            "auto_transcribe": of.auto_transcribe,
            "backlog": of.backlog,
            "credentials": credentials,
            "folder": line.folder,
        }
        # An OPML file lists intended subscriptions; a user who types a URL may not know that the show is subscribed already.
        anyway = line.anyway or of.kind is not ImportKind.ADDRESS
        try:
            row: FeedRow = self._subscriptions.add(SYSTEM, url, check=check, anyway=anyway, **wishes)
        except ShowSubscribed as error:
            offer = FeedCandidate(url, str(error.params["name"]), episodes=int(error.params["episodes"]))
            return {"state": LineState.CHOICE, "offers": (offer,), "error": error.to_dict()}
        except Conflict as error:
            if "id" not in error.params:
                raise
            return {"state": LineState.KNOWN, "feed_id": error.params["id"], "error": None}
        return {"state": LineState.ADDED, "feed_id": row.feed.id, "title": row.feed.title, "error": None}

    def _failed(self, line: ImportLine, of: Import, error: Exception) -> dict[str, Any]:
        if not isinstance(error, CastMindError):
            log.error("line %d of an import failed", line.id, exc_info=error)
        known = error if isinstance(error, CastMindError) else CastMindError("The feed could not be read; the log says why.")
        tries = line.tries + 1
        later = again(of.kind, error, tries)
        if later is None:
            return {"state": LineState.FAILED, "error": known.to_dict(), "tries": tries}
        return {"error": known.to_dict(), "tries": tries, "not_before": self._clock() + later}
