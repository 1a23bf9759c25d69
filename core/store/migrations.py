"""The schema, as numbered steps: append-only, one transaction each. A released step is never edited.

`executescript` would commit half-way, so each step runs its statements one by one.
"""

from __future__ import annotations

from core.store.sqlite import Database, Migrations

migrations = Migrations("castmind")


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)


@migrations(name="0001_library")
def library(db: Database) -> None:
    _run(
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
    """What the publisher calls an episode stands beside what the user calls it; a deleted episode is not offered again."""
    _run(
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


# What an episode shows is the state that needs attention first: core.domain.job.ATTENTION, in SQL.
_OVERALL = (
    "(SELECT jobs.state FROM jobs WHERE jobs.episode_id = {id} ORDER BY CASE jobs.state WHEN 'failed' THEN 0 WHEN 'running' THEN 1 "
    "WHEN 'waiting' THEN 2 WHEN 'cancelled' THEN 3 WHEN 'queued' THEN 4 ELSE 5 END LIMIT 1)"
)
# The library's lists walk an index that holds all that they filter by: rows, with their long descriptions, are read for
# what is shown alone.
_FILTERED = "id {order}, state, feed_id, spoken_language, read_at, starred_at"


def _list_index(name: str, key: str, order: str, *more: str) -> str:
    columns = ", ".join([f"{key} {order}", _FILTERED.format(order=order), *more])
    return f"CREATE INDEX {name} ON episodes({columns}) WHERE deleted_at IS NULL"


@migrations(name="0003_reading")
def reading(db: Database) -> None:
    """What a reader does: edits, highlights, tags, stars, read marks, positions, the trash; and what publishers supply."""
    newest = "coalesce(published_at, created_at)"
    _run(
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


@migrations(name="0004_search")
def search(db: Database) -> None:
    """What the full-text index was made from, and what it has still to follow. core/store/search_index.py says how."""
    before = "INSERT INTO search_pending (episode_id, kind, place, text, speaker)"
    notes = (
        f"{before} SELECT {{row}}.{{id}}, 2, 0, (SELECT content FROM notes WHERE notes.episode_id = {{row}}.{{id}} "
        "AND NOT outdated ORDER BY notes.id = (SELECT notes_id FROM episodes WHERE episodes.id = {row}.{id}) DESC, notes.id DESC LIMIT 1), NULL"
    )
    title = f"{before} VALUES (OLD.id, 1, 0, OLD.title, NULL)"
    new_notes, old_notes = notes.format(row="NEW", id="episode_id"), notes.format(row="OLD", id="episode_id")
    episode_notes = notes.format(row="OLD", id="id")
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in ("title", "published_at", "notes_id"))
    _run(
        db,
        "CREATE TABLE search_state (live INTEGER, building INTEGER, stamp TEXT)",
        "INSERT INTO search_state (live, building, stamp) VALUES (NULL, NULL, NULL)",
        """
        CREATE TABLE search_episodes (
            generation INTEGER NOT NULL,
            episode_id INTEGER NOT NULL,
            base INTEGER NOT NULL,
            PRIMARY KEY (generation, episode_id)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE search_pending (
            id INTEGER PRIMARY KEY,
            episode_id INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            place INTEGER NOT NULL,
            text TEXT,
            speaker TEXT
        )""",
        *_kept("segments", f"{before} VALUES ({{row}}.episode_id, 0, {{row}}.id, {{text}}, {{speaker}})", "text", "speaker"),
        *_kept("own_notes", f"{before} VALUES ({{row}}.episode_id, 3, 0, {{text}}, NULL)", "markdown"),
        *_kept("highlights", f"{before} VALUES ({{row}}.episode_id, 4, {{row}}.id, {{text}}, NULL)", "remark"),
        # Which notes are shown can be asked only before they change.
        f"CREATE TRIGGER search_notes_insert BEFORE INSERT ON notes BEGIN {new_notes}; END",
        f"CREATE TRIGGER search_notes_update BEFORE UPDATE OF content, outdated ON notes BEGIN {old_notes}; END",
        f"CREATE TRIGGER search_notes_delete BEFORE DELETE ON notes BEGIN {old_notes}; END",
        f"CREATE TRIGGER search_episodes_insert AFTER INSERT ON episodes BEGIN {before} VALUES (NEW.id, 1, 0, NULL, NULL); END",
        f"CREATE TRIGGER search_episodes_update BEFORE UPDATE OF title, published_at, notes_id ON episodes "
        f"WHEN {changed} BEGIN {title}; {episode_notes}; END",
        f"CREATE TRIGGER search_episodes_delete BEFORE DELETE ON episodes BEGIN {title}; {episode_notes}; END",
    )


def _kept(table: str, keep: str, column: str, speaker: str | None = None) -> list[str]:
    """Triggers that keep what stood in a row before it changed."""
    old = keep.format(row="OLD", text=f"OLD.{column}", speaker=f"OLD.{speaker}")
    columns = [column, *([speaker] if speaker else [])]
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    name = f"CREATE TRIGGER search_{table}"
    return [
        f"{name}_insert AFTER INSERT ON {table} BEGIN {keep.format(row='NEW', text='NULL', speaker='NULL')}; END",
        f"{name}_update AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {changed} BEGIN {old}; END",
        f"{name}_delete AFTER DELETE ON {table} BEGIN {old}; END",
    ]
