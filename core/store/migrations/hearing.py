"""The coverage of speech by transcripts, and spans to be heard again."""

from __future__ import annotations

from core.store.db.sqlite import Database
from core.store.migrations.steps import migrations, run


@migrations(name="0014_spoken")
def spoken(db: Database) -> None:
    """The coverage of speech for each transcript, unknown for older ones.

    The language of each segment; the spans that a user wants heard again. If that is cancelled, the transcript stays as it was:
    done.
    """
    run(
        db,
        "ALTER TABLE transcripts ADD COLUMN spoken TEXT",
        "ALTER TABLE transcripts ADD COLUMN speech_share REAL",
        "ALTER TABLE segments ADD COLUMN language TEXT",
        """
        CREATE TABLE hear_again (
            episode_id INTEGER NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
            start REAL NOT NULL,
            end REAL NOT NULL,
            model TEXT NOT NULL,
            asked_at REAL NOT NULL,
            PRIMARY KEY (episode_id, start, end)
        ) WITHOUT ROWID""",
        """
        CREATE TRIGGER hear_again_cancelled AFTER UPDATE OF state ON jobs
        WHEN NEW.state = 'cancelled' AND NEW.stage = 'transcribe' AND NOT NEW.trashed
            AND EXISTS (SELECT 1 FROM hear_again WHERE episode_id = NEW.episode_id)
        BEGIN
            DELETE FROM hear_again WHERE episode_id = NEW.episode_id;
            UPDATE jobs SET state = 'done', progress = 1, detail = '{}', error = NULL WHERE id = NEW.id;
        END""",
    )
