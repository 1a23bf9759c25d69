"""Episodes, feeds, jobs, transcripts, notes."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0001_library")
def library(db: Database) -> None:
    run(
        db,
        """
        CREATE TABLE feeds (
            id INTEGER PRIMARY KEY,
            url TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            description TEXT NOT NULL DEFAULT '',
            author TEXT NOT NULL DEFAULT '',
            link TEXT,
            image_url TEXT,
            language TEXT,
            auto_transcribe INTEGER NOT NULL DEFAULT 1,
            backlog INTEGER NOT NULL DEFAULT 3,
            etag TEXT,
            last_modified TEXT,
            body_hash TEXT,
            next_poll_at REAL NOT NULL DEFAULT 0,
            last_polled_at REAL,
            last_success_at REAL,
            failures INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            created_at REAL NOT NULL
        )""",
        """
        CREATE TABLE episodes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            feed_id INTEGER REFERENCES feeds(id) ON DELETE SET NULL,
            guid TEXT,
            title TEXT NOT NULL,
            description TEXT NOT NULL DEFAULT '',
            link TEXT,
            image_url TEXT,
            source TEXT NOT NULL,
            enclosure_url TEXT,
            enclosure_type TEXT,
            enclosure_bytes INTEGER,
            published_at REAL,
            sha256 TEXT,
            media_path TEXT,
            media_type TEXT,
            bytes INTEGER,
            duration REAL,
            language TEXT,
            model TEXT,
            notes_language TEXT,
            notes_model TEXT,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL
        )""",
        "CREATE UNIQUE INDEX episodes_guid ON episodes(feed_id, guid) WHERE guid IS NOT NULL",
        "CREATE INDEX episodes_sha256 ON episodes(sha256) WHERE sha256 IS NOT NULL",
        "CREATE INDEX episodes_newest ON episodes(coalesce(published_at, created_at) DESC, id DESC)",
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            stage TEXT NOT NULL CHECK (stage IN ('fetch', 'transcribe', 'summarise', 'publish')),
            rank INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')),
            priority INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0,
            token INTEGER NOT NULL DEFAULT 0,
            not_before REAL NOT NULL DEFAULT 0,
            lease_until REAL NOT NULL DEFAULT 0,
            progress REAL NOT NULL DEFAULT 0,
            detail TEXT NOT NULL DEFAULT '{}',
            error TEXT,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            started_at REAL,
            finished_at REAL,
            UNIQUE (episode_id, stage)
        )""",
        "CREATE INDEX jobs_queue ON jobs(stage, state, priority DESC, id)",
        "CREATE INDEX jobs_state ON jobs(state)",
        """
        CREATE TABLE checkpoints (
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            stage TEXT NOT NULL,
            key TEXT NOT NULL,
            payload TEXT NOT NULL,
            created_at REAL NOT NULL,
            PRIMARY KEY (episode_id, stage, key)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE transcripts (
            episode_id INTEGER PRIMARY KEY REFERENCES episodes(id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            duration REAL NOT NULL,
            speech_seconds REAL NOT NULL,
            wall_seconds REAL NOT NULL,
            engine TEXT NOT NULL,
            created_at REAL NOT NULL
        )""",
        """
        CREATE TABLE segments (
            episode_id INTEGER NOT NULL REFERENCES transcripts(episode_id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            start REAL NOT NULL,
            end REAL NOT NULL,
            text TEXT NOT NULL,
            speaker TEXT,
            words TEXT,
            PRIMARY KEY (episode_id, id)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE notes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            engine TEXT NOT NULL,
            model TEXT NOT NULL,
            language TEXT NOT NULL,
            coverage REAL NOT NULL,
            content TEXT NOT NULL,
            created_at REAL NOT NULL
        )""",
        "CREATE INDEX notes_newest ON notes(episode_id, id DESC)",
        """
        CREATE TABLE own_notes (
            episode_id INTEGER PRIMARY KEY REFERENCES episodes(id) ON DELETE CASCADE,
            markdown TEXT NOT NULL,
            updated_at REAL NOT NULL
        )""",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at REAL NOT NULL)",
    )


@migrations(name="0002_feeds_remember")
def feeds_remember(db: Database) -> None:
    """The publisher's title is stored beside the user's; a deleted episode is not offered again."""
    run(
        db,
        "ALTER TABLE episodes ADD COLUMN offered_title TEXT",
        """
        CREATE TABLE dismissed (
            feed_id INTEGER NOT NULL REFERENCES feeds(id) ON DELETE CASCADE,
            guid TEXT,
            enclosure_url TEXT
        )""",
        "CREATE INDEX dismissed_feed ON dismissed(feed_id)",
        """
        CREATE TRIGGER episodes_dismissed AFTER DELETE ON episodes WHEN OLD.feed_id IS NOT NULL
        BEGIN
            INSERT INTO dismissed (feed_id, guid, enclosure_url) VALUES (OLD.feed_id, OLD.guid, OLD.enclosure_url);
        END""",
    )
