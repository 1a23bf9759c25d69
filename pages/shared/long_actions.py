"""What is done to many episodes in the background, as this page tells of it: a bar with a way to end it, then one sentence.

    begin(name, ids, do) ─▶ castmind.bulk ─▶ draw: a bar a run, twice a second ─▶ ended? ─▶ the sentence ─▶ the page once more
    export(ids, forms)   ─▶ castmind.export_archives ─┘                                    └─▶ an export: a link that saves it

A run belongs to nobody's window: it goes on when the page is left, and every page that draws this shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from core import app
from core.domain.episodes.export_form import Form
from core.errors import NotFound
from core.services.library import export_archives
from core.services.library.background_actions import BATCH, ActionOutcome, ActionRun, Close, Do, nothing
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, t

INTERVAL = 0.5
_BEGUN, _SEEN = "long.begun", "long.seen"


def begin(name: str, ids: list[int], do: Do, *, batch: int = BATCH, close: Close = nothing) -> ActionRun:
    """Starts a run. In a callback of a live part, `go_on` then has the whole page drawn, with the bar."""
    run = app.current().bulk.start(name, ids, do, batch=batch, close=close)
    st.session_state[_BEGUN] = True
    _seen().add(run.number)
    return run


def export(ids: Sequence[int], forms: Sequence[Form]) -> None:
    """Raises what `castmind.export_archives.begin` raises."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(st.context.url or ""))
    page = (lambda number: f"{base}/episode?id={number}") if st.context.url else None
    run = app.current().export_archives.begin(ids, forms, now=datetime.now(UTC), page=page)
    _seen().add(run.number)


def go_on() -> None:
    """To be called first thing by a live part: what a callback began is shown by the page around it."""
    if st.session_state.pop(_BEGUN, False):
        st.rerun()


def draw() -> None:
    """The bars. To be called by the page, outside its live parts, in a container that is always there."""
    st.session_state.pop(_BEGUN, None)
    running = _running()

    @st.fragment(run_every=INTERVAL if running else None)
    def part() -> None:
        for run in _running():
            _seen().add(run.number)
            _bar(run)
        for run in _made():
            _offer(run)
        if _tell() or bool(_running()) != bool(running):
            st.rerun()

    part()


def _running() -> list[ActionRun]:
    return [run for run in app.current().bulk.runs() if run.running]


def _made() -> list[ActionRun]:
    """Exports that wait to be saved."""
    return [run for run in app.current().bulk.runs() if run.name == export_archives.NAME and run.outcome is ActionOutcome.DONE]


def _offer(run: ActionRun) -> None:
    castmind = app.current()
    try:
        size = formats.size(castmind.export_archives.path(run.result or "").stat().st_size)
    except NotFound:
        return  # taken away since: after a day, or in another window
    with st.container(horizontal=True, vertical_alignment="center", key=f"long-made-{run.number}"):
        st.markdown(outcome(run))
        address = f"/api/v1/bundles/{run.number}/file"
        st.link_button(t("long.save", size=size), address, icon=":material/folder_zip:", type="primary")
        actions.button(t("long.away"), lambda: _take_away(run), key=f"long.away.{run.number}", icon=":material/close:")


def _take_away(run: ActionRun) -> None:
    app.current().bulk.cancel(run.number)
    app.current().export_archives.remove(run.result or "")


def _seen() -> set[int]:
    seen: set[int] = st.session_state.setdefault(_SEEN, set())
    return seen


def _bar(run: ActionRun) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"long-{run.number}"):
        how_far = t("long.progress", what=t(f"long.doing.{run.name}"), n=f"{run.done:,}", of=f"{run.total:,}")
        st.progress(run.done / max(run.total, 1), text=how_far)
        actions.button(
            t("long.stop"), lambda: app.current().bulk.cancel(run.number), key=f"long.stop.{run.number}", icon=":material/close:"
        )


def _tell() -> bool:
    """Says what came of runs that this window saw begin; whether any ended."""
    ended = [run for run in app.current().bulk.runs() if not run.running and run.number in _seen()]
    for run in ended:
        _seen().discard(run.number)
        tell = actions.complain if run.outcome is ActionOutcome.FAILED else actions.say
        tell(outcome(run))
    return bool(ended)


def outcome(run: ActionRun) -> str:
    """One sentence or two: what happened, what was kept."""
    if run.outcome is ActionOutcome.FAILED:
        return f"{plain(error_text(dict(run.error or {})), 600)} {t('long.so_far', n=f'{run.done:,}', of=f'{run.total:,}')}"
    if run.name == export_archives.NAME:
        return _exported(run)
    words = [t("long.stopped")] if run.outcome is ActionOutcome.STOPPED else []
    words.append(told(run.changed, run.done - run.changed))
    if run.outcome is ActionOutcome.STOPPED:
        words.append(t("long.left", n=f"{run.total - run.done:,}"))
    return " ".join(words)


def _exported(run: ActionRun) -> str:
    if run.outcome is ActionOutcome.STOPPED:
        return t("long.export_stopped")
    words = [t("long.exported", n=f"{run.changed:,}", of=f"{run.total:,}")]
    if run.changed < run.total:
        words.append(t("long.exported.left_out"))
    return " ".join(words)


def told(changed: int, skipped: int) -> str:
    """How many were changed, and how many had nothing to change."""
    words = [t("library.changed_one" if changed == 1 else "library.changed", n=f"{changed:,}")]
    if skipped:
        words.append(t("library.skipped", n=f"{skipped:,}"))
    return " ".join(words)
