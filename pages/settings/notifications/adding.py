"""Add a notification channel: choose a service, fill in its fields.

service ─▶ its fields ─▶ add ─▶ the channel is there │ what is wrong, below the fields
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core import app
from core.domain.notify.services import BY_NAME, SERVICES
from pages.settings.notifications import choices
from pages.shared import actions
from pages.shared.escape_markdown import plain
from pages.text import language, t
from pages.visitor import me

SERVICE = "notify.service"
FAULT = "notify.add"
_SHOWN_ONCE = "notify.once"


def keep_secret(name: str, secret: str) -> None:
    """Keep a secret for the next run of this session, which shows it."""
    st.session_state[_SHOWN_ONCE] = (name, secret)


def tell_secret() -> None:
    """Show the secret of a new webhook until it is put away. It is shown once: the server gives it to nobody again."""
    kept = st.session_state.get(_SHOWN_ONCE)
    if kept is None:
        return
    with st.container(border=True, key="notify-secret"):
        st.markdown(t("notify.secret", name=plain(kept[0])))
        st.code(kept[1], language=None, wrap_lines=True)
        actions.button(t("notify.secret.kept"), lambda: st.session_state.pop(_SHOWN_ONCE, None), key="notify.secret.kept")


def draw(*, empty: bool) -> None:
    with st.expander(t("notify.add"), expanded=empty, key="notify-add", icon=":material/add:"):
        names = [each.name for each in SERVICES]
        service = st.selectbox(t("notify.service"), names, format_func=lambda name: t(f"notify.service.{name}"), key=SERVICE)
        st.caption(t(f"notify.service.{service}.help"))
        for field in BY_NAME[service].fields:
            _field(service, field.name, secret=field.secret, required=field.required, default=field.default)
        st.text_input(t("notify.name"), key=_key(service, "name"), max_chars=80, placeholder=t(f"notify.service.{service}"))
        actions.button(t("notify.add.yes"), lambda: _add(service), key="notify.add.yes", type="primary")
        actions.fault(FAULT)


def _key(service: str, name: str) -> str:
    return f"notify.new.{service}.{name}"


def _field(service: str, name: str, *, secret: bool, required: bool, default: str) -> None:
    label = t(f"notify.field.{name}") if required else t("notify.optional", label=t(f"notify.field.{name}"))
    key = _key(service, name)
    if default:
        st.session_state.setdefault(key, default)
    kind: Literal["password", "default"] = "password" if secret else "default"
    st.text_input(label, key=key, type=kind, max_chars=4000, autocomplete="off")


def _add(service: str) -> None:
    names = [field.name for field in BY_NAME[service].fields]
    given = {name: str(st.session_state.get(_key(service, name)) or "") for name in names}
    wished = str(st.session_state.get(_key(service, "name")) or "").strip()
    chosen = {"name": wished or t(f"notify.service.{service}"), "language": language(), "zone": choices.zone_here()}

    def add() -> None:
        added = app.current().notifications.add(me(), service, given, chosen)
        if added.secret:
            keep_secret(added.channel.name, added.secret)

    if actions.attempt(add, t("notify.added"), field=FAULT):
        for name in (*names, "name"):
            st.session_state.pop(_key(service, name), None)
