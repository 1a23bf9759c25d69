from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from core.errors import SecretsUnreadable
from core.store.db import vault as vault_module
from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.sealed import key_rotation, sealed_columns
from tests.store.sealed.secrets import SECRETS, with_secrets


def opened(store: Store, vault: Vault) -> list[str | None]:
    return [vault.readable(value.sealed) for value in sealed_columns.values(store.read())]


def sealed(store: Store) -> list[str]:
    return [value.sealed for value in sealed_columns.values(store.read())]


def test_all_secrets_are_sealed_with_a_new_key_and_the_old_one_is_gone(store: Store) -> None:
    vault = with_secrets(store)
    before, rows = vault.path.read_bytes(), sealed(store)
    assert key_rotation.rotate(store, vault) == key_rotation.Rotation(3, ())
    assert vault.path.read_bytes() != before
    assert stat.S_IMODE(vault.path.stat().st_mode) == 0o600
    assert opened(store, vault) == list(SECRETS)
    assert not set(rows) & set(sealed(store))
    assert [path.name for path in vault.path.parent.glob("secret*")] == ["secret.key"]


def test_what_the_old_key_sealed_is_no_longer_in_the_file(store: Store) -> None:
    vault = with_secrets(store)
    rows = sealed(store)
    key_rotation.rotate(store, vault)
    store.close()
    assert not any(row.encode() in store.path.read_bytes() for row in rows)


def test_a_secret_that_no_key_opens_stops_it_and_is_named(store: Store, tmp_path: Path) -> None:
    vault = with_secrets(store)
    foreign = Vault(tmp_path / "other.key").seal("foreign")
    store.write(lambda db: db.execute("UPDATE feed_access SET sealed = ? WHERE feed_id = 2", [foreign]))
    before, rows = vault.path.read_bytes(), sealed(store)
    with pytest.raises(SecretsUnreadable, match="the credentials of the feed News"):
        key_rotation.rotate(store, vault)
    assert (vault.path.read_bytes(), sealed(store)) == (before, rows)
    assert not vault.successor.exists()
    done = key_rotation.rotate(store, vault, leave_unreadable=True)
    assert done == key_rotation.Rotation(2, ("the credentials of the feed News",))
    assert opened(store, vault) == ["first", None, "third"]
    assert foreign in sealed(store)


def test_without_secrets_the_key_alone_is_replaced(store: Store) -> None:
    vault = Vault.beside(store.path)
    assert key_rotation.rotate(store, vault).sealed == 0
    assert vault.open(vault.seal("later")) == "later"
    key_rotation.settle(store, vault)
    assert not vault.successor.exists()


def test_a_successor_that_broke_off_in_the_writing_is_dropped(store: Store) -> None:
    vault = with_secrets(store)
    vault.successor.write_bytes(b"half a ke")
    assert opened(store, vault) == list(SECRETS)
    key_rotation.settle(store, vault)
    assert not vault.successor.exists()
    assert opened(store, vault) == list(SECRETS)


# --- kills ----------------------------------------------------------------------------------------------

WATCHED = {key_rotation.__file__, vault_module.__file__}


def die_at(line: int) -> None:
    """Kill this process when the rotation reaches its n-th line, in whichever thread."""
    left = [line]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def rotate_until(path: Path, line: int) -> bool:
    """Rotate in a child process that dies at a line; return whether it got to the end before."""
    if (child := os.fork()) == 0:
        die_at(line)
        store = Store(path)
        store.open()
        key_rotation.rotate(store, Vault.beside(path))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
        return True
    assert os.WTERMSIG(status) == signal.SIGKILL
    return False


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_kill_at_any_line_leaves_all_old_or_all_new(store: Store) -> None:
    vault = with_secrets(store)
    store.close()
    ended, line, states = False, 0, set()
    while not ended:
        line += 1
        before, rows = vault.path.read_bytes(), None
        ended = rotate_until(store.path, line)
        store.open()
        rows = sealed(store)
        assert opened(store, vault) == list(SECRETS)  # before anything was settled
        key_rotation.settle(store, vault)
        assert not vault.successor.exists()
        assert opened(store, vault) == list(SECRETS)
        assert sealed(store) == rows
        states.add(vault.path.read_bytes() == before)
        # Nothing of the one key is left: without it nothing opens.
        key = vault.path.read_bytes()
        vault.path.unlink()
        assert opened(store, vault) == [None] * 3
        vault.path.write_bytes(key)
        store.close()
    assert states == {True, False}
    assert line > 20
