"""The token with which commands on this computer act as the owner on the running server: who can read the data folder may.

start ─▶ data/.console (mode 0600, a new token each time) ─▶ core.ops.server_client ─▶ Authorization: Bearer
"""

from __future__ import annotations

import os
from pathlib import Path

NAME = ".console"


def write(folder: Path, token: str) -> None:
    """Replace the file; nobody else can read it at any moment. Raises OSError."""
    path = folder / NAME
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token)


def headers(folder: Path) -> dict[str, str]:
    """Return the headers for requests to the server that holds the folder; none if it left no token."""
    try:
        token = (folder / NAME).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return {}
    return {"Authorization": f"Bearer {token}"} if token and token.isprintable() else {}
