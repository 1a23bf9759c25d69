"""Log lines as a list: a row each, that unfolds to all that the line holds.

Everything in a line may come from outside (a feed, a file name, a client), so all of it is escaped.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared import formats
from pages.text import has, t

STYLE = Path(__file__).with_name("log_lines.css").read_text(encoding="utf-8")
_ABOUT = ("job_id", "episode_id", "feed_id", "stage")
MARKUP = (
    '<details class="castmind-log {level}"><summary><time>{when}</time><b>{said_level}</b>'
    "<span>{event}</span><small>{about}</small></summary><pre>{whole}</pre></details>"
)


def draw(lines: Iterable[Mapping[str, Any]]) -> None:
    st.html(f"<style>{STYLE}</style>" + "".join(map(row, lines)))


def row(line: Mapping[str, Any]) -> str:
    level = str(line.get("level", ""))
    facts = {
        "level": level if level in ("debug", "info", "warning", "error", "critical") else "info",
        "when": when(str(line.get("timestamp", ""))),
        "said_level": t(f"logs.level.{level}") if has(f"logs.level.{level}") else level,
        "event": str(line.get("event", "")),
        "about": " · ".join([str(line.get("logger", "")), *(_named(name, line[name]) for name in _ABOUT if line.get(name))]),
        "whole": _whole(line),
    }
    return MARKUP.format(**{name: html.escape(value, quote=True) for name, value in facts.items()})


def when(timestamp: str) -> str:
    """Return the time of a line in the reader's zone, with the day: lines of several days stand under each other."""
    try:
        return datetime.fromisoformat(timestamp).astimezone(formats.zone()).strftime("%m-%d %H:%M:%S")
    except ValueError:
        return timestamp


def _named(name: str, value: Any) -> str:
    return f"{name.removesuffix('_id')} {value}"


def _whole(line: Mapping[str, Any]) -> str:
    """Return all fields, and the traceback as it is read best."""
    rest = {name: value for name, value in line.items() if name != "exception"}
    return json.dumps(rest, ensure_ascii=False, indent=2) + (f"\n\n{line['exception']}" if line.get("exception") else "")
