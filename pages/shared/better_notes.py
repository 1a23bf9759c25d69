"""Better notes that wait for the language model: one quiet line, which says what they wait for and leads to where it is settled.

castmind.queue.held ─▶ conditions ─┬─▶ of_all: the number of episodes, at the top of the library and the queue
a waiting job ─────────────────────┴─▶ of_one: under the title of its episode
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from pages.shared import jobs
from pages.text import has, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.jobs.job import Job

# Where the page of the link is opened.
_PLACES = {"settings": {"group": "notes"}, "status": {}}


def of_all() -> None:
    """Say how many episodes get better notes, and when; nothing while none waits."""
    for words, error in _held():
        _line(words, error)


def said() -> list[str]:
    """Return what `of_all` says."""
    return [words for words, _ in _held()]


def _held() -> Iterator[tuple[str, Mapping[str, Any]]]:
    held = [each for each in app.current().queue.held(me()) if each.better_notes]
    if held:
        code = held[0].code if has(f"better.{held[0].code}") else "later"
        yield t(f"better.{code}", n=f"{sum(each.count for each in held):,}"), held[0].error


def of_one(job: Job) -> None:
    error = job.error or {}
    code = error.get("code")
    _line(t(f"better_one.{code}" if has(f"better_one.{code}") else "better_one.later"), error)


def _line(words: str, error: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="better-notes"):
        st.caption(words, width="content")
        page = jobs.remedy_page(error)
        if page:
            st.page_link(f"{page}/page.py", label=t(f"better.to_{page}"), query_params=_PLACES[page])
