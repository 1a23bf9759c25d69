"""The queue: every job with what it is doing, why it waits or failed, and what can be done about it.

counts ─▶ which states ─▶ live list: running ─ queued ─ waiting ─ failed ─ done
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.job import OPEN, Job, State
from pages.parts import acting, address, formats, jobs, live
from pages.parts.foreign import plain
from pages.text import t

if TYPE_CHECKING:
    from core.pipeline.queue import JobRow

LIMIT = 100
VIEWS: dict[str, tuple[State, ...]] = {
    "open": OPEN,
    "failed": (State.FAILED, State.CANCELLED),
    "done": (State.DONE,),
}


def view() -> str:
    return address.segments(
        "show", list(VIEWS), default="open", label=t("queue.show"), wording=lambda name: t(f"queue.view.{name}")
    )


def listing(states: tuple[State, ...], empty: str) -> None:
    counts = app.current().queue.counts()
    st.caption(" · ".join(f"{t(f'state.{s.value}')} {counts.get(s, 0)}" for s in State))
    rows = app.current().queue.jobs(states, limit=LIMIT)
    for entry in rows:
        row(entry)
    if not rows:
        st.info(t(empty), icon=":material/inbox:")
    if len(rows) == LIMIT:
        st.caption(t("queue.first_of_many", n=LIMIT))


def row(entry: JobRow) -> None:
    job = entry.job
    with st.container(border=True, key=f"job-{job.id}", gap="xsmall"):
        words, action = st.columns([5, 1.3], vertical_alignment="center")
        with words:
            label = f"**{jobs.stage_name(job.stage)}** · {plain(entry.title, 120)}"
            st.page_link("episode.py", label=label, query_params={"id": str(job.episode_id)})
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                jobs.badge(job.state)
                st.caption(_when(job), width="content")
        with action:
            buttons(job)
        if job.state == State.RUNNING:
            jobs.progress(job)
        else:
            jobs.reason(job)


def _when(job: Job) -> str:
    words = []
    if job.state == State.WAITING and job.not_before:
        words.append(t("queue.next_try", time=formats.time_of(job.not_before)))
    if job.finished_at and job.started_at:
        words.append(t("queue.took", time=formats.span(job.finished_at - job.started_at)))
    if job.finished_at:
        words.append(formats.time_of(job.finished_at))
    elif job.created_at:
        words.append(t("queue.since", time=formats.time_of(job.created_at)))
    if job.tries:
        words.append(t("queue.tries", n=job.tries))
    if job.cancel_requested and job.state == State.RUNNING:
        words.append(t("queue.cancelling"))
    return " · ".join(words)


def buttons(job: Job) -> None:
    queue = app.current().queue
    if job.state in (State.FAILED, State.CANCELLED, State.WAITING):
        acting.button(
            t("action.retry"),
            lambda: queue.retry(job.id),
            key=f"job.retry.{job.id}",
            icon=":material/replay:",
            width="stretch",
        )
    if job.state in OPEN:
        acting.button(
            t("action.cancel"),
            lambda: queue.cancel(job.id),
            key=f"job.cancel.{job.id}",
            icon=":material/close:",
            width="stretch",
            disabled=job.cancel_requested,
        )


def draw() -> None:
    st.title(t("nav.queue"))
    st.caption(t("queue.body"))
    chosen = view()
    live.follow(lambda: listing(VIEWS[chosen], f"queue.empty.{chosen}"))


draw()
