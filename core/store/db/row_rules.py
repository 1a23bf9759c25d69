"""Check each row of each table, whoever wrote it: types, lengths, UTF-8, JSON, ranges, file names.

    table_info ─▶ type and NOT NULL of each column ─┐
    text of the schema ─▶ its CHECKs ───────────────┼─▶ one pass by SQL, one by Python for UTF-8 ─▶ the first wrong row
    RANGES, TEXTS, JSON ────────────────────────────┘

The rules cover only properties that this program relies on, and are never narrower than any version's own output: values from
feeds may be odd.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.domain.episodes.episode import Source
from core.domain.feeds import feed_folder

# The years 1 to 9999: other times cannot be formatted. Future times may lie further off, because they are only compared.
FIRST, LAST = -62_135_596_800, 253_370_764_800
COMPARED = {"next_poll_at", "not_before", "lease_until"}
TEXT_BYTES = 256 << 20
NAME_BYTES = 1 << 20
LANGUAGE_BYTES = 200
SHORT = {
    "title",
    "url",
    "guid",
    "name",
    "key",
    "link",
    "image_url",
    "enclosure_url",
    "media_path",
    "file",
    "author",
    "why",
    "what",
}
SHA256 = "length({c}) = 64 AND {c} NOT GLOB '*[^0-9a-f]*'"
SHARE = "{c} BETWEEN 0 AND 1.01"
SPAN = "start >= 0 AND start <= end AND end < 1e9"

# A pipeline step or a kind of task; the database does not know which ones exist.
STEP = "length({c}) BETWEEN 1 AND 40 AND {c} NOT GLOB '*[^a-z0-9_]*'"
FOLDER = f"length({{c}}) <= {feed_folder.LENGTH}"

RULES: dict[tuple[str, str], str] = {
    ("episodes", "source"): f"{{c}} IN ({', '.join(repr(each.value) for each in Source)})",
    ("episodes", "sha256"): SHA256,
    ("episodes", "heard_sha256"): SHA256,
    ("episodes", "bytes"): "{c} >= 0",
    ("episodes", "duration"): "{c} >= 0 AND {c} < 1e9",
    ("jobs", "stage"): STEP,
    ("jobs", "progress"): SHARE,
    ("jobs", "tries"): "{c} >= 0",
    ("jobs", "token"): "{c} >= 0",
    ("tasks", "kind"): STEP,
    ("tasks", "done"): "{c} >= 0",
    ("tasks", "total"): "{c} >= 0",
    ("schedules", "kind"): STEP,
    ("schedules", "retries"): "{c} BETWEEN 0 AND 100",
    ("schedules", "tries"): "{c} >= 0",
    ("schedule_runs", "tries"): "{c} >= 0",
    ("transcripts", "duration"): "{c} >= 0 AND {c} < 1e9",
    ("transcripts", "speech_seconds"): "{c} >= 0 AND {c} < 1e9",
    ("transcripts", "wall_seconds"): "{c} >= 0 AND {c} < 1e9",
    ("transcripts", "speech_share"): SHARE,
    ("segments", "start"): SPAN,
    ("segments", "end"): SPAN,
    ("highlights", "start"): SPAN,
    ("highlights", "start_offset"): "{c} >= 0",
    ("highlights", "end_offset"): "{c} >= 0",
    ("hear_again", "start"): SPAN,
    ("notes", "coverage"): SHARE,
    ("notes", "content"): "CASE WHEN json_valid({c}) THEN json_extract({c}, '$.tldr') IS NOT NULL ELSE 1 END",
    ("prunings", "bytes"): "{c} >= 0",
    ("feeds", "folder"): FOLDER,
    ("import_lines", "folder"): FOLDER,
}
JSON = {
    ("jobs", "detail"),
    ("jobs", "error"),
    ("tasks", "detail"),
    ("tasks", "error"),
    ("tasks", "arguments"),
    ("tasks", "checkpoint"),
    ("schedules", "parameters"),
    ("schedule_runs", "error"),
    ("schedule_runs", "did"),
    ("schedule_runs", "lines"),
    ("transcripts", "engine"),
    ("transcripts", "compared"),
    ("transcripts", "spoken"),
    ("segments", "words"),
    ("notes", "content"),
    ("supplied", "content"),
    ("checkpoints", "payload"),
    ("settings", "value"),
    ("edits", "before"),
    ("edits", "after"),
    ("import_lines", "error"),
    ("import_lines", "offers"),
    ("removed_feeds", "feed"),
    ("removed_feeds", "dismissed"),
    ("removed_feeds", "episodes"),
    ("removed_feeds", "trashed"),
    ("notification_channels", "kinds"),
    ("notices", "item"),
    ("deliveries", "items"),
    ("deliveries", "error"),
}
FILES = {("episodes", "media_path"), ("prunings", "file")}
# Virtual tables, their shadow tables and SQLite's own tables: only SQLite reads them, and checks them.
_NO_ROWS = re.compile(r"search_\d+(_\w+)?|sqlite_\w+")
_TYPES = {"TEXT": ("text",), "INTEGER": ("integer",), "REAL": ("real", "integer")}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    required: bool
    key: int


@dataclass(frozen=True, slots=True)
class RulePlace:
    """A row: its table, and the values of its key."""

    table: str
    columns: list[Column]
    key: tuple[object, ...]


def first_wrong(db: sqlite3.Connection, is_name: Callable[[str], bool], tables: Iterable[str]) -> str | None:
    """Return the first row that breaks a rule, as a phrase that names table, row and column; None if there is none."""
    for table in sorted(tables):
        if not _NO_ROWS.fullmatch(table):
            columns = _columns(db, table)
            found = _by_sql(db, table, columns) or _by_reading(db, table, columns, is_name) or _no_json(db, table, columns)
            if found:
                return found
    return None


def _columns(db: sqlite3.Connection, table: str) -> list[Column]:
    rows = db.execute(f'PRAGMA table_info("{table}")').fetchall()
    return [Column(name, kind.upper(), bool(required or key), key) for _, name, kind, required, _, key in rows]


def _key(columns: list[Column]) -> list[str]:
    """Return the columns that identify a row: its primary key, or else the rowid."""
    return [column.name for column in sorted(columns, key=lambda c: c.key) if column.key] or ["rowid"]


# --- by SQL -------------------------------------------------------------------------------------------


def _by_sql(db: sqlite3.Connection, table: str, columns: list[Column]) -> str | None:
    rules = [*_typed(table, columns), *_checks(db, table)]
    every = " AND ".join(f"coalesce(({rule}), 0)" for _, rule, _ in rules)
    if db.execute(f'SELECT 1 FROM "{table}" WHERE NOT ({every}) LIMIT 1').fetchone() is None:
        return None
    for column, rule, said in rules:
        shown = f'"{column}"' if column else "NULL"
        key = ", ".join(f'"{name}"' for name in _key(columns))
        db.text_factory = bytes
        try:
            row = db.execute(f'SELECT {shown}, {key} FROM "{table}" WHERE NOT coalesce(({rule}), 0) LIMIT 1').fetchone()
        finally:
            db.text_factory = str
        if row:
            return _told(RulePlace(table, columns, row[1:]), column, row[0], said)
    return f"a row of {table}"


def _typed(table: str, columns: list[Column]) -> Iterator[tuple[str, str, str]]:
    """Yield (column, condition, message if it fails)."""
    for column in columns:
        c, null = f'"{column.name}"', "" if column.required else f'"{column.name}" IS NULL OR '
        kinds = _TYPES.get(column.type)
        if kinds:
            yield column.name, f"{null}typeof({c}) IN ({', '.join(map(repr, kinds))})", f"which is no {column.type}"
        if column.type == "REAL":
            least, most = _range(column.name)
            yield column.name, f"{null}{c} BETWEEN {least} AND {most}", "which lies outside what can be"
        if column.type == "TEXT":
            yield column.name, f"{null}length(CAST({c} AS BLOB)) <= {_longest(column.name)}", "which is too long"
        if rule := RULES.get((table, column.name)):
            yield column.name, f"{null}({rule.format(c=c)})", "which CastMind does not write"


def _range(column: str) -> tuple[float, float]:
    if column in COMPARED or not (column.endswith("_at") or column == "at"):
        return -1e18, 1e18
    return FIRST, LAST


def _longest(column: str) -> int:
    if "language" in column:
        return LANGUAGE_BYTES
    return NAME_BYTES if column in SHORT else TEXT_BYTES


def _checks(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, str, str]]:
    """Yield the CHECKs from the table's SQL text, which is ours."""
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [table]).fetchone()
    for begin in re.finditer(r"\bCHECK \(", sql):
        depth, at = 1, begin.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[at], 0)
            at += 1
        rule = sql[begin.end() : at - 1]
        column = re.match(r"\w+", rule)
        yield column[0] if column else "", f"coalesce(({rule}), 1)", "which the schema forbids"


# --- by reading ---------------------------------------------------------------------------------------


def _by_reading(db: sqlite3.Connection, table: str, columns: list[Column], is_name: Callable[[str], bool]) -> str | None:
    texts = [column.name for column in columns if column.type == "TEXT"]
    if not texts:
        return None
    key = _key(columns)
    wanted = ", ".join(f'"{name}"' for name in (*key, *texts))
    db.text_factory = bytes
    try:
        for row in db.execute(f'SELECT {wanted} FROM "{table}"'):
            for column, value in zip(texts, row[len(key) :], strict=True):
                if value is not None and (said := _misread(table, column, value, is_name)):
                    return _told(RulePlace(table, columns, row[: len(key)]), column, value, said)
    finally:
        db.text_factory = str
    return None


def _misread(table: str, column: str, value: bytes, is_name: Callable[[str], bool]) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "which is no UTF-8"
    if (table, column) in FILES and not is_name(text):
        return "which names no file of the data folder"
    return None


def _no_json(db: sqlite3.Connection, table: str, columns: list[Column]) -> str | None:
    """Return the first value that is not JSON.

    Python writes and reads numbers that SQLite rejects, so Python checks SQLite's rejects.
    """
    key = ", ".join(f'"{name}"' for name in _key(columns))
    for column in (column.name for column in columns if (table, column.name) in JSON):
        doubtful = f'SELECT {key}, "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL AND NOT json_valid("{column}")'
        for *place, text in db.execute(doubtful):
            if not _is_json(text):
                return _told(RulePlace(table, columns, tuple(place)), column, text, "which is no JSON")
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _told(place: RulePlace, column: str, value: object, said: str) -> str:
    where = ", ".join(f"{name} {_shown(part)}" for name, part in zip(_key(place.columns), place.key, strict=True))
    return f"table {place.table}, row with {where}: {column} is {_shown(value)}, {said}"


def _shown(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return ascii(text[:60]) if isinstance(value, bytes) else text[:60]
