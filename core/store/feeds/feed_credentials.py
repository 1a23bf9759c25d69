"""The `feed_access` table: what private feeds ask for, sealed. A query about credentials goes here, and into no other module."""

from __future__ import annotations

import json

from core.domain.feeds.feed_credentials import Access, AccessKind
from core.errors import AccessLost
from core.store.db.sqlite import Database
from core.store.db.vault import Vault


def keep(db: Database, vault: Vault, feed_id: int, access: Access | None, *, now: float) -> None:
    """Sets or, with None, forgets the credentials of a feed."""
    if access is None or access.kind is None:
        db.execute("DELETE FROM feed_access WHERE feed_id = ?", [feed_id])
        return
    db.execute(
        "INSERT INTO feed_access (feed_id, kind, sealed, changed_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (feed_id) DO UPDATE SET kind = excluded.kind, sealed = excluded.sealed, changed_at = excluded.changed_at",
        [feed_id, access.kind.value, sealed(vault, access), now],
    )


def of_feed(db: Database, vault: Vault, feed_id: int | None) -> Access | None:
    """None for a feed that asks for nothing. Raises AccessLost when they cannot be read here."""
    row = db.execute("SELECT sealed FROM feed_access WHERE feed_id = ?", [feed_id]).fetchone()
    return opened(vault, row["sealed"]) if row else None


def sealed(vault: Vault, access: Access) -> str:
    """As it may be kept in a row."""
    return vault.seal(json.dumps(access.to_dict()))


def opened(vault: Vault, text: str) -> Access:
    """Raises AccessLost."""
    try:
        return Access.from_dict(json.loads(vault.open(text)))
    except (ValueError, TypeError) as error:
        raise AccessLost() from error


def kinds(db: Database) -> dict[int, AccessKind]:
    """Which feeds have credentials, and of what kind; nothing is opened for it."""
    return {row["feed_id"]: AccessKind(row["kind"]) for row in db.execute("SELECT feed_id, kind FROM feed_access")}
