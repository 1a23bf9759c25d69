"""The fields of settings: one each, by its type or its own picker; it shows where a changed value comes from.

row of the table ─┬─ picker of a model, list of languages ─┬─▶ change ─▶ save ─▶ toast      environment ─▶ locked
                  └─ widget by type ───────────────────────┘                                changed ─▶ reset
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from core import app
from core.settings import environment_name, is_secret, table
from pages.settings import language_model, speech_model
from pages.shared import actions
from pages.shared.escape_markdown import plain
from pages.text import has, language, t
from pages.text.spoken_languages import LANGUAGES
from pages.visitor import me

PICKERS = {speech_model.NAME: speech_model.draw, language_model.NAME: language_model.draw}
# Lists that another value can be typed into.
LISTS: dict[str, tuple[str, ...]] = {
    "audio_language": ("auto", *LANGUAGES),
    "notes_language": ("auto", *LANGUAGES),
    "compute_type": ("auto", "float16", "int8_float16", "int8", "bfloat16", "float32"),
}
# Few people need them.
ADVANCED = {
    "allowed_private_hosts",
    "batch_size",
    "compute_type",
    "data_dir",
    "env",
    "hf_endpoint",
    "host",
    "inbox_polling",
    "itunes_url",
    "log_audit_days",
    "log_keep_days",
    "log_keep_mb",
    "log_level",
    "log_levels",
    "max_upload_gb",
    "metrics_token",
    "min_free_gb",
    "ollama_num_ctx",
    "ollama_remote_models",
    "ollama_timeout_seconds",
    "podcastindex_key",
    "podcastindex_secret",
    "podcastindex_url",
    "port",
    "published",
    "speech_idle_seconds",
    "window_minutes",
}


def of_group(group: str) -> list[tuple[str, FieldInfo]]:
    """Return the settings of a group, in the order of the table."""
    return [(name, field) for name, field in table().items() if facts(field)["group"] == group]


def facts(field: FieldInfo) -> dict[str, Any]:
    """Return the group of a setting, and whether it takes a restart or is a secret."""
    assert isinstance(field.json_schema_extra, dict)
    return dict(field.json_schema_extra)


def option_label(value: Any) -> str:
    key = f"option.{value}"
    return t(key) if has(key) else LANGUAGES.get(value, str(value))


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
    _put(name, typed(st.session_state[key], table()[name].annotation), key)


def _put(name: str, value: Any, key: str) -> None:
    done = t("settings.saved", name=t(f"setting.{name}"))
    actions.attempt(lambda: app.current().settings.save(me(), name, value), done, field=key)


def widget(name: str, field: FieldInfo, value: Any, *, locked: bool) -> None:
    # The value is part of the key: the widget follows a change made elsewhere, and a refused input stays to be corrected.
    key = _key(name, value)
    if is_secret(name):
        _secret(name, field, value)
        return
    if name in PICKERS:
        PICKERS[name](value, lambda chosen: _put(name, chosen, key), locked=locked)
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
    elif name in LISTS:
        listed = list(dict.fromkeys((*LISTS[name], value)))
        st.selectbox(label, listed, listed.index(value), format_func=option_label, accept_new_options=True, **common)
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
        words = [] if source == "default" else [origin(source)]
        if locked:
            words.append(t("settings.locked", variable=plain(environment_name(name))))
        if facts(field)["restart"]:
            words.append(t("settings.restart"))
        if not words:
            return
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
