"""Channels of notifications, what waits to be told, messages, and what was told already."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0031_notifications")
def notifications(db: Database) -> None:
    """`sealed` holds a channel's address and secrets, which only the key file opens."""
    run(
        db,
        """
        CREATE TABLE notification_channels (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            service TEXT NOT NULL,
            sealed TEXT NOT NULL,
            shown TEXT NOT NULL,
            kinds TEXT NOT NULL,
            language TEXT NOT NULL,
            titles INTEGER NOT NULL,
            gather INTEGER NOT NULL,
            quiet_from INTEGER NOT NULL,
            quiet_to INTEGER NOT NULL,
            zone TEXT NOT NULL,
            urgent_anyway INTEGER NOT NULL,
            enabled INTEGER NOT NULL,
            created_at REAL NOT NULL
        )""",
        "CREATE INDEX notification_channels_user ON notification_channels(user_id)",
        """
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel_id INTEGER NOT NULL REFERENCES notification_channels(id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            item TEXT NOT NULL,
            created_at REAL NOT NULL
        )""",
        "CREATE UNIQUE INDEX notices_subject ON notices(channel_id, kind, subject)",
        """
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel_id INTEGER NOT NULL REFERENCES notification_channels(id) ON DELETE CASCADE,
            uid TEXT NOT NULL,
            kind TEXT NOT NULL,
            count INTEGER NOT NULL,
            items TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
            tries INTEGER NOT NULL DEFAULT 0,
            next_at REAL,
            created_at REAL NOT NULL,
            ended_at REAL,
            status INTEGER,
            seconds REAL,
            error TEXT,
            said TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX deliveries_channel ON deliveries(channel_id, id)",
        "CREATE INDEX deliveries_waiting ON deliveries(next_at) WHERE state = 'waiting'",
        "CREATE INDEX deliveries_made ON deliveries(created_at)",
        """
        CREATE TABLE told_states (
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            told_at REAL NOT NULL,
            PRIMARY KEY (kind, subject)
        ) WITHOUT ROWID""",
        "CREATE INDEX told_states_told ON told_states(told_at)",
        """
        CREATE TABLE sign_in_places (
            user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            place TEXT NOT NULL,
            seen_at REAL NOT NULL,
            PRIMARY KEY (user_id, place)
        ) WITHOUT ROWID""",
    )
