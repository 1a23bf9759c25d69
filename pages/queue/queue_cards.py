"""The queue as one component: acts on all of it, waits for the same thing, and a card an episode with its stages as steps.

Listed, Held, counts ─▶ data ─▶ component ─┬─ acts (shared/acts.js) ─▶ HTTP API; trigger `changed` once they are settled
                                           └─ trigger `turned`: fold or unfold a condition
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from core.domain.jobs import step_graph
from core.domain.jobs.job import OPEN, Job, State
from pages.queue import held
from pages.shared import acts, formats, jobs
from pages.shared.component_source import source, told
from pages.text import error_text, language, t
from pages.text import texts as all_texts
from pages.visitor import is_admin, me

if TYPE_CHECKING:
    from core.domain.episodes.listed import Listed
    from core.domain.jobs.waits import Held

KEY = "queue-cards"
_WORDS = {
    "close": "library.close",
    **{name: f"queue.{name}" for name in ("first", "last", "retry", "cancel", "list")},
    **{name: f"queue.{name}" for name in ("paused", "pause", "resume", "cancel_all", "undo_cancel", "retry_all")},
    **{f"held_{name}": f"held.{name}" for name in ("show", "hide", "retry", "cancel")},
}
_SCRIPTS = (
    *("shared/page.js", "shared/acts.js", "shared/kept_parts.js"),
    *("queue_bar.js", "held_cards.js", "queue_cards.js"),
)

_component = st.components.v2.component(
    "castmind_queue",
    js=source(__file__, *_SCRIPTS),
    css=source(__file__, "shared/messages.css", "queue_cards.css"),
)


def mount(work: Iterable[Listed], folded: Iterable[Held] = (), *, empty: str = "") -> None:
    """Draw the queue. `empty` is said in place of cards."""
    known = all_texts(language())
    data = {
        "queue": _whole(),
        "held": held.cards(folded),
        "cards": [card(item) for item in work],
        "empty": empty,
        "seen": acts.seen(),
        "locale": language(),
        "text": acts.texts() | {name: known[key] for name, key in _WORDS.items()},
    }
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=KEY, data=[data], on_changed_change=lambda: acts.settled(KEY), on_turned_change=_turned)


def _whole() -> dict[str, Any]:
    """Return whether the queue is paused, and the episodes under way, queued, and failed."""
    queue = app.current().queue
    counts = queue.episode_counts(me())
    queued = counts.get(State.QUEUED, 0) + counts.get(State.WAITING, 0)
    return {
        "paused": queue.paused(me()),
        "busy": counts.get(State.RUNNING, 0) + queued,
        "queued": queued,
        "failed": counts.get(State.FAILED, 0),
    }


def _turned() -> None:
    """Fold or unfold a condition; this is a callback. The value comes from the browser, so its shape is checked."""
    match told(KEY, "turned"):
        case [str(name), *_]:
            held.turn(name)


def card(item: Listed) -> dict[str, Any]:
    job = jobs.foremost(item)
    state = job.state.value if job else ""
    running = job is not None and job.state is State.RUNNING
    return {
        "id": item.episode.id,
        "title": item.episode.title,
        "href": f"/episode?id={item.episode.id}",
        "state": state,
        "steps": [_step(stage, item) for stage in _stages(item.jobs)],
        "doing": jobs.doing(job) if job and running else None,
        "progress": min(max(job.progress, 0.0), 1.0) if job else 0.0,
        "reason": error_text(job.error)[:1000] if job and job.error and job.state in (*OPEN, State.FAILED) else None,
        "remedy": _remedy(job),
        "when": _when(job) if job else "",
        "acts": _acts(item),
    }


def _stages(all_jobs: Iterable[Job]) -> list[str]:
    """Return all registered steps, and those of jobs whose step is no longer registered."""
    names = step_graph.current().names
    return [*names, *(job.stage for job in all_jobs if job.stage not in names)]


def _step(stage: str, item: Listed) -> dict[str, str]:
    job = next((job for job in item.jobs if job.stage == stage), None)
    if job is None:
        return {"name": jobs.stage_name(stage), "state": "none", "said": "–"}
    if job is item.waiting_notes:
        return {"name": jobs.stage_name(stage), "state": "none", "said": t("queue.later")}
    said = t(f"state.{job.state.value}")
    if job.state is State.DONE and job.started_at and job.finished_at:
        said = formats.span(max(job.finished_at - job.started_at, 0))
    return {"name": jobs.stage_name(stage), "state": job.state.value, "said": said}


def _acts(item: Listed) -> list[str]:
    states = {job.state for job in item.jobs}
    acts = ["first", "last"] if State.QUEUED in states or State.WAITING in states else []
    if states & {State.FAILED, State.CANCELLED, State.WAITING}:
        acts.append("retry")
    ending = all(job.cancel_requested for job in item.jobs if job.state is State.RUNNING)
    if states & {State.QUEUED, State.WAITING} or (State.RUNNING in states and not ending):
        acts.append("cancel")
    return acts


def _remedy(job: Job | None) -> dict[str, str] | None:
    if job is None or not job.error:
        return None
    if job.state is State.FAILED:
        return jobs.log_link(job) if is_admin() else None
    return jobs.remedy_link(job.error) if job.state in OPEN else None


def _when(job: Job) -> str:
    words = []
    if again := jobs.next_try(job):
        words.append(again)
    if job.finished_at and job.state in (State.DONE, State.FAILED, State.CANCELLED):
        words.append(formats.time_of(job.finished_at))
    elif job.created_at:
        words.append(t("queue.since", time=formats.time_of(job.created_at)))
    if job.tries:
        words.append(t("queue.tries", n=job.tries))
    if job.cancel_requested and job.state is State.RUNNING:
        words.append(t("queue.cancelling"))
    return " · ".join(words)
