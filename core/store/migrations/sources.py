"""Feeds, files and pages as sources, and the cost of work on them."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0005_transcriptions")
def transcriptions(db: Database) -> None:
    """The cost of each transcription, kept after its transcript is deleted; starts with the existing ones."""
    run(
        db,
        """
        CREATE TABLE transcriptions (
            id INTEGER PRIMARY KEY,
            episode_id INTEGER REFERENCES episodes(id) ON DELETE SET NULL,
            finished_at REAL NOT NULL,
            duration REAL NOT NULL CHECK (duration > 0),
            wall_seconds REAL NOT NULL,
            model TEXT NOT NULL,
            device TEXT NOT NULL,
            compute_type TEXT NOT NULL
        )""",
        "CREATE INDEX transcriptions_finished ON transcriptions(finished_at, duration)",
        "CREATE INDEX transcriptions_episode ON transcriptions(episode_id)",
        "INSERT INTO transcriptions (episode_id, finished_at, duration, wall_seconds, model, device, compute_type) "
        "SELECT episode_id, created_at, duration, wall_seconds, coalesce(json_extract(engine, '$.model'), ''), "
        "coalesce(json_extract(engine, '$.device'), 'cpu'), coalesce(json_extract(engine, '$.compute_type'), '') "
        "FROM transcripts WHERE duration > 0 AND wall_seconds > 0 ORDER BY created_at, episode_id",
    )


@migrations(name="0006_keeping")
def keeping(db: Database) -> None:
    """Retention rules of feeds, deleted audio, and whose transcript an episode has."""
    run(
        db,
        """
        CREATE TABLE keep_rules (
            feed_id INTEGER PRIMARY KEY REFERENCES feeds(id) ON DELETE CASCADE,
            audio TEXT CHECK (audio IN ('all', 'heard', 'days', 'text')),
            audio_days INTEGER,
            episodes TEXT CHECK (episodes IN ('all', 'newest', 'days')),
            newest INTEGER,
            days INTEGER,
            publisher_transcript TEXT CHECK (publisher_transcript IN ('prefer', 'never'))
        )""",
        # `file` is there until the file itself is gone: a crash between the two is made up for.
        """
        CREATE TABLE prunings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            episode_id INTEGER NOT NULL,
            feed_id INTEGER,
            title TEXT NOT NULL,
            what TEXT NOT NULL CHECK (what IN ('audio', 'episode')),
            why TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            file TEXT
        )""",
        "CREATE INDEX prunings_file ON prunings(file) WHERE file IS NOT NULL",
        "ALTER TABLE episodes ADD COLUMN audio_dropped_why TEXT",
        "ALTER TABLE episodes ADD COLUMN wanted_at REAL",
        "ALTER TABLE episodes ADD COLUMN publisher_transcript TEXT CHECK (publisher_transcript IN ('prefer', 'never'))",
        "ALTER TABLE transcripts ADD COLUMN compared TEXT",
    )


@migrations(name="0007_rhythm")
def rhythm(db: Database) -> None:
    """A feed's publishing rhythm; and iTunes and Podcasting 2.0 data of its items, beyond the title."""
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN gap REAL",
        "ALTER TABLE feeds ADD COLUMN newest_at REAL",
        "ALTER TABLE feeds ADD COLUMN ttl REAL",
        "ALTER TABLE episodes ADD COLUMN season INTEGER",
        "ALTER TABLE episodes ADD COLUMN number REAL",
        "ALTER TABLE episodes ADD COLUMN kind TEXT",
        "ALTER TABLE episodes ADD COLUMN people TEXT",
    )


@migrations(name="0008_search_supplied")
def search_supplied(db: Database) -> None:
    """Search includes show notes, and the publisher's transcript unless it is the episode's own."""
    before = "INSERT INTO search_pending (episode_id, kind, place, text, speaker)"
    show_notes = f"{before} VALUES (OLD.id, 5, 0, OLD.description, NULL)"
    published = (
        f"{before} SELECT {{row}}, 6, 0, (SELECT content FROM supplied WHERE episode_id = {{row}} AND kind = 'transcript' "
        "AND source = 'publisher' AND NOT EXISTS "
        "(SELECT 1 FROM transcripts WHERE episode_id = {row} AND json_extract(engine, '$.model') = 'publisher')), NULL"
    )
    of_episode, new, old = (published.format(row=row) for row in ("OLD.id", "NEW.episode_id", "OLD.episode_id"))
    own = "json_extract({}.engine, '$.model') = 'publisher'".format
    run(
        db,
        "CREATE TRIGGER search_show_notes_update BEFORE UPDATE OF description ON episodes "
        f"WHEN OLD.description IS NOT NEW.description BEGIN {show_notes}; END",
        f"CREATE TRIGGER search_show_notes_delete BEFORE DELETE ON episodes BEGIN {show_notes}; {of_episode}; END",
        # A row that INSERT OR REPLACE deletes fires no trigger of its own.
        f"CREATE TRIGGER search_supplied_insert BEFORE INSERT ON supplied WHEN NEW.kind = 'transcript' BEGIN {new}; END",
        f"CREATE TRIGGER search_supplied_update BEFORE UPDATE ON supplied WHEN NEW.kind = 'transcript' BEGIN {old}; END",
        f"CREATE TRIGGER search_supplied_delete BEFORE DELETE ON supplied WHEN OLD.kind = 'transcript' BEGIN {old}; END",
        f"CREATE TRIGGER search_transcripts_insert BEFORE INSERT ON transcripts WHEN {own('NEW')} BEGIN {new}; END",
        "CREATE TRIGGER search_transcripts_update BEFORE UPDATE OF engine ON transcripts "
        f"WHEN OLD.engine IS NOT NEW.engine BEGIN {old}; END",
        f"CREATE TRIGGER search_transcripts_delete BEFORE DELETE ON transcripts WHEN {own('OLD')} BEGIN {old}; END",
    )


@migrations(name="0009_imports")
def imports(db: Database) -> None:
    """Imported addresses on their way to becoming feeds, and removed feeds: these can be restored for a week."""
    run(
        db,
        """
        CREATE TABLE imports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('opml', 'address')),
            name TEXT NOT NULL,
            auto_transcribe INTEGER NOT NULL,
            backlog INTEGER NOT NULL,
            created_at REAL NOT NULL,
            finished_at REAL,
            cancelled_at REAL,
            broken_at INTEGER,
            repeated INTEGER NOT NULL DEFAULT 0
        )""",
        """
        CREATE TABLE import_lines (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            import_id INTEGER NOT NULL REFERENCES imports(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            url TEXT NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            access TEXT,
            state TEXT NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'added', 'known', 'choice', 'failed', 'cancelled')),
            feed_id INTEGER,
            error TEXT,
            offers TEXT,
            tries INTEGER NOT NULL DEFAULT 0,
            not_before REAL NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX import_lines_import ON import_lines(import_id, state)",
        "CREATE INDEX import_lines_waiting ON import_lines(not_before) WHERE state = 'waiting'",
        # `feed` and `dismissed` are rows as they were, `episodes` and `trashed` ids.
        """
        CREATE TABLE removed_feeds (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            feed TEXT NOT NULL,
            dismissed TEXT NOT NULL,
            episodes TEXT NOT NULL,
            trashed TEXT NOT NULL,
            removed_at REAL NOT NULL
        )""",
    )


@migrations(name="0010_feed_access")
def feed_access(db: Database) -> None:
    """Credentials of private feeds. `sealed` can only be decrypted with the key file, which is not in the database."""
    run(
        db,
        """
        CREATE TABLE feed_access (
            feed_id INTEGER PRIMARY KEY REFERENCES feeds(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('password', 'token', 'headers', 'agent')),
            sealed TEXT NOT NULL,
            changed_at REAL NOT NULL
        )""",
    )


@migrations(name="0011_offered")
def offered(db: Database) -> None:
    """The feed's data about an episode, beside better data: its length, and a digest of all of it."""
    remember = ", ".join(
        f"OLD.{name}" for name in ("feed_id", "guid", "enclosure_url", "offered_title", "offered_duration", "published_at")
    )
    run(
        db,
        "ALTER TABLE episodes ADD COLUMN offered_duration REAL",
        "ALTER TABLE episodes ADD COLUMN offered_digest TEXT",
        "ALTER TABLE dismissed ADD COLUMN title TEXT",
        "ALTER TABLE dismissed ADD COLUMN duration REAL",
        "ALTER TABLE dismissed ADD COLUMN published_at REAL",
        "DROP TRIGGER episodes_dismissed",
        f"""
        CREATE TRIGGER episodes_dismissed AFTER DELETE ON episodes WHEN OLD.feed_id IS NOT NULL
        BEGIN
            INSERT INTO dismissed (feed_id, guid, enclosure_url, title, duration, published_at) VALUES ({remember});
        END""",
    )


@migrations(name="0012_moves")
def moves(db: Database) -> None:
    """The addresses to which feeds announce a move.

    All are read again, each in turn, so that earlier announcements are found, too.
    """
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN moves_to TEXT",
        "UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL",
    )


@migrations(name="0013_shows")
def shows(db: Database) -> None:
    """A show's id, which is the same wherever it is hosted; and whether an import was confirmed although its show exists already.

    All feeds are read again for the id, each in turn.
    """
    run(
        db,
        "ALTER TABLE feeds ADD COLUMN podcast_guid TEXT",
        "CREATE INDEX feeds_podcast_guid ON feeds(podcast_guid) WHERE podcast_guid IS NOT NULL",
        "ALTER TABLE import_lines ADD COLUMN anyway INTEGER NOT NULL DEFAULT 0",
        "UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL",
    )
