"""A library with secrets: two feeds and a line of an import."""

from __future__ import annotations

from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault

SECRETS = ("first", "second", "third")


def with_secrets(store: Store) -> Vault:
    vault = Vault.beside(store.path)

    def add(db: Database) -> None:
        for number, title in enumerate(("Talk", "News"), 1):
            db.execute(
                "INSERT INTO feeds (id, url, title, created_at) VALUES (?, ?, ?, 0)", [number, f"https://{title}.example/", title]
            )
            db.execute(
                "INSERT INTO feed_access (feed_id, kind, sealed, changed_at) VALUES (?, 'password', ?, 0)",
                [number, vault.seal(SECRETS[number - 1])],
            )
        db.execute("INSERT INTO imports (id, kind, name, backlog, auto_transcribe, created_at) VALUES (1, 'opml', 'a', 0, 0, 0)")
        db.execute(
            "INSERT INTO import_lines (import_id, number, url, title, access) VALUES (1, 1, 'https://c.example/', 'C', ?)",
            [vault.seal(SECRETS[2])],
        )

    store.write(add)
    return vault
