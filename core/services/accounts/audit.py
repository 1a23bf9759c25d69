"""The audit log: who changed or read what (`castmind.audit`).

the check of rights, sign-in ─▶ note(entry) ─▶ a row, after the request; the newest MOST_ROWS of KEEP_DAYS stay
"""

from __future__ import annotations

import csv
import io
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime

from core.domain.accounts.actor import Actor
from core.domain.accounts.audit import AuditEntry
from core.errors import CastMindError
from core.events import Audited
from core.events.bus import Publish
from core.store.accounts import audit_log, users
from core.store.db.database import Store

log = logging.getLogger("castmind.audit")

KEEP_DAYS = 400
MOST_ROWS = 200_000
PAGE = 1_000
COLUMNS = ("time", "user", "how", "action", "subject", "outcome", "address")
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Audit:
    """Thread-safe."""

    def __init__(self, store: Store, publish: Publish) -> None:
        self._store = store
        self._publish = publish

    def note(self, entry: AuditEntry) -> None:
        """Add an entry soon; neither waits for the database nor raises."""
        values = asdict(entry)
        del values["id"]
        self._publish(Audited(**values))

    def write(self, event: Audited) -> None:
        """Store the entry of an event, with the name that the user has now."""
        values = event.to_json()
        del values["kind"]
        entry = AuditEntry(**values)
        if entry.user_id and not entry.user_name:
            entry = replace(entry, user_name=self._name(entry.user_id))
        log.info(
            "%s %s", entry.action, entry.outcome, extra={"user_id": entry.user_id, "subject": entry.subject, "how": entry.how}
        )
        self._store.write(lambda db: audit_log.add(db, [entry]))

    def page(
        self, actor: Actor, *, before: int | None = None, user_id: int | None = None, action: str = "", limit: int = 100
    ) -> list[AuditEntry]:
        """Return entries, the newest first; `before` is the id of the last one of the page before."""
        return audit_log.page(self._store.read(), before=before, user_id=user_id, action=action, limit=limit)

    def export(self, actor: Actor) -> Iterator[str]:
        """Yield the whole log as CSV, the newest first, in pieces."""
        yield _line(COLUMNS)
        before: int | None = None
        while entries := audit_log.page(self._store.read(), before=before, limit=PAGE):
            yield "".join(_line(_cells(each)) for each in entries)
            before = entries[-1].id

    def step(self, now: float | None = None) -> None:
        """Delete what is older than KEEP_DAYS, or beyond MOST_ROWS."""
        moment = time.time() if now is None else now
        self._store.write(lambda db: audit_log.prune(db, before=moment - KEEP_DAYS * 86_400, most=MOST_ROWS))

    def _name(self, user_id: int) -> str:
        try:
            return users.get(self._store.read(), user_id).name
        except CastMindError:
            return ""


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    moment = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds")
    return (moment, entry.user_name, entry.how, entry.action, entry.subject, entry.outcome, entry.address)


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([f"'{each}" if each.startswith(FORMULA) else each for each in cells])
    return text.getvalue()
