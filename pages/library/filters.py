"""The library's filters and sort order: widgets whose values are kept in the URL.

    ?q= feed= state= tag= language= unread=1 starred=1 trash=1 sort=   ◀─▶   Choice(Filter, Sort)

Every active filter is named above the list, with a button that removes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter, Sort
from core.domain.jobs.job import State
from pages.shared import formats, url_state
from pages.shared.escape_markdown import plain
from pages.shared.filter_field import filter_field
from pages.text import has, t
from pages.visitor import me

CHOICES = ("feed", "state", "tag", "language")
SWITCHES = ("unread", "starred")


@dataclass(frozen=True, slots=True)
class LibraryChoice:
    """The filters and the sort order. `holding`: the active filters, each with the text that describes its value."""

    wanted: Filter
    sort: Sort = Sort.NEWEST
    holding: Mapping[str, str] | None = None


def draw() -> LibraryChoice:
    if _in_trash():
        return _trash()
    options = {"feed": _feeds(), "state": _states(), "tag": _tags(), "language": _languages()}
    with st.container(horizontal=True, vertical_alignment="center", key="library-filters"):
        query = _words()
        held = _held(options)
        with st.popover(
            t("library.filters_n", n=len(held)) if held else t("library.filters"),
            icon=":material/filter_list:",
            type="primary" if held else "secondary",
        ):
            picked = {name: _pick(name, options[name]) for name in CHOICES}
            switched = {name: _switch(name) for name in SWITCHES}
        sort = _sort()
        _way_to_trash()
    holding = _holding(options, query, picked, switched)
    _ways_out(holding)
    wanted = Filter(
        feed_id=_number(picked["feed"]),
        state=State(picked["state"]) if picked["state"] else None,
        tag=_number(picked["tag"]),
        language=picked["language"] or None,
        unread=True if switched["unread"] else None,
        starred=True if switched["starred"] else None,
        text=query,
    )
    return LibraryChoice(wanted, sort, holding)


# --- the widgets --------------------------------------------------------------------------------------


def _words() -> str:
    return filter_field.draw("q", "library.q", label=t("library.search"), hint=t("library.search.hint"))


def _pick(name: str, options: Mapping[str, str]) -> str:
    key = f"library.{name}"
    url_state.begin(name, key, options.__contains__)
    chosen = st.selectbox(t(f"library.{name}"), list(options), key=key, format_func=lambda value: options.get(value, value))
    return url_state.keep(name, key, chosen or "", options.__contains__)


def _switch(name: str) -> bool:
    key = f"library.{name}"
    asked = st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(f"{key}.asked") != asked:
        st.session_state[key] = asked == "1"
    on = st.toggle(t(f"library.{name}"), key=key)
    if on != (asked == "1"):
        if on:
            st.query_params[name] = "1"
        else:
            st.query_params.pop(name, None)
    st.session_state[f"{key}.asked"] = st.query_params.get(name, "")
    return on


def _sort() -> Sort:
    key, names = "library.sort", [sort.value for sort in Sort]
    url_state.begin("sort", key, names.__contains__, Sort.NEWEST.value)
    chosen = st.selectbox(
        t("library.sort"),
        names,
        key=key,
        format_func=lambda name: t(f"library.sort.{name}"),
        label_visibility="collapsed",
        width=190,
    )
    return Sort(url_state.keep("sort", key, chosen or Sort.NEWEST.value, names.__contains__, Sort.NEWEST.value))


def _number(value: str) -> int | None:
    return int(value) if value else None


# --- the options ------------------------------------------------------------------------------------------


def _feeds() -> dict[str, str]:
    return {"": t("library.any_feed")} | {
        str(row.feed.id): plain(row.feed.title, 80) for row in app.current().subscriptions.listing(me())
    }


def _states() -> dict[str, str]:
    return {"": t("library.any_state")} | {state.value: t(f"state.{state.value}") for state in State}


def _tags() -> dict[str, str]:
    return {"": t("library.any_tag")} | {str(tag.id): f"#{plain(tag.name, 60)}" for tag in app.current().bulk_actions.tags(me())}


def _languages() -> dict[str, str]:
    return {"": t("library.any_language")} | {code: language_name(code) for code in app.current().library.languages(me())}


def language_name(code: str) -> str:
    key = f"language.{code}"
    return t(key) if has(key) else code


# --- active filters, and how to remove them ---------------------------------------------------------------


def _held(options: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the popover's active filters, before their widgets are drawn: the popover's label shows their number."""
    chosen = [name for name in CHOICES if st.query_params.get(name, "") in list(options[name])[1:]]
    return chosen + [name for name in SWITCHES if st.query_params.get(name) == "1"]


def _holding(
    options: Mapping[str, Mapping[str, str]], query: str, picked: Mapping[str, str], switched: Mapping[str, bool]
) -> dict[str, str]:
    found = {"q": f"“{plain(query, 60)}”"} if query else {}
    found |= {name: formats.pair(t(f"library.{name}"), options[name][value]) for name, value in picked.items() if value}
    return found | {name: t(f"library.{name}") for name, on in switched.items() if on}


def _ways_out(holding: Mapping[str, str]) -> None:
    if not holding:
        return
    with st.container(horizontal=True, key="library-holding", gap="small"):
        for name, words in holding.items():
            st.button(words, key=f"library.drop.{name}", icon=":material/close:", on_click=drop, args=(name,))


def drop(name: str) -> None:
    """Remove one filter from the URL; its widget follows."""
    st.query_params.pop(name, None)


# --- the trash ------------------------------------------------------------------------------------------


def _in_trash() -> bool:
    return st.query_params.get("trash") == "1"


def _way_to_trash() -> None:
    count = app.current().library.count(me(), Filter(deleted=True))
    if count:
        st.button(
            t("library.trash_n", n=count),
            key="library.to_trash",
            type="tertiary",
            icon=":material/delete:",
            on_click=_turn,
            args=(True,),
        )


def _turn(to_trash: bool) -> None:
    for name in ("q", *CHOICES, *SWITCHES, "sort"):
        st.query_params.pop(name, None)
    if to_trash:
        st.query_params["trash"] = "1"
    else:
        st.query_params.pop("trash", None)


def _trash() -> LibraryChoice:
    with st.container(horizontal=True, vertical_alignment="center", key="library-filters"):
        st.button(t("library.back"), key="library.from_trash", icon=":material/arrow_back:", on_click=_turn, args=(False,))
        st.caption(t("library.trash.body"))
    return LibraryChoice(Filter(deleted=True))
