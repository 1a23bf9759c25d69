"""The files and addresses that rows name: audio files, and sources of pictures."""

from __future__ import annotations

from core.store.db.sqlite import Database


def media(db: Database) -> set[str]:
    """Return audio paths, relative to the data folder."""
    return {
        row[0] for row in db.execute("SELECT media_path FROM episodes INDEXED BY episodes_media WHERE media_path IS NOT NULL")
    }


def pictures(db: Database) -> set[str]:
    """Return addresses, and paths of audio files that may contain a picture."""
    rows = db.execute(
        "SELECT image_url FROM episodes WHERE image_url IS NOT NULL UNION SELECT image_url FROM feeds WHERE image_url IS NOT NULL"
    )
    return {row[0] for row in rows} | media(db)
