"""The last lines of the log, without what was put into them.

core/**/*.py ─▶ the sentences that are given to the log ─▶ patterns
a line ─▶ the sentence that it was made from, numbers filled in, texts left out │ none: its words are left out
"""

from __future__ import annotations

import ast
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

CORE = Path(__file__).resolve().parents[2]
MOST_LINES = 2000
MOST_BYTES = 2_000_000
LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")
# Whole numbers of rows in the library, by which lines belong together.
IDS = ("job_id", "episode_id", "feed_id", "task_id", "user_id")
LEFT_OUT = "…"
_WORD = re.compile(r"[a-z]{2}")
_PLACE = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?([sdrfxi%])")
_FRAME = re.compile(r'File "[^"]*?/((?:core|pages)/[\w/]+\.py)", line (\d+), in (\w+)')
_LOGGER = re.compile(r"(?:core|pages)(?:\.\w+)*")


@cache
def patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    """Return a pattern for each sentence that CastMind gives to its log, and its form with texts left out, the longest first."""
    sentences = {text for path in CORE.rglob("*.py") for text in _sentences(path.read_text(encoding="utf-8"))}
    return [(_pattern(text), text) for text in sorted(sentences, key=len, reverse=True)]


def _sentences(source: str) -> Iterator[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args)
    firsts = (call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS)
    for first in firsts:
        # A sentence that is nothing but its places would match every line.
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and _WORD.search(_PLACE.sub("", first.value)):
            yield first.value


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for place in _PLACE.finditer(sentence):
        pieces.append(re.escape(sentence[end : place.start()]))
        pieces.append({"%": "%", "d": r"-?\d+", "i": r"-?\d+", "f": r"-?[\d.]+"}.get(place[1], ".*?"))
        end = place.end()
    return re.compile("".join([*pieces, re.escape(sentence[end:])]), re.DOTALL)


def without_texts(message: str) -> str:
    """Return the sentence that the message was made from; only `…` if there is none."""
    return next((text for pattern, text in patterns() if pattern.fullmatch(message)), LEFT_OUT)


def last(folder: Path) -> list[dict[str, Any]]:
    """Return the last lines of all logs in the folder, oldest first: time, level, logger, sentence, ids, places of an error."""
    newest = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    rows = (row for path in newest for row in deque(_tail(path), MOST_LINES) if row)
    return sorted(rows, key=lambda row: str(row["time"]))[-MOST_LINES:]


def _tail(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - MOST_BYTES, 0))
        for line in file:
            if row := _line(line):
                yield row


def _line(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None  # the middle of a line, or of another program
    if not isinstance(row, dict):
        return None
    level, logger = str(row.get("level", "")).upper(), str(row.get("logger", ""))
    kept: dict[str, Any] = {
        "time": _moment(row.get("time") or row.get("timestamp")),
        "level": level if level in {each.upper() for each in LEVELS} else LEFT_OUT,
        "logger": logger if _LOGGER.fullmatch(logger) and _is_ours(logger) else LEFT_OUT,
        "message": without_texts(str(row.get("message") or row.get("event") or "")),
    }
    kept |= {name: row[name] for name in IDS if type(row.get(name)) is int}
    error = str(row.get("error") or row.get("exception") or "")
    if error:
        kept["error"] = [f"{file}:{number} {function}" for file, number, function in _FRAME.findall(error) if _known(file)]
    return kept


def _moment(value: object) -> str:
    return str(value) if re.fullmatch(r"[\d:.TZ+-]{10,40}", str(value)) else ""


def _is_ours(logger: str) -> bool:
    place = CORE.parent.joinpath(*logger.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def _known(file: str) -> bool:
    return (CORE.parent / file).is_file()
