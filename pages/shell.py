"""The frame of every page: title and navigation. Streamlit runs this file first, then the requested page.

shell ─▶ the library is closed for a restore? ─▶ that page alone
   └──▶ st.navigation ─▶ library (the first) | feeds | search | highlights | queue | settings | status
                        └▶ episode?id=, show?id=, logs (by link only), design (in development only)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from core import app
from core.errors import CastMindError, Restoring, SignInNeeded
from pages.frame import breadcrumbs, navigation, palette, player_now
from pages.shared import actions, dialogs, restoring
from pages.shared.escape_markdown import plain
from pages.shared.uploader import tray
from pages.text import asked_language, error_text, language, t, texts
from pages.visitor import me

# A file: for an emoji or a symbol, Streamlit would fetch the picture from another host.
ICON = Path(__file__).with_name("icon.svg")


def pages() -> Iterable[st.Page]:
    yield st.Page("library/page.py", title=t("nav.library"), url_path="library", default=True)
    yield st.Page("search/page.py", title=t("nav.search"), url_path="search")
    yield st.Page("highlights/page.py", title=t("nav.highlights"), url_path="highlights")
    yield st.Page("queue/page.py", title=t("nav.queue"), url_path="queue")
    yield st.Page("feeds/page.py", title=t("nav.feeds"), url_path="feeds")
    yield st.Page("settings/page.py", title=t("nav.settings"), url_path="settings")
    yield st.Page("status/page.py", title=t("nav.status"), url_path="status")
    yield st.Page("schedules/page.py", title=t("schedules.title"), url_path="schedules", visibility="hidden")
    yield st.Page("doctor/page.py", title=t("doctor.title"), url_path="doctor", visibility="hidden")
    yield st.Page("logs/page.py", title=t("nav.logs"), url_path="logs", visibility="hidden")
    yield st.Page("show/page.py", title=t("nav.show"), url_path="show", visibility="hidden")
    yield st.Page("episode/page.py", title=t("nav.episode"), url_path="episode", visibility="hidden")
    if app.current().settings.values.env == "development":
        yield st.Page("design/page.py", title="design", url_path="design", visibility="hidden")


def say_choices_again() -> None:
    """Send the values of all widgets after the language has changed: a select box keeps the label of the language before."""
    before = st.session_state.get("shell.drawn_in")
    st.session_state["shell.drawn_in"] = language()
    if before in (None, language()):
        return
    for key, value in st.session_state.items():
        # Neither buttons (bool) nor files, whose state no program may set.
        if isinstance(value, str | int) and not isinstance(value, bool):
            st.session_state[key] = value


def run() -> None:
    try:
        me()
    except SignInNeeded:
        # The gate closes the page's connection; what is drawn meanwhile is this.
        words = texts(asked_language(st.context.locale or ""))
        st.warning(words["sign_in.ended"])
        st.link_button(words["sign_in.again"], "/sign-in")
        return
    page = st.navigation(list(pages()), position="hidden")
    away = restoring.library_is_away()
    place = breadcrumbs.PagePlace() if away else breadcrumbs.place(page.url_path)
    st.set_page_config(page_title=f"{place.title or page.title} · CastMind", page_icon=ICON, layout="wide")
    say_choices_again()
    navigation.draw(page.url_path or "library", place.above)
    if away:
        dialogs.close()  # the restored library may be another one
        restoring.draw()
        return
    player_now.draw(page.url_path)
    palette.draw()
    tray.draw(page.url_path)
    dialogs.begin()
    try:
        page.run()
    except Restoring:
        st.rerun()
    except CastMindError as error:
        st.error(plain(error_text(error.to_dict()), 1000), icon=":material/error:")
    dialogs.end()
    actions.tell()


run()
