"""Data of the reader, and indexes for the lists of the library."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run

# An episode shows the state that needs attention first: core.domain.jobs.job.ATTENTION, in SQL.
_OVERALL = (
    "(SELECT jobs.state FROM jobs WHERE jobs.episode_id = {id} ORDER BY CASE jobs.state WHEN 'failed' THEN 0 WHEN 'running' THEN 1 "
    "WHEN 'waiting' THEN 2 WHEN 'cancelled' THEN 3 WHEN 'queued' THEN 4 ELSE 5 END LIMIT 1)"
)
# The library's lists walk an index that holds every column of their filters: rows, with their long descriptions, are read
# only for the episodes on the page.
_FILTERED = "id {order}, state, feed_id, spoken_language, read_at, starred_at"


def _list_index(name: str, key: str, order: str, *more: str) -> str:
    columns = ", ".join([f"{key} {order}", _FILTERED.format(order=order), *more])
    return f"CREATE INDEX {name} ON episodes({columns}) WHERE deleted_at IS NULL"


@migrations(name="0003_reading")
def reading(db: Database) -> None:
    """Edits, highlights, tags, stars, read marks, positions and the trash; and documents that publishers supply."""
    newest = "coalesce(published_at, created_at)"
    run(
        db,
        "ALTER TABLE episodes ADD COLUMN state TEXT",
        "ALTER TABLE episodes ADD COLUMN spoken_language TEXT",
        "ALTER TABLE episodes ADD COLUMN starred_at REAL",
        "ALTER TABLE episodes ADD COLUMN read_at REAL",
        "ALTER TABLE episodes ADD COLUMN position REAL NOT NULL DEFAULT 0",
        "ALTER TABLE episodes ADD COLUMN played_at REAL",
        "ALTER TABLE episodes ADD COLUMN deleted_at REAL",
        "ALTER TABLE episodes ADD COLUMN audio_dropped_at REAL",
        "ALTER TABLE episodes ADD COLUMN notes_id INTEGER",
        "ALTER TABLE jobs ADD COLUMN trashed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE transcripts ADD COLUMN changed_at REAL",
        "ALTER TABLE segments ADD COLUMN original TEXT",
        "ALTER TABLE notes ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE own_notes ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        """
        CREATE TABLE edits (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('text', 'speaker')),
            segment_id INTEGER,
            start REAL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            made_at REAL NOT NULL,
            undone INTEGER NOT NULL DEFAULT 0,
            outdated INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX edits_episode ON edits(episode_id, id)",
        """
        CREATE TABLE highlights (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            start_segment INTEGER NOT NULL,
            start_offset INTEGER NOT NULL,
            end_segment INTEGER NOT NULL,
            end_offset INTEGER NOT NULL,
            start REAL NOT NULL,
            end REAL NOT NULL,
            quote TEXT NOT NULL,
            colour TEXT NOT NULL,
            remark TEXT NOT NULL DEFAULT '',
            anchored INTEGER NOT NULL DEFAULT 1,
            version INTEGER NOT NULL DEFAULT 1,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL
        )""",
        "CREATE INDEX highlights_episode ON highlights(episode_id, start)",
        # `key` is the name without regard to case, in any script; SQLite folds ASCII alone.
        "CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, created_at REAL NOT NULL)",
        """
        CREATE TABLE episode_tags (
            tag_id INTEGER NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            PRIMARY KEY (tag_id, episode_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX episode_tags_episode ON episode_tags(episode_id)",
        """
        CREATE TABLE offers (
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('chapters', 'transcript')),
            url TEXT NOT NULL,
            media_type TEXT,
            language TEXT,
            tried_at REAL,
            error TEXT,
            PRIMARY KEY (episode_id, kind, url)
        ) WITHOUT ROWID""",
        "CREATE INDEX offers_untried ON offers(episode_id) WHERE tried_at IS NULL",
        """
        CREATE TABLE supplied (
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('chapters', 'transcript')),
            source TEXT NOT NULL CHECK (source IN ('publisher', 'file')),
            language TEXT,
            content TEXT NOT NULL,
            created_at REAL NOT NULL,
            PRIMARY KEY (episode_id, kind, source)
        )""",
        "DROP INDEX episodes_newest",
        _list_index("episodes_newest", newest, "DESC", "title"),
        _list_index("episodes_longest", "coalesce(duration, 0)", "DESC", "title"),
        _list_index("episodes_title", "title COLLATE NOCASE", "ASC"),
        _list_index("episodes_added", "created_at", "DESC", "title"),
        f"CREATE INDEX episodes_feed ON episodes(feed_id, {newest} DESC, {_FILTERED.format(order='DESC')}, title) WHERE deleted_at IS NULL",
        f"CREATE INDEX episodes_state ON episodes(state, {newest} DESC, {_FILTERED.format(order='DESC')}, title) WHERE deleted_at IS NULL",
        "CREATE INDEX episodes_unfinished ON episodes(played_at DESC, id) WHERE position > 0 AND read_at IS NULL AND deleted_at IS NULL",
        "CREATE INDEX episodes_deleted ON episodes(deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL",
        "CREATE INDEX episodes_media ON episodes(media_path) WHERE media_path IS NOT NULL",
        f"UPDATE episodes SET state = {_OVERALL.format(id='episodes.id')}, "
        "spoken_language = (SELECT language FROM transcripts WHERE transcripts.episode_id = episodes.id)",
        _state_trigger("insert", "AFTER INSERT ON jobs", "NEW"),
        _state_trigger("change", "AFTER UPDATE OF state ON jobs WHEN NEW.state IS NOT OLD.state", "NEW"),
        _state_trigger("delete", "AFTER DELETE ON jobs", "OLD"),
        """
        CREATE TRIGGER transcripts_language AFTER INSERT ON transcripts
        BEGIN
            UPDATE episodes SET spoken_language = NEW.language WHERE id = NEW.episode_id;
        END""",
    )


def _state_trigger(name: str, when: str, row: str) -> str:
    # Only where it differs: a row with a long description is not written anew for nothing.
    overall = _OVERALL.format(id=f"{row}.episode_id")
    change = f"UPDATE episodes SET state = {overall} WHERE id = {row}.episode_id AND state IS NOT {overall}"
    return f"CREATE TRIGGER jobs_state_{name} {when} BEGIN {change}; END"
