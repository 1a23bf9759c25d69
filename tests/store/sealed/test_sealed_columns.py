from __future__ import annotations

from pathlib import Path

from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.sealed import sealed_columns
from tests.store.sealed.secrets import with_secrets


def test_each_value_has_a_name_and_no_secret(store: Store) -> None:
    vault = with_secrets(store)
    found = list(sealed_columns.values(store.read()))
    assert [value.name for value in found] == [
        "the credentials of the feed Talk",
        "the credentials of the feed News",
        "the credentials of line 1 of the import 1",
    ]
    assert [vault.open(value.sealed) for value in found] == ["first", "second", "third"]


def test_what_no_key_opens_is_named_whoever_sealed_it(store: Store, tmp_path: Path) -> None:
    vault = with_secrets(store)
    assert sealed_columns.unreadable(store.read(), vault) == []
    foreign = Vault(tmp_path / "other.key").seal("foreign")
    store.write(lambda db: db.execute("UPDATE feed_access SET sealed = ? WHERE feed_id = 2", [foreign]))
    store.write(lambda db: db.execute("UPDATE import_lines SET access = 'no token'"))
    assert sealed_columns.unreadable(store.read(), vault) == [
        "the credentials of the feed News",
        "the credentials of line 1 of the import 1",
    ]
    vault.path.unlink()
    assert len(sealed_columns.unreadable(store.read(), vault)) == 3


def test_every_column_of_the_schema_with_sealed_values_is_listed(store: Store) -> None:
    tables = [row[0] for row in store.read().execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    named = {
        (table, row["name"])
        for table in tables
        for row in store.read().execute(f"PRAGMA table_info({table})")
        if row["name"].startswith("sealed")
    }
    assert named | {("import_lines", "access"), ("users", "totp")} == {
        (each.table, each.column) for each in sealed_columns.COLUMNS
    }
