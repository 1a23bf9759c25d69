"""Technical details, for whoever looks for a cause or reports one: the only place of the pages that shows an error's `detail`.

    health · Ollama · card · jobs · feeds · imports · tasks ─▶ (time, what, detail) ─▶ newest first ─▶ one text that can be copied

They are in the English of the logs, and quote other programs. Nothing is read before they are unfolded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from core import app
from core.domain.feeds.imports import LineState
from core.domain.jobs.job import State
from pages.shared import formats
from pages.text import t
from pages.visitor import is_admin, me

MOST = 100
STATES = (State.FAILED, State.WAITING, State.QUEUED)


@dataclass(frozen=True, slots=True)
class Detail:
    """`at` in Unix seconds, 0 for what is so now."""

    at: float
    what: str
    said: str


def draw() -> None:
    unfolded = st.expander(t("status.details"), key="status-details", icon=":material/build:", on_change="rerun")
    if not unfolded.open:
        return
    with unfolded:
        st.caption(t("status.details.body"))
        if is_admin():
            st.page_link("logs/page.py", label=t("status.to_logs"), icon=":material/arrow_forward:")
        found = recent()
        if found:
            st.code("\n".join(map(_line, found)), language=None, wrap_lines=True)
        else:
            st.caption(t("status.details.none"))


def recent() -> list[Detail]:
    """Return the details of what does not work now, then of what did not, newest first."""
    found = sorted([*_now(), *_jobs(), *_feeds(), *_imports(), *_tasks()], key=lambda each: (each.at > 0, -each.at))
    return found[:MOST]


def _line(each: Detail) -> str:
    when = f"{datetime.fromtimestamp(each.at, formats.zone()):%Y-%m-%d %H:%M:%S} " if each.at else ""
    return f"{when}{each.what}: {' '.join(each.said.split())[:1000]}"


def _error(at: float | None, what: str, error: Any) -> Detail:
    return Detail(at or 0.0, what, f"{error.get('code', '')}. {error.get('detail') or ''}")


def _now() -> Iterator[Detail]:
    castmind = app.current()
    for name, check in castmind.health()["checks"].items():
        if check["status"] != "pass":
            # A check that itself failed tells why in a param.
            reason = check["params"].get("error")
            yield Detail(0.0, name, " ".join(filter(None, (str(check["output"]), str(reason) if reason else ""))))
    if castmind.settings.values.notes_engine != "extractive":
        for host, why in castmind.setup_checklist.ollama(me()).tried:
            yield Detail(0.0, host, str(why))
    probe = castmind.setup_checklist.speech(me())
    if probe is not None and probe.cuda_error:
        yield Detail(0.0, "cuda", str(probe.cuda_error))


def _jobs() -> Iterator[Detail]:
    for row in app.current().queue.jobs(me(), STATES, limit=MOST):
        if row.job.error:
            at = row.job.finished_at or row.job.started_at
            yield _error(at, f"{row.job.stage} {row.job.episode_id} “{row.title}”", row.job.error)


def _feeds() -> Iterator[Detail]:
    for row in app.current().subscriptions.listing(me()):
        if row.feed.error:
            yield _error(row.feed.last_polled_at, f"feed {row.feed.id} “{row.feed.title}”", row.feed.error)


def _imports() -> Iterator[Detail]:
    imports = app.current().imports
    for each in imports.listing(me()):
        for line in imports.lines(me(), each.id, LineState.FAILED, limit=MOST):
            if line.error:
                yield _error(each.finished_at, f"import {each.id} “{line.title or each.name}”", line.error)


def _tasks() -> Iterator[Detail]:
    for task in app.current().tasks.listing(me()):
        if task.error:
            yield _error(task.finished_at, f"{task.kind} {task.key}".strip(), task.error)
