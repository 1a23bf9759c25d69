"""Incidents on the status page: the latest ones, each with its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.ops.incidents import report
from pages.shared import formats
from pages.shared.escape_markdown import plain
from pages.text import language, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.incident import Incident

SHOWN = 10


def draw() -> None:
    st.header(t("status.incidents"))
    found = app.current().incidents.listing(me())
    if not found:
        st.caption(t("status.incidents.none"))
    for incident in found[:SHOWN]:
        _one(incident)


def _one(incident: Incident) -> None:
    over = incident.closed_at is not None
    state = formats.span((incident.closed_at or 0.0) - incident.opened_at) if over else t("status.incidents.open")
    name = plain(report.title(incident, language()), 200)
    with st.expander(f"{formats.time_of(incident.opened_at)} · {name} · {state}", key=f"incident-{incident.id}"):
        for line in (*report.affected(incident, language()), *report.deeds(incident, language())):
            st.markdown(f"- {plain(line, 400)}")
        address = f"/api/v1/incidents/{incident.id}/report?language={language()}"
        st.link_button(t("status.incidents.report"), address, icon=":material/download:")
