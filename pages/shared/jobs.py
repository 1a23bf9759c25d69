"""How a job looks on every page: its state, its progress, and the reason why it waits or failed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.jobs import step_graph
from core.domain.jobs.job import OPEN, Job, State
from pages.shared import formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, has, t

if TYPE_CHECKING:
    from core.domain.episodes.listed import Listed

COLOURS = {
    State.QUEUED: "gray",
    State.RUNNING: "blue",
    State.WAITING: "orange",
    State.DONE: "green",
    State.FAILED: "red",
    State.CANCELLED: "gray",
}
ICONS = {
    State.QUEUED: ":material/schedule:",
    State.RUNNING: ":material/graphic_eq:",
    State.WAITING: ":material/hourglass_top:",
    State.DONE: ":material/check:",
    State.FAILED: ":material/error:",
    State.CANCELLED: ":material/block:",
}


def foremost(item: Listed) -> Job | None:
    """Return the job that best describes an episode now: one that runs, failed, waits or comes next; else the last one done.

    One that only waits to improve notes that can be read describes nothing that the reader misses.
    """
    order = (State.RUNNING, State.FAILED, State.WAITING, State.QUEUED, State.CANCELLED, State.DONE)
    spare = item.waiting_notes
    ranked = sorted(
        (job for job in item.jobs if job is not spare),
        key=lambda j: (order.index(j.state), -place(j) if j.state == State.DONE else place(j)),
    )
    return ranked[0] if ranked else None


def badge(state: State | None) -> None:
    if state is None:
        st.badge(t("state.new"), icon=":material/fiber_new:", color="gray")
    else:
        st.badge(t(f"state.{state.value}"), icon=ICONS[state], color=COLOURS[state])  # type: ignore[arg-type]


def doing(job: Job) -> str:
    """Describe a running job: phase, position, speed, time left."""
    detail = job.detail
    phase, step = f"phase.{detail.get('phase', '')}", f"doing.{job.stage}"
    words = [t(phase) if has(phase) else t(step) if has(step) else job.stage]
    if job.progress > 0:
        words.append(formats.percent(job.progress))
    if detail.get("duration") and detail.get("position") is not None:
        words.append(f"{formats.clock(float(detail['position']))} / {formats.clock(float(detail['duration']))}")
    elif detail.get("total_bytes"):
        words.append(f"{formats.size(float(detail.get('done_bytes') or 0))} / {formats.size(float(detail['total_bytes']))}")
    if detail.get("real_time_factor"):
        words.append(t("job.speed", times=f"{1 / float(detail['real_time_factor']):.1f}"))
    if detail.get("answer") == "reading":
        words.append(t("job.model_reads", time=formats.span(float(detail.get("seconds") or 0))))
    elif detail.get("token_rate"):
        words.append(t("job.model_writes", rate=f"{float(detail['token_rate']):.1f}"))
    if detail.get("eta") is not None:
        words.append(t("job.left", time=formats.span(float(detail["eta"]))))
    return " · ".join(words)


def progress(job: Job) -> None:
    st.progress(min(max(job.progress, 0.0), 1.0), text=doing(job))


def reason(job: Job) -> None:
    """Show why a job waits, failed, or is retried, with the remedy."""
    if not job.error:
        return
    text = plain(error_text(job.error), 1000)
    if job.state == State.FAILED:
        st.error(text, icon=":material/error:")
    elif job.state in OPEN:
        st.warning(f"{text} {next_try(job)}".strip(), icon=":material/hourglass_top:")
        remedy(job.error)


def next_try(job: Job) -> str:
    """Say when a waiting or temporarily failed job is retried; "" for any other."""
    now = time.time()
    if job.state not in (State.WAITING, State.QUEUED) or job.not_before <= now:
        return ""
    return t("queue.next_try", time=formats.relative(job.not_before, now))


def remedy(error: Mapping[str, Any]) -> None:
    """Link to the page where the condition can be changed."""
    page = remedy_page(error)
    if page:
        st.page_link(f"{page}/page.py", label=t(f"job.to_{page}"), icon=":material/arrow_forward:")


def remedy_link(error: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the link to the page where the condition can be changed, for a component."""
    page = remedy_page(error)
    return {"href": f"/{page}", "said": t(f"job.to_{page}")} if page else None


def log_link(job: Job) -> dict[str, str]:
    """Return the link to the lines about a job, for a component."""
    return {"href": f"/logs?job={job.id}", "said": t("job.to_logs")}


_SETTLED_BY_SETTINGS = (
    "ollama_unreachable",
    "ollama_model_missing",
    "ollama_remote_model",
    "ollama_not_a_chat_model",
    "ollama_no_memory",
    "context_too_small",
    "speech_model_missing",
)


def remedy_page(error: Mapping[str, Any]) -> str | None:
    """Return the page where the condition can be changed: `settings`, `status`."""
    code = str(error.get("code", ""))
    if code in _SETTLED_BY_SETTINGS:
        return "settings"
    return "status" if code == "disk_full" else None


def place(job: Job) -> int:
    """Return the position of its step in the pipeline's order."""
    return step_graph.current().place(job.stage)


def stage_name(stage: str) -> str:
    """Return the step's name in the reader's language, or its own name when it has no translation (a plug-in's step)."""
    name = f"stage.{stage}"
    return t(name) if has(name) else stage
