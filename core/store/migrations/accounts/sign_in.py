"""Sign-in: names and passwords of users, their sessions and API tokens, and the audit log."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0034_sign_in")
def sign_in(db: Database) -> None:
    """The owner is named admin and has no password; nobody has a session or a token."""
    run(
        db,
        "ALTER TABLE users ADD COLUMN name TEXT NOT NULL DEFAULT 'admin'",
        "ALTER TABLE users ADD COLUMN name_key TEXT",
        "ALTER TABLE users ADD COLUMN password TEXT",
        "ALTER TABLE users ADD COLUMN totp TEXT",
        "ALTER TABLE users ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE users ADD COLUMN disabled_at REAL",
        "UPDATE users SET name_key = 'admin' WHERE id = 1",
        "UPDATE users SET name = 'user ' || id, name_key = 'user ' || id WHERE id <> 1",
        "CREATE UNIQUE INDEX users_name ON users(name_key)",
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL UNIQUE,
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            created_at REAL NOT NULL,
            seen_at REAL NOT NULL,
            ends_at REAL NOT NULL,
            address TEXT NOT NULL,
            agent TEXT NOT NULL
        )""",
        "CREATE INDEX sessions_user ON sessions(user_id, seen_at DESC)",
        "CREATE INDEX sessions_end ON sessions(ends_at)",
        """
        CREATE TABLE api_tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL UNIQUE,
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            hint TEXT NOT NULL,
            scope TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
            created_at REAL NOT NULL,
            used_at REAL,
            ends_at REAL
        )""",
        "CREATE INDEX api_tokens_user ON api_tokens(user_id, id)",
        """
        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            user_id INTEGER,
            user_name TEXT NOT NULL,
            how TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            outcome TEXT NOT NULL,
            address TEXT NOT NULL
        )""",
        "CREATE INDEX audit_log_at ON audit_log(at)",
        "CREATE INDEX audit_log_user ON audit_log(user_id, at)",
    )
