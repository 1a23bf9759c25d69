"""Settings: the table of core.settings by group, saved one at a time; each shows where its value comes from.

row of the table ─▶ widget by type ─▶ change ─▶ save ─▶ toast      environment ─▶ locked      saved ─▶ back to the default
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from core import app
from core.settings import environment_name, is_secret, table
from pages.settings import appearance, backups
from pages.shared import actions, retention, url_state
from pages.shared.escape_markdown import plain
from pages.text import has, language, message_text, t
from pages.visitor import me

GROUPS = ("pages", "speech", "notes", "sources", "keeping", "backup", "server")


def rows(group: str) -> list[tuple[str, FieldInfo]]:
    return [(name, field) for name, field in table().items() if _extra(field)["group"] == group]


def _extra(field: FieldInfo) -> dict[str, Any]:
    assert isinstance(field.json_schema_extra, dict)
    return dict(field.json_schema_extra)


def option_label(value: Any) -> str:
    key = f"option.{value}"
    return t(key) if has(key) else str(value)


def help_of(name: str, field: FieldInfo) -> str:
    """Return the table's own English text, or its translation."""
    key = f"setting.{name}.help"
    return t(key) if language() != "en" and has(key) else str(field.description)


def origin(source: str) -> str:
    """Describe where a value comes from."""
    key = f"settings.from.{source}"
    return t(key) if has(key) else t("settings.from.file", file=plain(source))


def typed(value: Any, annotation: Any) -> Any:
    """Convert a widget's value to the table's type."""
    if annotation is int:
        return int(value)
    return value.strip() if isinstance(value, str) else value


def _key(name: str, value: Any) -> str:
    return f"setting.{name}.{value}"


def _save(name: str, key: str) -> None:
    value = typed(st.session_state[key], table()[name].annotation)
    done = t("settings.saved", name=t(f"setting.{name}"))
    actions.attempt(lambda: app.current().settings.save(me(), name, value), done, field=key)


def widget(name: str, field: FieldInfo, value: Any, *, locked: bool) -> None:
    # The value is part of the key: the widget follows a change made elsewhere, and a refused input stays to be corrected.
    key = _key(name, value)
    if is_secret(name):
        _secret(name, field, value)
        return
    common: dict[str, Any] = {
        "key": key,
        "disabled": locked,
        "help": help_of(name, field),
        "on_change": _save,
        "args": (name, key),
    }
    label, kind = t(f"setting.{name}"), field.annotation
    if get_origin(kind) is Literal:
        choices = list(get_args(kind))
        st.selectbox(label, choices, choices.index(value), format_func=option_label, **common)
    elif kind is bool:
        st.toggle(label, value, **common)
    elif kind is int:
        st.number_input(label, min_value=0, value=value, step=1, **common)
    elif kind is float:
        st.number_input(label, min_value=0.0, value=value, step=1.0, format="%g", **common)
    else:
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        st.text_input(label, shown, **common)


def _secret(name: str, field: FieldInfo, value: Any) -> None:
    shown = t("settings.secret.set") if value else t("settings.secret.unset", variable=environment_name(name))
    st.text_input(t(f"setting.{name}"), shown, key=f"setting.{name}", disabled=True, help=help_of(name, field))


def one(name: str, field: FieldInfo) -> None:
    preferences = app.current().settings
    loaded = preferences.loaded
    source, locked = loaded.sources[name], loaded.locked(name)
    with st.container(key=f"setting-{name}", gap="xsmall"):
        value = getattr(loaded.values, name)
        widget(name, field, value, locked=locked)
        actions.fault(_key(name, value))
        words = [origin(source)]
        if locked:
            words.append(t("settings.locked", variable=plain(environment_name(name))))
        if _extra(field)["restart"]:
            words.append(t("settings.restart"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(" · ".join(words), width="content")
            if source == "saved":
                actions.button(
                    t("settings.reset"),
                    lambda: preferences.forget(me(), name),
                    key=f"setting.reset.{name}",
                    type="tertiary",
                    icon=":material/undo:",
                    done=t("settings.forgotten", name=t(f"setting.{name}")),
                )


def _fit() -> None:
    """Warn if the context length does not fit the model and this computer, before a job fails."""
    castmind = app.current()
    if castmind.settings.values.notes_engine == "extractive":
        return
    state = castmind.setup_checklist.ollama(me())
    if state.fit and state.fit.why:
        show = st.info if state.fit.reads_less else st.warning
        show(plain(message_text(state.fit.why), 600), icon=":material/memory:")


def draw() -> None:
    st.title(t("nav.settings"))
    body = st.empty()
    group = url_state.segments(
        "group", GROUPS, default="speech", label=t("settings.group"), wording=lambda name: t(f"settings.group.{name}")
    )
    body.caption(t("keep.body" if group == "keeping" else "settings.body"))
    with st.container(width=760):
        if group == "pages":
            appearance.draw()
        if group == "backup":
            backups.draw()
        if group == "keeping":
            retention.of_all(lambda name: help_of(name, table()[name]))
            return
        for name, field in rows(group):
            one(name, field)
            if name == "ollama_num_ctx":
                _fit()


draw()
