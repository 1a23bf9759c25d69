"""What the reader can do with the work on an episode: transcribe it, try again, cancel. Sent by fetch (shared/acts.js).

stages ─▶ draw ─▶ component ─▶ POST /api/v1/episodes/bulk, painted at once      settled ─ trigger `changed` ─▶ rerun
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.domain.episodes.listed import Listed
from core.domain.jobs.job import OPEN, Job, Stage, State
from pages.shared import acts
from pages.shared.component_source import source
from pages.text import language, t

KEY = "stage-acts"
_TO_RETRY = (State.WAITING, State.FAILED, State.CANCELLED)

_component = st.components.v2.component(
    "castmind_stage_acts",
    js=source(__file__, "shared/page.js", "shared/acts.js", "stage_acts.js"),
    css=source(__file__, "shared/messages.css", "stage_acts.css"),
)


def draw(listed: Listed, unsettled: Sequence[Job]) -> None:
    """Draw the buttons. `unsettled`: the jobs that need attention."""
    names = offered(listed, unsettled)
    if not names:
        return
    state = listed.state
    data = {
        "row": {"id": listed.episode.id, "title": listed.episode.title, "state": state.value if state else None},
        "acts": names,
        "cancelling": bool(unsettled) and all(job.cancel_requested for job in unsettled if job.state in OPEN),
        "seen": acts.seen(),
        "locale": language(),
        "text": acts.texts()
        | {name: t(f"episode.{name}") for name in ("transcribe", "retry", "cancel", "cancelling")}
        | {"close": t("library.close")},
    }
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=KEY, data=[data], on_changed_change=lambda: acts.settled(KEY))


def offered(listed: Listed, unsettled: Sequence[Job]) -> list[str]:
    """Return the names of the acts that mean something now."""
    names: dict[str, Any] = {
        "transcribe": all(job.stage != Stage.TRANSCRIBE for job in listed.jobs),
        "retry": any(job.state in _TO_RETRY for job in unsettled),
        "cancel": any(job.state in OPEN for job in unsettled),
    }
    return [name for name, means in names.items() if means]
