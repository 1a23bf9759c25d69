"""Speak to Litestream over its control socket.

    GET /list               last_sync_at: when all that had been copied was last known to have arrived; each second, also at rest
    GET /debug/sync-status  updated_at, error: when the database was last copied, and why it was not
    POST /stop, /start      close the database; open the file that is at the path now

Both questions are needed: `last_sync_at` goes on while the database can no longer be copied. Litestream's metrics tell neither,
and the age of the newest file at the target says nothing while nothing changes. The socket is in the data folder and answers its
owner alone; a database on a mount without sockets has no write-ahead log either, and cannot be replicated.

Litestream keeps the database open. Before another file takes its place it has to close the old one, and then open the new one.
"""

from __future__ import annotations

import json
import logging
import socket
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FOLDER, SOCKET = "replica", "litestream.sock"
# Twice this is less than a check of /health may take.
ASK_SECONDS = 0.4
# A stop sends what is left first.
CHANGE_SECONDS = 5.0
BAD = 400


@dataclass(frozen=True, slots=True)
class SyncState:
    """Unix seconds: `copied_at`, the last copy of the database; None if it failed or is under way, `error` says why it failed.
    `arrived_at`: when all that was copied was known to be at the target; None before the first time."""

    copied_at: float | None
    arrived_at: float | None
    error: str = ""


class LitestreamAway(Exception):
    """Litestream does not answer, or does not replicate this database; the text says which."""


class Litestream:
    """The Litestream that replicates the database at `database`, by the socket in the folder `replica` beside it."""

    def __init__(self, database: Path) -> None:
        self._name = database.name
        self._socket = database.parent / FOLDER / SOCKET

    def make_folder(self) -> None:
        """Create the folder for the socket, which Litestream does not do itself."""
        self._socket.parent.mkdir(mode=0o700, exist_ok=True)

    def ask(self) -> SyncState:
        """Return how far replication is. Raises LitestreamAway."""
        listed = self._own(self._answer("GET", "/list", ASK_SECONDS))
        copied = self._own(self._answer("GET", "/debug/sync-status", ASK_SECONDS))
        error = str(copied.get("error") or "")
        at = None if error or copied.get("active") else _moment(copied.get("updated_at"))
        return SyncState(at, _moment(listed.get("last_sync_at")), error)

    def release(self) -> None:
        """Have the database closed, if a Litestream runs: its file is about to be exchanged."""
        self._change("/stop")

    def follow(self) -> None:
        """Have the present file replicated, if a Litestream runs. One that starts later opens it by itself."""
        self._change("/start")

    def _change(self, what: str) -> None:
        if not self._socket.is_socket():
            return
        try:
            path = self._own(self._answer("GET", "/list", CHANGE_SECONDS))["path"]
            self._answer("POST", what, CHANGE_SECONDS, {"path": path, "timeout": round(CHANGE_SECONDS)})
        except LitestreamAway as error:
            # One that was killed leaves its socket behind. One that cannot close a file that is gone lets go of it all the same.
            log.warning("Litestream did not do %s: %s", what, error)

    def _own(self, answer: dict[str, Any]) -> dict[str, Any]:
        for database in answer.get("databases") or ():
            if Path(str(database.get("path"))).name == self._name:
                return dict(database)
        raise LitestreamAway(f"Litestream does not replicate {self._name}")

    def _answer(self, method: str, path: str, seconds: float, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            with closing(_SocketConnection(self._socket, seconds)) as connection:
                connection.request(method, path, None if body is None else json.dumps(body))
                answer = connection.getresponse()
                text = answer.read()
            if answer.status >= BAD:
                raise LitestreamAway(f"Litestream answered {answer.status}: {text[:500].decode(errors='replace').strip()}")
            return dict(json.loads(text))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise LitestreamAway(f"Litestream does not run, nothing answers at {self._socket}") from error
        except (OSError, HTTPException, ValueError, TypeError) as error:
            raise LitestreamAway(f"{error or type(error).__name__} ({self._socket})") from error


class _SocketConnection(HTTPConnection):
    """HTTP over a Unix socket. httpx leaves the socket open where nobody listens."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("litestream", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _moment(text: object) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp() if text else None
    except ValueError as error:
        raise LitestreamAway(f"Litestream told a time that is none: {text}") from error
