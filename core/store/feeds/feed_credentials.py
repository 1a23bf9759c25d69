"""The `feed_access` table: the credentials of private feeds, sealed. Queries about credentials belong here only."""

from __future__ import annotations

import json

from core.domain.feeds.feed_credentials import CredentialsKind, FeedCredentials
from core.errors import AccessLost
from core.store.db.sqlite import Database
from core.store.db.vault import Vault


def keep(db: Database, vault: Vault, feed_id: int, credentials: FeedCredentials | None, *, now: float) -> None:
    """Set the credentials of a feed, or delete them with None."""
    if credentials is None or credentials.kind is None:
        db.execute("DELETE FROM feed_access WHERE feed_id = ?", [feed_id])
        return
    db.execute(
        "INSERT INTO feed_access (feed_id, kind, sealed, changed_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (feed_id) DO UPDATE SET kind = excluded.kind, sealed = excluded.sealed, changed_at = excluded.changed_at",
        [feed_id, credentials.kind.value, sealed(vault, credentials), now],
    )


def of_feed(db: Database, vault: Vault, feed_id: int | None) -> FeedCredentials | None:
    """Return a feed's credentials; None if it needs none. Raises AccessLost if they cannot be decrypted here."""
    row = db.execute("SELECT sealed FROM feed_access WHERE feed_id = ?", [feed_id]).fetchone()
    return opened(vault, row["sealed"]) if row else None


def sealed(vault: Vault, credentials: FeedCredentials) -> str:
    """Encrypt credentials for a row."""
    return vault.seal(json.dumps(credentials.to_dict()))


def opened(vault: Vault, text: str) -> FeedCredentials:
    """Decrypt credentials. Raises AccessLost."""
    try:
        return FeedCredentials.from_dict(json.loads(vault.open(text)))
    except (ValueError, TypeError) as error:
        raise AccessLost() from error


def kinds(db: Database) -> dict[int, CredentialsKind]:
    """Return the kind of credentials of each feed that has some, without decrypting them."""
    return {row["feed_id"]: CredentialsKind(row["kind"]) for row in db.execute("SELECT feed_id, kind FROM feed_access")}
