"""Logs: one JSON object per line in data/logs/castmind.log, one short readable line on stderr.

record ─► facts (job_id, episode_id, feed_id, stage from `extra`) ─► secrets out ─┬► castmind.log, 5 files of 5 MB
                                                                                 └► 12:03:44 INFO core.app [job 3] text
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

FILE = "castmind.log"
FILE_BYTES = 5_000_000
OLD_FILES = 4
FACTS = ("job_id", "episode_id", "feed_id", "stage")
# Libraries that log every request at INFO.
CHATTY = ("httpx", "httpcore", "huggingface_hub", "faster_whisper", "watchdog", "urllib3", "schedule")

_HIDDEN = "***"
_TELLING = (
    r"[\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key|auth(?!or\b)|signature|access[_-]?key|credential|session)[\w-]*|key|sig|pwd"
)
_USER_INFO = re.compile(r"(?<=://)[^\s/?#\"'<>]*@")
# Matches name=value, not URL paths or prose.
_PARAMETER = re.compile(rf"(?i)(?<![\w-])({_TELLING})=[^\s&#\"'<>;,)]+")
_HEADER = re.compile(
    r"(?i)\b(authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer)?\s*|(?:basic|bearer)\s+(?=[\w.~+/-]{12}))[^\s\"',]+"
)


def configure(folder: Path, level: str = "INFO") -> None:
    """Send all logging to `folder`/castmind.log and stderr. Can be called again: it replaces its earlier handlers."""
    folder.mkdir(parents=True, exist_ok=True)
    file = LogFile(
        folder / FILE, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", errors="backslashreplace", delay=True
    )
    file.setFormatter(JsonLines())
    people = logging.StreamHandler(sys.stderr)
    people.setFormatter(ShortLine())
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h.formatter, JsonLines | ShortLine)]:
        root.removeHandler(handler)
        handler.close()
    for handler in (file, people):
        root.addHandler(handler)
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


class LogFile(RotatingFileHandler):
    """A log file.

    If it cannot be written (a full disk, a deleted folder), it reports that once on stderr, and resumes when it can.
    """

    _failed = _told = False

    def emit(self, record: logging.LogRecord) -> None:
        self._failed = False
        super().emit(record)
        self._told = self._failed

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self._failed = True
        if not self._told:
            sys.stderr.write(f"The log {self.baseFilename} cannot be written: {error.strerror or error}.\n")

    def close(self) -> None:
        # The buffered text could not be written, and that was reported.
        with contextlib.suppress(OSError):
            super().close()


def redact(text: str) -> str:
    """Return the text without passwords in URLs, and without the values of parameters and headers whose name marks a secret."""
    without_users = _USER_INFO.sub(f"{_HIDDEN}@", text)
    return _HEADER.sub(rf"\1{_HIDDEN}", _PARAMETER.sub(rf"\1={_HIDDEN}", without_users))


class JsonLines(logging.Formatter):
    """`{time, level, logger, message, job_id?, episode_id?, feed_id?, stage?, error?}`; `time` is ISO 8601 in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            **_facts(record),
        }
        if record.exc_info and record.exc_info[1]:
            row["error"] = redact("".join(traceback.format_exception(record.exc_info[1])))
        return json.dumps(row, ensure_ascii=False, default=str)


class ShortLine(logging.Formatter):
    """Time, level, logger, ids, text; the last line of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        about = " ".join(f"{name.removesuffix('_id')} {value}" for name, value in _facts(record).items())
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{when} {record.levelname} {record.name}{f' [{about}]' if about else ''} {text}"
        # One record is one line, even if a file name or a feed contains line breaks.
        return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", redact(line))


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in FACTS if getattr(record, name, None) is not None}
