from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import AccessLost
from core.store.db.vault import Vault


def test_what_is_sealed_opens_again_and_shows_nothing(tmp_path: Path) -> None:
    vault = Vault.beside(tmp_path / "castmind.db")
    sealed = vault.seal("horse-staple")
    assert "horse" not in sealed
    assert Vault(tmp_path / "secret.key").open(sealed) == "horse-staple"


def test_the_key_is_made_with_the_first_secret_for_its_owner_alone_and_never_again(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secret.key")
    assert not vault.path.exists()
    first = vault.seal("a")
    key = vault.path.read_bytes()
    assert stat.S_IMODE(vault.path.stat().st_mode) == 0o600
    vault.seal("b")
    assert (vault.path.read_bytes(), vault.open(first)) == (key, "a")
    assert [p.name for p in tmp_path.iterdir()] == ["secret.key"]


def test_a_missing_key_another_and_a_changed_row_are_told(tmp_path: Path) -> None:
    vault, other = Vault(tmp_path / "secret.key"), Vault(tmp_path / "other.key")
    sealed, foreign = vault.seal("a"), other.seal("a")
    for wrong in (foreign, sealed[:-2] + "AA", "", "no token", "é"):
        with pytest.raises(AccessLost):
            vault.open(wrong)
    vault.path.unlink()
    with pytest.raises(AccessLost) as lost:
        vault.open(sealed)
    assert "Enter the password again" in lost.value.detail


def test_a_key_that_is_put_back_is_used_at_once(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secret.key")
    sealed = vault.seal("a")
    away = vault.path.rename(tmp_path / "away")
    with pytest.raises(AccessLost):
        vault.open(sealed)
    away.rename(vault.path)
    assert vault.open(sealed) == "a"


def test_a_damaged_key_is_kept_for_its_owner_and_a_new_one_made(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secret.key")
    lost = vault.seal("a")
    vault.path.write_bytes(b"half a ke")
    with pytest.raises(AccessLost):
        vault.open(lost)
    assert vault.open(vault.seal("b")) == "b"
    assert (tmp_path / "secret.damaged").read_bytes() == b"half a ke"


def test_a_key_that_broke_off_in_the_making_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "secret.new").write_bytes(b"half")
    vault = Vault(tmp_path / "secret.key")
    assert vault.open(vault.seal("a")) == "a"
    assert [p.name for p in tmp_path.iterdir()] == ["secret.key"]
