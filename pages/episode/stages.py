"""The stages of one episode: the state of each, the reason why it waits or failed, and its buttons.

jobs ─┬─ done ─▶ nothing, or one quiet line while better notes wait
      └─ not yet ─▶ a badge each ─▶ unfinished ones again with progress, reason, Retry and Cancel
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import streamlit as st

from core import app
from core.domain.episodes.listed import Listed
from core.domain.jobs.job import OPEN, Job, Stage, State
from pages.shared import better_notes
from pages.shared import jobs as looks
from pages.shared.actions import attempt
from pages.text import t
from pages.visitor import me


def stages(listed: Listed) -> None:
    """Draw all stages of an episode, with a button to transcribe it if that was never requested."""
    ordered = sorted(listed.jobs, key=looks.place)
    if listed.waiting_notes:
        better_notes.of_one(listed.waiting_notes)
    if listed.state is State.DONE:
        return
    if ordered:
        with st.container(horizontal=True, gap="small", key="stages"):
            for job in ordered:
                _badge(job)
    for job in unsettled(job for job in ordered if job is not listed.waiting_notes):
        with st.container(border=True, key=f"stage-{job.stage}"):
            _detail(job)
    if all(job.stage != Stage.TRANSCRIBE for job in ordered):
        start = partial(app.current().library.transcribe, me(), listed.episode.id)
        st.button(t("episode.transcribe"), type="primary", key="transcribe", on_click=_act, args=(start,))


def unsettled(ordered: Iterable[Job]) -> Iterator[Job]:
    """Yield the jobs that need attention, in order. One queued behind another of them, without an error, is left out."""
    blocked = False
    for job in ordered:
        if job.state == State.DONE or (job.state == State.QUEUED and blocked and not job.error):
            continue
        blocked = True
        yield job


def _act(action: Callable[[], object]) -> None:
    attempt(action)


def _badge(job: Job) -> None:
    text = f"{looks.stage_name(job.stage)} · {t(f'state.{job.state.value}')}"
    st.badge(text, icon=looks.ICONS[job.state], color=looks.COLOURS[job.state])  # type: ignore[arg-type]


def _detail(job: Job) -> None:
    if job.state == State.RUNNING:
        looks.progress(job)
    elif not job.error:
        st.markdown(f"**{looks.stage_name(job.stage)}** · {t(f'state.{job.state.value}')}")
    looks.reason(job)
    with st.container(horizontal=True):
        _buttons(job)


def _buttons(job: Job) -> None:
    library = app.current().library
    if job.state in (State.WAITING, State.FAILED, State.CANCELLED):
        again = partial(library.retry, me(), job.episode_id, job.stage)
        st.button(t("episode.retry"), key=f"retry-{job.stage}", icon=":material/refresh:", on_click=_act, args=(again,))
    if job.state in OPEN:
        stop = partial(library.cancel, me(), job.episode_id, job.stage)
        st.button(
            t("episode.cancelling") if job.cancel_requested else t("episode.cancel"),
            key=f"cancel-{job.stage}",
            icon=":material/close:",
            disabled=job.cancel_requested,
            on_click=_act,
            args=(stop,),
        )
