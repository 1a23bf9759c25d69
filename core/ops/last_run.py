"""Whether the server that ran before ended in good order, told by a file of the data folder that is there while one runs.

    start ─▶ is it there? then the last one ended without a word ─▶ it is there ─▶ SIGTERM, stop ─▶ it is gone

A stop takes it away first of all: who is killed because a stop took too long was told to stop.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

NAME = ".running"


class LastRun:
    def __init__(self, data: Path) -> None:
        self._mark = data / NAME

    @property
    def ended_without_a_word(self) -> bool:
        """Asked after the data folder is locked: while another server runs, its own mark is there."""
        return self._mark.exists()

    def begin(self) -> None:
        """From here on an end that was not asked for can be told."""
        try:
            self._mark.write_text(f"{os.getpid()}\n", encoding="ascii")
        except OSError as error:
            # A full disk keeps nobody from reading; an end without a word is only not counted then.
            log.warning("it will not be known whether this server ends in good order: %s", error)

    def end(self) -> None:
        """The end was asked for. Safe in a signal handler, and when it is called again."""
        try:
            self._mark.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the next start will take this end for one without a word: %s", error)
