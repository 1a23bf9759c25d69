"""Turn a record of any logger into one JSON line for the file, or one readable line for people.

    record ─▶ context of the request or job ─▶ `extra` (FIELDS) ─▶ level, logger, kind, time ─▶ traceback ─▶ secrets out
           ─▶ {"timestamp", "level", "kind", "logger", "event", request_id?, user_id?, job_id?, …, "exception"?}
           ─▶ 12:03:44 INFO core.app [job 3] text

Foreign text cannot forge a line: line breaks, control characters and characters that turn the direction of writing are escaped.
The variables of a traceback's frames are not logged.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from core.domain.log_kinds import FIELDS, kind_of
from core.domain.redaction import redact_row

LONGEST_EVENT = 8_000
LONGEST_EXCEPTION = 30_000
# What people see beside the text; the file holds the rest.
_SHOWN = ("job_id", "episode_id", "feed_id", "task_id", "stage", "request_id")
_FIRST = ("timestamp", "level", "kind", "logger", "event", *FIELDS)
# Characters that JSON leaves as they are, and that break a line, or turn it, where somebody reads it.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BREAKING = re.compile(rf"(?:[\x00-\x1f]|{_UNSAFE.pattern})+")


def for_files() -> ProcessorFormatter:
    return _formatter(_json_line)


def for_people() -> ProcessorFormatter:
    return _formatter(_short_line)


def _formatter(render: Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            ExtraAdder(allow=FIELDS),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S.%fZ", utc=True),
        ],
        processors=[ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, _clean, render],
    )


def _clean(_logger: WrappedLogger, _method: str, row: EventDict) -> EventDict:
    """Add the kind, shorten what is too long, and take secrets out."""
    row["kind"] = kind_of(row["logger"]).value
    row["event"] = _cut(str(row["event"]), LONGEST_EVENT)
    if "exception" in row:
        row["exception"] = _cut(row["exception"], LONGEST_EXCEPTION)
    return redact_row({name: value for name, value in row.items() if value is not None})


def _cut(text: str, longest: int) -> str:
    """Keep the beginning and the end: the end of a traceback names the error."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {text[-half:]}"


def _json_line(_logger: WrappedLogger, _method: str, row: EventDict) -> str:
    ordered = {name: row.pop(name) for name in _FIRST if name in row} | dict(row)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(ordered, ensure_ascii=False, default=str))


def _short_line(_logger: WrappedLogger, _method: str, row: EventDict) -> str:
    about = " ".join(f"{name.removesuffix('_id')} {row[name]}" for name in _SHOWN if name in row)
    text = row["event"]
    if exception := str(row.get("exception", "")).rstrip():
        text += f" ({exception.splitlines()[-1]})"
    when = datetime.fromisoformat(row["timestamp"]).astimezone().strftime("%H:%M:%S")
    line = f"{when} {str(row['level']).upper()} {row['logger']}{f' [{about}]' if about else ''} {text}"
    return _BREAKING.sub(" ", _values(line, row))


def _values(line: str, row: EventDict) -> str:
    """Add the values of an audit or performance line, which its text does not hold."""
    details = row.get("details")
    return f"{line} {json.dumps(details, ensure_ascii=False, default=str)}" if details else line
