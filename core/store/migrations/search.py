"""The full-text index."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0004_search")
def search(db: Database) -> None:
    """The sources of the full-text index, and pending changes to it. See core/store/search/index.py."""
    before = "INSERT INTO search_pending (episode_id, kind, place, text, speaker)"
    notes = (
        f"{before} SELECT {{row}}.{{id}}, 2, 0, (SELECT content FROM notes WHERE notes.episode_id = {{row}}.{{id}} "
        "AND NOT outdated ORDER BY notes.id = (SELECT notes_id FROM episodes WHERE episodes.id = {row}.{id}) DESC, notes.id DESC LIMIT 1), NULL"
    )
    title = f"{before} VALUES (OLD.id, 1, 0, OLD.title, NULL)"
    new_notes, old_notes = notes.format(row="NEW", id="episode_id"), notes.format(row="OLD", id="episode_id")
    episode_notes = notes.format(row="OLD", id="id")
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in ("title", "published_at", "notes_id"))
    run(
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
    """Triggers that keep a row's old values before a change."""
    old = keep.format(row="OLD", text=f"OLD.{column}", speaker=f"OLD.{speaker}")
    columns = [column, *([speaker] if speaker else [])]
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    name = f"CREATE TRIGGER search_{table}"
    return [
        f"{name}_insert AFTER INSERT ON {table} BEGIN {keep.format(row='NEW', text='NULL', speaker='NULL')}; END",
        f"{name}_update AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {changed} BEGIN {old}; END",
        f"{name}_delete AFTER DELETE ON {table} BEGIN {old}; END",
    ]
