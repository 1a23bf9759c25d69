"""A podcast as its feed describes it, before subscribing.

Preview ─▶ ask ─▶ castmind.feed_previews, with a spinner ─▶ kept in the session ─▶ a card below its form or result
The session holds no credentials: those of a private feed are read from the form again when the reader subscribes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.shortening import shortened
from core.services.feeds.preview import FeedPreview
from pages.feeds import cover
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.text.spoken_languages import LANGUAGES
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.feeds.feed import FeedEntry
    from core.services.feeds.discovery import FoundShows

DESCRIPTION = 500
_SEEN = "feeds.preview"


def look(place: str, url: str, credentials: FeedCredentials | None = None, *, field: str = "") -> None:
    """Fetch the preview for `place`, the key of a form or result, while the reader waits. An error stands at `field`, which was
    drawn already: the page runs again.
    """

    def fetch() -> None:
        st.session_state[_SEEN] = (place, app.current().feed_previews.look(me(), url, credentials))

    close()
    with st.spinner(t("feeds.preview.looking")):
        done = actions.attempt(fetch, field=field)
    if field and not done:
        st.rerun()


def close() -> None:
    st.session_state.pop(_SEEN, None)


def seen(place: str) -> FeedPreview | list[FoundShows] | None:
    """Return what was found for `place`: a preview, several shows of a web page, or None."""
    there, found = st.session_state.get(_SEEN, ("", None))
    return found if there == place else None


def draw(place: str, preview: FeedPreview) -> None:
    show = preview.show.candidate
    with st.container(border=True, key=f"preview-{place}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            cover.draw(f"/api/v1/discovery/covers/{preview.show.cover}")
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{plain(show.title or t('feeds.preview.untitled'), 200)}**")
                st.caption(facts(preview))
            st.button(
                t("feeds.preview.close"), key=f"preview.close.{place}", type="tertiary", icon=":material/close:", on_click=close
            )
        if preview.description:
            st.markdown(plain(shortened(preview.description, DESCRIPTION), DESCRIPTION + 10))
        for entry in preview.newest:
            st.markdown(line(entry))
        if preview.show.feed_id:
            query = {"id": str(preview.show.feed_id)}
            st.page_link("show/page.py", label=t("feeds.preview.subscribed"), query_params=query, icon=":material/check:")


def facts(preview: FeedPreview) -> str:
    """Return who makes the show, how many episodes its feed has, and its language, as Markdown."""
    show, code = preview.show.candidate, preview.language.lower()
    words = [plain(show.author, 120)] if show.author else []
    words.append(formats.episodes(show.episodes or 0))
    language = LANGUAGES.get(code) or LANGUAGES.get(code.partition("-")[0]) or plain(code, 20)
    return " · ".join([*words, *([language] if language else [])])


def line(entry: FeedEntry) -> str:
    """Return an episode's title, day and length as Markdown."""
    when = [formats.date(entry.published_at)] if entry.published_at else []
    length = [formats.clock(entry.duration)] if entry.duration else []
    return f"{plain(entry.title, 160)}  \n:gray[{' · '.join([*when, *length]) or t('feeds.preview.undated')}]"
