"""Retention settings, for a feed or for all: a preview of the deletions, and the record of past ones.

choices (not saved while being changed) ─▶ preview ─▶ save        the record: when, what, why, how much
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from core.domain.episodes.retention import Audio, Episodes, Rule
from core.services.library import retention as rules
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.retention import RetentionRecord
    from core.services.library.retention import Preview

SHOWN = 20
# A string, not None: with None among the options, Streamlit would let the reader clear the selection.
AS_SET = "as_set"
MOST = 100_000
# The setting's name for each part of a rule.
SETTINGS = {
    "audio": "keep_audio",
    "audio_days": "keep_audio_days",
    "episodes": "keep_episodes",
    "newest": "keep_newest",
    "days": "keep_days",
}


# --- for one feed -------------------------------------------------------------------------------


def of_feed(feed_id: int) -> None:
    keeping = app.current().retention
    found = keeping.rule(me(), feed_id)
    saved = {name: getattr(found.choice, name) for name in SETTINGS} | {"publisher_transcript": found.publisher_transcript}
    general = keeping.overall(me())
    st.markdown(f"**{t('settings.group.keeping')}**")
    chosen = _rule(f"keep.{feed_id}", found.rule, saved, general)
    setting = app.current().settings.values.publisher_transcript
    chosen["publisher_transcript"] = _choice(
        t("setting.publisher_transcript"), f"keep.publisher.{feed_id}", rules.TRANSCRIPTS, found.publisher_transcript, setting
    )
    changed = {name: value for name, value in chosen.items() if value != saved[name]}
    _look_ahead(keeping.preview(me(), feed_id=feed_id, choice=changed))
    _save(f"keep.save.{feed_id}", changed, lambda: keeping.set_rule(me(), feed_id, changed))


def _rule(key: str, rule: Rule, saved: Mapping[str, Any], general: Rule) -> dict[str, Any]:
    """Draw the rule's widgets and return the choice; a number is asked for only if the selected word needs one."""
    chosen = dict(saved)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen["audio"] = _choice(t("setting.keep_audio"), f"{key}.audio", tuple(Audio), saved["audio"], general.audio)
        if (chosen["audio"] or general.audio) == Audio.DAYS and chosen["audio"]:
            chosen["audio_days"] = _number(t("setting.keep_audio_days"), f"{key}.audio_days", 0, rule.audio_days)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = tuple(Episodes)
        chosen["episodes"] = _choice(t("setting.keep_episodes"), f"{key}.episodes", words, saved["episodes"], general.episodes)
        if chosen["episodes"] == Episodes.NEWEST:
            chosen["newest"] = _number(t("keep.newest"), f"{key}.newest", 1, rule.newest)
        if chosen["episodes"] == Episodes.DAYS:
            chosen["days"] = _number(t("setting.keep_days"), f"{key}.days", 1, rule.days)
    return chosen


def _choice(label: str, key: str, words: tuple[str, ...], saved: str | None, general: str) -> str | None:
    def said(word: str) -> str:
        return t("keep.as_set", what=t(f"option.{general}")) if word == AS_SET else t(f"option.{word}")

    options = [AS_SET, *(str(word) for word in words)]
    at = options.index(saved or AS_SET)
    chosen = st.selectbox(label, options, at, format_func=said, key=f"{key}.{saved}", width=340)
    return None if chosen == AS_SET else str(chosen)


def _number(label: str, key: str, least: int, value: int) -> int:
    return int(st.number_input(label, least, MOST, value, key=f"{key}.{value}", width=220))


# --- for all feeds ------------------------------------------------------------------------------


def of_all(help_of: Callable[[str], str]) -> None:
    """Draw the settings of this group, which are saved together. `help_of` returns a setting's help text."""
    preferences = app.current().settings
    values = preferences.values
    chosen: dict[str, Any] = {}
    locked = {name for name in (*SETTINGS.values(), "media_gb") if preferences.loaded.locked(name)}

    def common(name: str) -> dict[str, Any]:
        value = getattr(values, name)
        return {"key": f"setting.{name}.{value}", "disabled": name in locked, "help": help_of(name), "width": 340}

    def word(name: str, words: tuple[str, ...]) -> str:
        options = [str(each) for each in words]
        at = options.index(getattr(values, name))
        return str(st.selectbox(t(f"setting.{name}"), options, at, format_func=lambda w: t(f"option.{w}"), **common(name)))

    def number(name: str, least: int) -> int:
        return int(st.number_input(t(f"setting.{name}"), least, MOST, getattr(values, name), **common(name)))

    st.caption(t("keep.protected"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen["keep_audio"] = word("keep_audio", tuple(Audio))
        if chosen["keep_audio"] == Audio.DAYS:
            chosen["keep_audio_days"] = number("keep_audio_days", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen["keep_episodes"] = word("keep_episodes", tuple(Episodes))
        if chosen["keep_episodes"] == Episodes.NEWEST:
            chosen["keep_newest"] = number("keep_newest", 1)
        if chosen["keep_episodes"] == Episodes.DAYS:
            chosen["keep_days"] = number("keep_days", 1)
    budget = st.number_input(t("setting.media_gb"), 0.0, value=values.media_gb, step=1.0, format="%g", **common("media_gb"))
    chosen["media_gb"] = float(budget)
    if locked:
        st.caption(t("settings.locked", variable=formats.listed(f"`CASTMIND_{name.upper()}`" for name in sorted(locked))))
    changed = {name: value for name, value in chosen.items() if value != getattr(values, name)}
    preview = app.current().retention.preview(me(), settings=changed)
    _look_ahead(preview)
    with st.container(horizontal=True):
        _save("keep.save", changed, lambda: [preferences.save(me(), name, value) for name, value in changed.items()])
        if not changed and (preview.audio or preview.episodes):
            actions.button(
                t("keep.now"),
                partial(app.current().retention.apply, me()),
                key="keep.now",
                icon=":material/mop:",
                done=t("keep.went"),
            )
    _history(app.current().retention.history(me(), SHOWN))


# --- preview ------------------------------------------------------------------------------------


def _look_ahead(preview: Preview) -> None:
    if not (preview.audio or preview.episodes):
        st.caption(f":material/check: {t('keep.nothing')}")
    else:
        audio = t("keep.audio_one") if preview.audio == 1 else t("keep.audio", n=preview.audio)
        episodes = t("keep.episodes_one") if preview.episodes == 1 else t("keep.episodes", n=preview.episodes)
        parts = [episodes if preview.episodes else "", audio if preview.audio else ""]
        what = t("keep.and").join(part for part in parts if part)
        st.markdown(f":orange[:material/mop:] {t('keep.would', what=what, size=formats.size(preview.bytes))}")
        with st.expander(t("keep.which")):
            lines = [_named(each.title, each.what, each.why, each.bytes) for each in preview.first]
            more = preview.audio + preview.episodes > len(preview.first)
            st.markdown("\n".join(f"- {line}" for line in [*lines, *(["…"] if more else [])]))
    if preview.over:
        st.warning(t("keep.over", size=formats.size(preview.over)), icon=":material/warning:")


def _named(title: str, what: str, why: str, size: int) -> str:
    return f"**{plain(title, 120)}** · {_facts(what, why, size)}"


def _facts(what: str, why: str, size: int) -> str:
    facts = [t(f"keep.what.{what}"), t(f"keep.why.{why}"), formats.size(size) if size else ""]
    return " · ".join(fact for fact in facts if fact)


def _save(key: str, changed: Mapping[str, Any], save: Callable[[], object]) -> None:
    actions.button(t("keep.save"), save, key=key, type="primary", disabled=not changed, done=t("keep.saved"))


# --- the record ---------------------------------------------------------------------------------


def _history(records: list[RetentionRecord]) -> None:
    st.header(t("keep.history"), anchor=False)
    if not records:
        st.caption(t("keep.history.none"))
    for record in records:
        with st.container(gap=None):
            label = f"**{plain(record.title, 120)}**"
            st.page_link("episode/page.py", label=label, query_params={"id": str(record.episode_id)})
            st.caption(f"{formats.time_of(record.at)} · {_facts(record.what, record.why, record.bytes)}")
