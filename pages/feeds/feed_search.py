"""Finding a podcast by words.

    words ─ Search ─▶ castmind.discovery ─▶ results, kept in the session ─▶ Subscribe ─▶ castmind.imports

Nothing is sent while the reader types: the button names the directory that receives the words, and only a click sends them.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import app
from core.domain.feeds.imports import LineState, Which
from core.errors import NotFound
from core.services.feeds.discovery import FoundShows
from core.services.feeds.preview import FeedPreview
from pages.feeds import cover, feed_preview, feed_work
from pages.feeds.feed_options import Wishes, wishes
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

NAMES = {Which.ITUNES: "Apple iTunes", Which.PODCAST_INDEX: "Podcast Index"}
_FOUND, _ASKED, _WANTED, _LOOKED = "feeds.found", "feeds.asked", "feeds.wanted", "feeds.looked"


def draw() -> None:
    directories = app.current().discovery.directories
    if not directories:
        st.info(t("feeds.search.none"), icon=":material/travel_explore:")
        return
    _form(directories)
    if _FOUND in st.session_state:
        _results(*st.session_state[_FOUND])


def _form(directories: Sequence[Which]) -> None:
    with st.form("feeds.search"):
        st.text_input(t("feeds.search.words"), key="feeds.search.words", max_chars=200, icon=":material/search:")
        actions.fault("feeds.search.words")
        if len(directories) > 1:
            where = t("feeds.search.where")
            st.radio(where, directories, format_func=NAMES.__getitem__, horizontal=True, key="feeds.search.which")
        st.caption(
            f":material/public: {t('feeds.search.leaves', name=t('feeds.search.or').join(NAMES[each] for each in directories))}"
        )
        go = t("feeds.search.go")
        st.form_submit_button(go, type="primary", icon=":material/search:", on_click=_ask, args=(directories[0],))
    if _WANTED in st.session_state:
        words, which = st.session_state[_WANTED]
        with st.spinner(t("feeds.search.asking", name=NAMES[which])):
            actions.attempt(lambda: _keep(words, which), field="" if words else "feeds.search.words")
        # Deleted only after the search: a rerun during it searches again.
        del st.session_state[_WANTED]


def _ask(first: Which) -> None:
    words = str(st.session_state.get("feeds.search.words") or "").strip()
    _close()
    st.session_state[_WANTED] = (words, st.session_state.get("feeds.search.which") or first)


def _keep(words: str, which: Which) -> None:
    st.session_state[_FOUND] = (words, which, app.current().discovery.search(me(), words, which))


def _results(words: str, which: Which, found: Sequence[FoundShows]) -> None:
    if not found:
        st.info(t("feeds.search.nothing", words=plain(words, 60), name=NAMES[which]), icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t('feeds.search.found', n=len(found), words=plain(words, 60))}**")
        st.button(t("feeds.search.close"), key="feeds.search.close", type="tertiary", icon=":material/close:", on_click=_close)
    values = app.current().settings.values
    _shows(found, wishes("feeds.search", values.backlog, auto=values.auto_transcribe))


def draw_shows(found: Sequence[FoundShows]) -> None:
    """Draw the podcasts of a web page, to subscribe with the values of the settings."""
    values = app.current().settings.values
    _shows(found, Wishes(values.backlog, values.auto_transcribe))


def _shows(found: Sequence[FoundShows], wanted: Wishes) -> None:
    there = {row.feed.url: row.feed.id for row in app.current().subscriptions.listing(me())}
    for number, each in enumerate(found):
        _result(number, each, there.get(each.candidate.url) or _asked_for(each.candidate.url), wanted)


def _close() -> None:
    st.session_state.pop(_FOUND, None)


def _asked_for(url: str) -> int | None:
    """Return the feed that a click on this result created; 0 while its import runs, None otherwise."""
    import_id = st.session_state.get(_ASKED, {}).get(url)
    try:
        line = app.current().imports.lines(me(), import_id, limit=1)[0] if import_id else None
    except (NotFound, IndexError):
        return None
    if line is None or line.state in (LineState.FAILED, LineState.CANCELLED, LineState.CHOICE):
        return None
    return line.feed_id or 0


def _result(number: int, found: FoundShows, feed_id: int | None, wanted: Wishes) -> None:
    each = found.candidate
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"found-{number}", gap="small"):
        cover.draw(f"/api/v1/discovery/covers/{found.cover}")
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(each.title, 160)}**")
            st.caption(_facts(each.author, each.episodes))
        if feed_id:
            st.page_link(
                "library/page.py", label=t("feeds.search.there"), query_params={"feed": str(feed_id)}, icon=":material/check:"
            )
        else:
            st.button(t("feeds.preview"), key=f"found.look.{number}", type="tertiary", on_click=_look, args=(each.url,))
            st.button(
                t("feeds.adding") if feed_id == 0 else t("feeds.add"),
                key=f"found.add.{number}",
                icon=":material/add:",
                disabled=feed_id == 0,
                on_click=_subscribe,
                args=(each.url, each.title, wanted),
            )
    if st.session_state.get(_LOOKED) == each.url:
        del st.session_state[_LOOKED]
        feed_preview.look(each.url, each.url)
    if isinstance(preview := feed_preview.seen(each.url), FeedPreview):
        feed_preview.draw(each.url, preview)


def _look(url: str) -> None:
    st.session_state[_LOOKED] = url


def _facts(author: str, episodes: int | None) -> str:
    words = [plain(author, 120)] if author else []
    return " · ".join(words + ([formats.episodes(episodes)] if episodes else [])) or t("feeds.search.unsaid")


def _subscribe(url: str, title: str, wanted: Wishes) -> None:
    def begin() -> None:
        begun = app.current().imports.add_address(me(), url, title=title, auto_transcribe=wanted.auto, backlog=wanted.backlog)
        st.session_state.setdefault(_ASKED, {})[url] = begun.id
        feed_work.imported(begun)

    actions.attempt(begin)
