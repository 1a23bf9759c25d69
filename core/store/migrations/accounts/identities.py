"""Sign-in by a provider (OpenID Connect): which person there is which user."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0035_identities")
def identities(db: Database) -> None:
    """Nobody is linked to a provider yet."""
    run(
        db,
        """
        CREATE TABLE user_identities (
            issuer TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            label TEXT NOT NULL,
            created_at REAL NOT NULL,
            PRIMARY KEY (issuer, subject)
        ) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX user_identities_user ON user_identities(user_id, issuer)",
    )
