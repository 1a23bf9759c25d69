"""What a channel is sent, and when: the dialog of its choices."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import streamlit as st

from core import app
from core.domain.notify.channel import GATHER
from core.domain.notify.kinds import KINDS
from pages.shared import actions, dialogs
from pages.text import LANGUAGES, t
from pages.visitor import me, zone_name

if TYPE_CHECKING:
    from core.domain.notify.channel import Channel


def zone_here() -> str:
    """Return the time zone of this browser, UTC if it names none that is known."""
    return zone_name() if zone_name() in available_timezones() else "UTC"


def draw(row: Channel) -> None:
    key = f"notify.choices.{row.id}"
    st.text_input(t("notify.name"), value=row.name, key=f"{key}.name", max_chars=80)
    st.toggle(t("notify.enabled"), value=row.enabled, key=f"{key}.enabled")
    kinds = [kind.name for kind in KINDS]
    st.multiselect(
        t("notify.kinds"), kinds, default=list(row.kinds), format_func=lambda name: t(f"notify.kind.{name}"), key=f"{key}.kinds"
    )
    st.selectbox(
        t("notify.gather"),
        GATHER,
        index=GATHER.index(row.gather),
        format_func=lambda seconds: t(f"notify.gather.{seconds}"),
        key=f"{key}.gather",
        help=t("notify.gather.help"),
    )
    quiet = st.toggle(t("notify.quiet"), value=row.quiet_from != row.quiet_to, key=f"{key}.quiet", help=t("notify.quiet.help"))
    if quiet:
        _quiet(row, key)
    st.toggle(t("notify.titles"), value=row.titles, key=f"{key}.titles", help=t("notify.titles.help"))
    names, chosen = list(LANGUAGES), list(LANGUAGES).index(row.language)
    st.selectbox(t("notify.language"), names, index=chosen, format_func=LANGUAGES.__getitem__, key=f"{key}.language")
    actions.button(t("notify.save"), dialogs.closing(lambda: _save(row, key)), key=f"{key}.save", type="primary", width="stretch")
    actions.fault(key)


def _quiet(row: Channel, key: str) -> None:
    first, last = st.columns(2)
    begins, ends = (row.quiet_from, row.quiet_to) if row.quiet_from != row.quiet_to else (22 * 60, 7 * 60)
    with first:
        st.time_input(t("notify.quiet.from"), value=time(*divmod(begins, 60)), key=f"{key}.from")
    with last:
        st.time_input(t("notify.quiet.to"), value=time(*divmod(ends, 60)), key=f"{key}.to")
    zones = sorted(available_timezones())
    # A channel without quiet hours was made with the zone of the browser that made it.
    st.selectbox(t("notify.zone"), zones, index=zones.index(row.zone), key=f"{key}.zone")
    st.toggle(t("notify.urgent"), value=row.urgent_anyway, key=f"{key}.urgent", help=t("notify.urgent.help"))


def _save(row: Channel, key: str) -> bool:
    held = st.session_state
    chosen: dict[str, Any] = {name: held[f"{key}.{name}"] for name in ("enabled", "kinds", "gather", "titles", "language")}
    chosen["name"] = str(held[f"{key}.name"]).strip()
    if held[f"{key}.quiet"]:
        chosen |= {"quiet_from": _minute(held[f"{key}.from"]), "quiet_to": _minute(held[f"{key}.to"])}
        chosen |= {"zone": held[f"{key}.zone"], "urgent_anyway": held[f"{key}.urgent"]}
    else:
        chosen |= {"quiet_from": 0, "quiet_to": 0}
    return actions.attempt(lambda: app.current().notifications.change(me(), row.id, chosen), t("notify.saved"), field=key)


def _minute(chosen: time | None) -> int:
    return chosen.hour * 60 + chosen.minute if chosen else 0
