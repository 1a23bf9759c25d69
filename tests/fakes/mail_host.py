"""A mail server over real SMTP, for one message at a time: it notes what it is told."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

ANSWERS = {b"EHLO": b"250-here\r\n250 AUTH PLAIN", b"AUTH": b"235 fine", b"DATA": b"354 go on", b"QUIT": b"221 bye"}


class MailHost:
    """The host; use it as a context manager. `refuses`: it turns recipients away."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.lines: list[str] = []
        self._refuses = refuses
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()
        self._thread.join(5.0)

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return  # nobody came
        with connection, connection.makefile("rwb") as line:
            line.write(b"220 here\r\n")
            line.flush()
            inside = False
            for said in line:
                self.lines.append(said.decode().rstrip())
                if inside and said != b".\r\n":
                    continue
                verb = said[:4].upper()
                inside = verb == b"DATA" and not inside
                refused = self._refuses and verb == b"RCPT"
                line.write((b"550 nobody of that name" if refused else ANSWERS.get(verb, b"250 fine")) + b"\r\n")
                line.flush()
                if verb == b"QUIT":
                    return
