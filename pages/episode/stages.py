"""The stages of one episode: the state of each, and the reason why it waits or failed.

jobs ─┬─ done ─▶ nothing, or one quiet line while better notes wait
      └─ not yet ─▶ a badge each ─▶ progress of what runs, reason of what waits or failed ─▶ buttons (stage_acts.py)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import streamlit as st

from core.domain.episodes.listed import Listed
from core.domain.jobs.job import Job, State
from pages.episode import stage_acts
from pages.shared import better_notes
from pages.shared import jobs as looks
from pages.text import t
from pages.visitor import is_admin


def stages(listed: Listed) -> None:
    """Draw all stages of an episode, and what can be done."""
    ordered = sorted(listed.jobs, key=looks.place)
    if listed.waiting_notes:
        better_notes.of_one(listed.waiting_notes)
    if listed.state is State.DONE:
        return
    if ordered:
        with st.container(horizontal=True, gap="small", key="stages"):
            for job in ordered:
                _badge(job)
    left = list(unsettled(job for job in ordered if job is not listed.waiting_notes))
    for job in left:
        # The badge says all there is to say of the others.
        if job.state == State.RUNNING or (job.error and job.state != State.CANCELLED):
            with st.container(border=True, key=f"stage-{job.stage}"):
                _detail(job)
    stage_acts.draw(listed, left)


def unsettled(ordered: Iterable[Job]) -> Iterator[Job]:
    """Yield the jobs that need attention, in order. One queued behind another of them, without an error, is left out."""
    blocked = False
    for job in ordered:
        if job.state == State.DONE or (job.state == State.QUEUED and blocked and not job.error):
            continue
        blocked = True
        yield job


def _badge(job: Job) -> None:
    text = f"{looks.stage_name(job.stage)} · {t(f'state.{job.state.value}')}"
    st.badge(text, icon=looks.ICONS[job.state], color=looks.COLOURS[job.state])  # type: ignore[arg-type]


def _detail(job: Job) -> None:
    if job.state == State.RUNNING:
        looks.progress(job)
    looks.reason(job)
    if job.state == State.FAILED and is_admin():
        st.page_link("logs/page.py", label=t("job.to_logs"), icon=":material/arrow_forward:", query_params={"job": str(job.id)})
