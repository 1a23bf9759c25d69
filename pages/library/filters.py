"""The library's filters and sort order, as the URL has them.

    ?q= feed= state= tag= language= inbox=1 unread=1 starred=1 started=1 trash=1 sort=   ─▶   LibraryChoice(Filter, Sort)

The field and the chips (chips.py) change the URL.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter, Sort
from core.domain.jobs.job import State
from pages.library import chips
from pages.library.chips import Chip
from pages.shared import formats
from pages.shared.escape_markdown import plain
from pages.shared.filter_field import filter_field
from pages.text import has, t
from pages.visitor import me

CHOICES = ("feed", "tag", "state", "language")
# Those that have no chip of their own while they are not set.
APART = ("state", "language")
_OFFERED = "library.offered_tags"
SWITCHES = ("inbox", "unread", "starred", "started")


@dataclass(frozen=True, slots=True)
class LibraryChoice:
    """The filters and the sort order. `holding`: the active filters, each with the text that describes its value."""

    wanted: Filter
    sort: Sort = Sort.NEWEST
    holding: Mapping[str, str] | None = None


def draw() -> LibraryChoice:
    st.session_state[_OFFERED] = _tags()
    if _in_trash():
        return _trash()
    options = _options()
    query = filter_field.draw("q", "library.q", **field_words())
    picked = {name: _asked(name, options[name]) for name in CHOICES}
    switched = {name: st.query_params.get(name) == "1" for name in SWITCHES}
    sort = Sort(_asked("sort", [sort.value for sort in Sort]) or Sort.NEWEST.value)
    chips.draw(_row(options, picked, switched), sort=_sort(sort), trash=_way_to_trash())
    wanted = Filter(
        feed_id=_number(picked["feed"]),
        state=State(picked["state"]) if picked["state"] else None,
        tag=_number(picked["tag"]),
        language=picked["language"] or None,
        unread=True if switched["unread"] else None,
        starred=True if switched["starred"] else None,
        started=switched["started"],
        inbox=switched["inbox"],
        text=query,
    )
    return LibraryChoice(wanted, sort, _holding(options, query, picked, switched))


def outdated() -> bool:
    """Return whether tags came or went since the chips were drawn."""
    return bool(st.session_state[_OFFERED] != _tags())


def field_words() -> dict[str, str]:
    """Return the arguments of the field that tell what it is."""
    return {"label": t("library.search"), "hint": t("library.search.hint")}


def unset() -> dict[str, Any]:
    """Return the data of the chips while no filter is set."""
    row = _row(_options(), dict.fromkeys(CHOICES, ""), dict.fromkeys(SWITCHES, False))
    return chips.data(row, sort=_sort(Sort.NEWEST), trash=_way_to_trash())


def _options() -> dict[str, dict[str, str]]:
    return {"feed": _feeds(), "tag": _tags(), "state": _states(), "language": _languages()}


def _row(options: Mapping[str, Mapping[str, str]], picked: Mapping[str, str], switched: Mapping[str, bool]) -> list[Chip]:
    row = [Chip(name, _label(name), "1" if on else "") for name, on in switched.items()]
    return row + [Chip(name, t(f"library.{name}"), picked[name], options[name], name in APART) for name in CHOICES]


def _label(name: str) -> str:
    """Return the text of a chip; that of the inbox tells how many episodes wait there."""
    count = app.current().library.count(me(), Filter(inbox=True)) if name == "inbox" else 0
    return t("library.inbox_n", n=count) if count else t(f"library.{name}")


def _asked(name: str, known: Container[str]) -> str:
    """Return what the URL asks for; empty if there is no such value."""
    asked = st.query_params.get(name, "")
    return asked if asked in known else ""


def _sort(chosen: Sort) -> Chip:
    return Chip("sort", t("library.sort"), chosen.value, {sort.value: t(f"library.sort.{sort.value}") for sort in Sort})


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


# --- active filters -------------------------------------------------------------------------------------


def _holding(
    options: Mapping[str, Mapping[str, str]], query: str, picked: Mapping[str, str], switched: Mapping[str, bool]
) -> dict[str, str]:
    found = {"q": f"“{plain(query, 60)}”"} if query else {}
    found |= {name: formats.pair(t(f"library.{name}"), options[name][value]) for name, value in picked.items() if value}
    return found | {name: t(f"library.{name}") for name, on in switched.items() if on}


# --- the trash ------------------------------------------------------------------------------------------


def _in_trash() -> bool:
    return st.query_params.get("trash") == "1"


def _way_to_trash() -> str:
    count = app.current().library.count(me(), Filter(deleted=True))
    return t("library.trash_n", n=count) if count else ""


def _leave_trash() -> None:
    st.query_params.pop("trash", None)


def _trash() -> LibraryChoice:
    with st.container(horizontal=True, vertical_alignment="center", key="library-filters"):
        st.button(t("library.back"), key="library.from_trash", icon=":material/arrow_back:", on_click=_leave_trash)
        st.caption(t("library.trash.body"))
    return LibraryChoice(Filter(deleted=True))
