from __future__ import annotations

from pathlib import Path

import pytest

from core.ops import secret_files
from core.ops.secret_files import SecretFile
from core.store.db.vault import Vault


def test_all_files_with_secrets_are_listed_with_their_modes(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "local.toml").write_text('podcastindex_secret = "s"\n')
    (config / "base.toml").write_text("backlog = 1\n")
    (config / "broken.toml").write_text("= =")
    Vault(tmp_path / "secret.key").seal("a")
    named = tmp_path / "index"
    named.write_text("s")
    named.chmod(0o640)
    environ = {
        "CASTMIND_PODCASTINDEX_SECRET_FILE": str(named),
        "CASTMIND_BACKLOG_FILE": str(config / "base.toml"),
        "OLLAMA_HOST_FILE": str(tmp_path / "missing"),
    }
    found = {file.path.name: file for file in secret_files.listing(tmp_path, environ=environ, config=config)}
    assert set(found) == {"secret.key", "index", "local.toml"}
    assert (found["secret.key"].mode, found["secret.key"].exposed) == (0o600, False)
    assert (found["index"].why, found["index"].mode, found["index"].exposed) == (
        "CASTMIND_PODCASTINDEX_SECRET_FILE",
        0o640,
        True,
    )
    assert found["local.toml"].why == "podcastindex_secret"
    assert found["index"].remedy == f"chmod 600 {named}"


def test_what_a_change_of_the_key_left_is_listed_too(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secret.key")
    vault.prepare()
    assert [file.path for file in secret_files.listing(tmp_path, environ={}, config=tmp_path)] == [vault.successor]


@pytest.mark.parametrize(
    ("path", "mode", "exposed"),
    [
        ("/data/secret.key", 0o600, False),
        ("/data/secret.key", 0o400, False),
        ("/data/secret.key", 0o604, True),
        ("/data/secret.key", 0o620, True),
        ("/run/secrets/index", 0o444, False),
        ("/run/secrets/index", 0o446, True),
    ],
)
def test_a_mode_is_exposed_if_others_may_read_it(path: str, mode: int, exposed: bool) -> None:
    assert SecretFile(Path(path), "key", mode).exposed is exposed
