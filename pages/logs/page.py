"""Logs: search with filters, newest first; live; as a file; how much each module logs.

URL: ?text= ?kind= ?level= ?span= and, from a job, an episode or a request, ?job= ?episode= ?request=
    ─▶ LogQuery ─▶ castmind.logs.search ─▶ lines, a page at a time
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from core import app
from core.domain.log_kinds import LogKind
from core.ops.logs.log_query import LEVELS, LogCursor, LogQuery
from pages.logs import levels, log_lines
from pages.shared import actions, auto_refresh, formats, url_state
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

LINES = 100
SPANS = {"hour": 3600.0, "day": 86_400.0, "week": 7 * 86_400.0, "all": 0.0}
NUMBERS = ("job", "episode", "feed")
_CURSORS = "logs.cursors"
_SHOWN = "logs.shown"


def asked_ids(parameters: Mapping[str, str]) -> dict[str, int | str]:
    """Return the ids in the URL, by the name of their field; what is no id is passed over."""
    found: dict[str, int | str] = {f"{name}_id": int(parameters[name]) for name in NUMBERS if _is_id(parameters.get(name, ""))}
    if request := parameters.get("request", "")[:64]:
        found["request_id"] = request
    return found


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def query(kind: str, level: str, span: str, text: str, ids: Mapping[str, int | str], *, now: float) -> LogQuery:
    since = now - SPANS[span] if SPANS[span] else None
    kinds = () if kind == "all" else (LogKind(kind),)
    return LogQuery(kinds, level, since, text=text, **ids)  # type: ignore[arg-type]


def address(asked: LogQuery) -> str:
    """Return where the lines are as a file."""
    pairs: list[tuple[str, str | int]] = [("kind", kind.value) for kind in asked.kinds]
    pairs += [("level", asked.level), *asked.ids.items()]
    pairs += [("text", asked.text)] if asked.text else []
    pairs += [("since", datetime.fromtimestamp(asked.since, UTC).isoformat())] if asked.since is not None else []
    return f"/api/v1/logs/download?{urlencode(pairs)}"


def filters() -> LogQuery:
    kinds, spans = ("all", *LogKind), tuple(SPANS)
    ids = asked_ids(st.query_params)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        url_state.begin("text", "logs.text", lambda _: True)
        text = st.text_input(t("logs.text"), key="logs.text", max_chars=200)
        kind = _chosen("kind", kinds, "all", t("logs.kind"))
        level = _chosen("level", LEVELS, "info", t("logs.level"))
        span = _chosen("span", spans, "all" if ids else "day", t("logs.span"))
    url_state.keep("text", "logs.text", text, lambda _: True)
    if ids:
        with st.container(horizontal=True, vertical_alignment="center"):
            named = formats.listed(f"{t(f'logs.about.{name}')} {plain(str(value))}" for name, value in ids.items())
            st.markdown(t("logs.only", about=named), width="content")
            st.button(t("logs.everything"), key="logs.everything", icon=":material/close:", type="tertiary", on_click=_forget_ids)
    return query(kind, level, span, text.strip(), ids, now=time.time())


def _chosen(name: str, options: tuple[str, ...], default: str, label: str) -> str:
    key = f"logs.{name}"
    url_state.begin(name, key, options.__contains__, default)
    chosen = st.selectbox(label, options, key=key, format_func=lambda each: t(f"logs.{name}.{each}"))
    return url_state.keep(name, key, chosen, options.__contains__, default)


def _forget_ids() -> None:
    for name in (*NUMBERS, "request"):
        st.query_params.pop(name, None)


def lines(asked: LogQuery) -> None:
    """Draw a page of lines, and the ways to older and newer ones."""
    same = (asked.kinds, asked.level, asked.text, tuple(asked.ids.items()))
    if st.session_state.get(_SHOWN) != same:
        st.session_state[_SHOWN], st.session_state[_CURSORS] = same, []
    cursors: list[str] = st.session_state[_CURSORS]
    page = app.current().logs.search(me(), asked, limit=LINES, cursor=LogCursor.parse(cursors[-1]) if cursors else None)
    if page.lines:
        log_lines.draw(page.lines)
    elif page.reached is None:
        st.info(t("logs.none"), icon=":material/search_off:")
    if page.reached is not None:
        st.caption(t("logs.reached", time=plain(log_lines.when(page.reached))))
    with st.container(horizontal=True):
        if cursors:
            st.button(t("logs.newer"), key="logs.newer", icon=":material/arrow_back:", on_click=_newer)
        if page.cursor:
            st.button(
                t("logs.older"), key="logs.older", icon=":material/arrow_forward:", on_click=_older, args=(str(page.cursor),)
            )


def _newer() -> None:
    st.session_state[_CURSORS].pop()


def _older(cursor: str) -> None:
    st.session_state[_CURSORS].append(cursor)


def draw() -> None:
    st.title(t("nav.logs"))
    asked = filters()
    with st.container(horizontal=True, vertical_alignment="center"):
        live = st.toggle(t("logs.live"), key="logs.live")
        st.link_button(t("logs.download"), address(asked), icon=":material/download:")
    auto_refresh.follow(lambda: lines(asked), lambda: auto_refresh.MOVING if live else None)
    levels.draw()
    actions.tell()


draw()
