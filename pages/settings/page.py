"""Settings: the table of core.settings by group, saved one at a time. Those that few people need are folded away.

group of the URL ─▶ appearance, backups, what to keep │ fields ─▶ the folded ones, unfolded while one is changed
"""

from __future__ import annotations

import streamlit as st
from pydantic.fields import FieldInfo

from core import app
from core.settings import table
from pages.settings import appearance, backups, fields, own_account, people, setting_groups
from pages.settings.notifications import channels
from pages.shared import retention, url_state
from pages.shared.escape_markdown import plain
from pages.text import message_text, t
from pages.visitor import is_admin, me


def _fit() -> None:
    """Warn if the context length does not fit the model and this computer, before a job fails."""
    castmind = app.current()
    if castmind.settings.values.notes_engine == "extractive":
        return
    state = castmind.setup_checklist.ollama(me())
    if state.fit and state.fit.why:
        show = st.info if state.fit.reads_less else st.warning
        show(plain(message_text(state.fit.why), 600), icon=":material/memory:")


def _advanced(listed: list[tuple[str, FieldInfo]]) -> None:
    """Draw the settings of second rank, folded; unfolded while one of them is changed, so that nothing changed is hidden."""
    if not listed:
        return
    loaded = app.current().settings.loaded
    changed = any(loaded.sources[name] == "saved" for name, _ in listed)
    with st.expander(t("settings.advanced"), expanded=changed, key="settings-advanced"):
        for name, field in listed:
            fields.one(name, field)


def draw() -> None:
    st.title(t("nav.settings"))
    body = st.empty()
    offered = setting_groups.groups()
    group = url_state.segments(
        "group",
        offered,
        default="speech" if "speech" in offered else offered[0],
        label=t("settings.group"),
        wording=lambda name: t(f"settings.group.{name}"),
    )
    body.caption(t({"keeping": "keep.body", "accounts": "account.body"}.get(group, "settings.body")))
    with st.container(width=760):
        if group == "pages":
            appearance.draw()
            if not is_admin():
                return
        if group == "accounts":
            own_account.draw()
            people.draw()
            return
        if group == "backup":
            backups.draw()
        if group == "notifications":
            channels.draw()
            if not is_admin():
                return
        if group == "keeping":
            retention.of_all(lambda name: fields.help_of(name, table()[name]))
            return
        listed = fields.of_group(group)
        for name, field in listed:
            if name not in fields.ADVANCED:
                fields.one(name, field)
        if group == "notes":
            _fit()
        _advanced([row for row in listed if row[0] in fields.ADVANCED])


draw()
