"""What is done to many episodes in the background, as this page tells of it: a bar with a way to end it, then one sentence.

    begin(name, ids, do) ─▶ castmind.bulk ─▶ draw: a bar a run, twice a second ─▶ ended? ─▶ the sentence ─▶ the page once more

A run belongs to nobody's window: it goes on when the page is left, and every page that draws this shows it.
"""

from __future__ import annotations

import streamlit as st

from core import app
from core.pipeline.bulk import BATCH, Close, Do, Outcome, Run, nothing
from pages.parts import acting
from pages.parts.foreign import plain
from pages.text import error_text, t

INTERVAL = 0.5
_BEGUN, _SEEN = "long.begun", "long.seen"


def begin(name: str, ids: list[int], do: Do, *, batch: int = BATCH, close: Close = nothing) -> Run:
    """Starts a run. In a callback of a live part, `go_on` then has the whole page drawn, with the bar."""
    run = app.current().bulk.start(name, ids, do, batch=batch, close=close)
    st.session_state[_BEGUN] = True
    _seen().add(run.number)
    return run


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
        if _tell() or bool(_running()) != bool(running):
            st.rerun()

    part()


def _running() -> list[Run]:
    return [run for run in app.current().bulk.runs() if run.running]


def _seen() -> set[int]:
    seen: set[int] = st.session_state.setdefault(_SEEN, set())
    return seen


def _bar(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"long-{run.number}"):
        how_far = t("long.progress", what=t(f"long.doing.{run.name}"), n=f"{run.done:,}", of=f"{run.total:,}")
        st.progress(run.done / max(run.total, 1), text=how_far)
        acting.button(
            t("long.stop"), lambda: app.current().bulk.cancel(run.number), key=f"long.stop.{run.number}", icon=":material/close:"
        )


def _tell() -> bool:
    """Says what came of runs that this window saw begin; whether any ended."""
    ended = [run for run in app.current().bulk.runs() if not run.running and run.number in _seen()]
    for run in ended:
        _seen().discard(run.number)
        tell = acting.complain if run.outcome is Outcome.FAILED else acting.say
        tell(outcome(run))
    return bool(ended)


def outcome(run: Run) -> str:
    """One sentence or two: what happened, what was kept."""
    if run.outcome is Outcome.FAILED:
        return f"{plain(error_text(dict(run.error or {})), 600)} {t('long.so_far', n=f'{run.done:,}', of=f'{run.total:,}')}"
    words = [t("long.stopped")] if run.outcome is Outcome.STOPPED else []
    words.append(told(run.changed, run.done - run.changed))
    if run.outcome is Outcome.STOPPED:
        words.append(t("long.left", n=f"{run.total - run.done:,}"))
    return " ".join(words)


def told(changed: int, skipped: int) -> str:
    """How many were changed, and how many had nothing to change."""
    words = [t("library.changed_one" if changed == 1 else "library.changed", n=f"{changed:,}")]
    if skipped:
        words.append(t("library.skipped", n=f"{skipped:,}"))
    return " ".join(words)
