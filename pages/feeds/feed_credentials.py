"""The credentials of a private feed: entered when it is added or later, changed, forgotten; no secret is ever shown again.

fields ─▶ typed text ─▶ credentials_of(url) ─▶ Subscriptions.add or set_credentials
draw   the card's part: the kind of credentials ─▶ fields (secrets left empty stay) ─▶ save, forget
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.feeds.feed_address import typed
from core.domain.feeds.feed_credentials import FeedCredentials, nothing_entered, typed_headers
from core.errors import AccessLost, AccessRefused
from pages.feeds import feed_work
from pages.shared import actions
from pages.text import error_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.services.feeds.subscriptions import FeedRow

LONGEST = 4000
# The keys of the fields, in the order of Typed.
FIELDS = ("user", "password", "token", "headers", "agent", "hosts")


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """The values of the fields."""

    user: str
    password: str
    token: str
    headers: str
    user_agent: str
    hosts: str

    def credentials_of(self, url: str) -> FeedCredentials | None:
        """Return the credentials, or None when nothing was entered. Raises BadAccess."""
        made = FeedCredentials.of(
            typed(url),
            user=self.user.strip(),
            password=self.password,
            token=self.token,
            headers=typed_headers(self.headers),
            user_agent=self.user_agent,
            hosts=self.hosts.replace(",", " ").split(),
        )
        return made if made.kind else None


def fields(key: str, there: FeedCredentials | None = None) -> None:
    """Draw the fields; call it inside a form. The secrets of the saved credentials `there` stay hidden."""
    kept = t("feeds.access.kept")
    left, right = st.columns(2)
    left.text_input(t("feeds.access.user"), there.user if there else "", key=f"{key}.user", max_chars=LONGEST, autocomplete="off")
    right.text_input(
        t("feeds.access.password"),
        type="password",
        key=f"{key}.password",
        max_chars=LONGEST,
        autocomplete="new-password",
        placeholder=kept if there and there.password else None,
    )
    st.text_input(
        t("feeds.access.token"),
        type="password",
        key=f"{key}.token",
        max_chars=LONGEST,
        autocomplete="new-password",
        help=t("feeds.access.token.help"),
        placeholder=kept if there and there.token else None,
    )
    named = "\n".join(f"{name}: " for name, _ in there.headers) if there else ""
    st.text_area(t("feeds.access.headers"), named, key=f"{key}.headers", height=68, help=t("feeds.access.headers.help"))
    left, right = st.columns(2)
    left.text_input(t("feeds.access.agent"), there.user_agent if there else "", key=f"{key}.agent", max_chars=LONGEST)
    right.text_input(
        t("feeds.access.hosts"), " ".join(there.hosts) if there else "", key=f"{key}.hosts", help=t("feeds.access.hosts.help")
    )


def entered(key: str) -> Typed:
    """Return the current values of the fields drawn with that key. For a callback."""
    return Typed(*(str(st.session_state.get(f"{key}.{field}") or "") for field in FIELDS))


def clear(key: str) -> None:
    """Empty the fields of a new feed, so that no password stays in the page. For a callback."""
    for field in FIELDS:
        st.session_state[f"{key}.{field}"] = ""


def draw(row: FeedRow) -> None:
    feed = row.feed
    # New fields after each change, so that no password stays in the page.
    key = f"feed.access.{feed.id}.{st.session_state.setdefault(_turn(feed.id), 0)}"
    with st.expander(t("feeds.access"), icon=":material/lock:", expanded=_wanted(row)):
        there = _there(feed.id)
        st.caption(t(f"feeds.access.is.{row.credentials.value}") if row.credentials else t("feeds.access.none"))
        with st.form(key, border=False):
            fields(key, there)
            actions.fault(key)
            with st.container(horizontal=True):
                # Callbacks: a rerun at the same moment, because a feed was read, would lose a click.
                st.form_submit_button(t("feeds.access.save"), key=f"{key}.save", on_click=_save, args=(feed.id, feed.url, key))
                if row.credentials:
                    icon = ":material/lock_open:"
                    st.form_submit_button(
                        t("feeds.access.forget"), key=f"{key}.forget", icon=icon, on_click=_forget, args=(feed.id,)
                    )


def _turn(feed_id: int) -> str:
    return f"feed.access.turn.{feed_id}"


def _wanted(row: FeedRow) -> bool:
    """Return whether to open the part: the feed has credentials, or its publisher asks for them."""
    return row.credentials is not None or (row.feed.error or {}).get("code") == AccessRefused.code


def _there(feed_id: int) -> FeedCredentials | None:
    try:
        return app.current().subscriptions.credentials(me(), feed_id)
    except AccessLost as lost:
        st.warning(error_text(lost.to_dict()), icon=":material/key_off:")
        return None


def _save(feed_id: int, url: str, key: str) -> None:
    given = entered(key)

    def save() -> None:
        credentials = given.credentials_of(url)
        if credentials is None and app.current().subscriptions.get(me(), feed_id).credentials is None:
            raise nothing_entered()
        # Saving empty fields keeps a token; the other button removes it.
        app.current().subscriptions.set_credentials(me(), feed_id, credentials or FeedCredentials.of(url))

    if actions.attempt(save, t("feeds.access.saved"), field=key):
        _read_again(feed_id)


def _forget(feed_id: int) -> None:
    if actions.attempt(lambda: app.current().subscriptions.set_credentials(me(), feed_id, None), t("feeds.access.forgotten")):
        _read_again(feed_id)


def _read_again(feed_id: int) -> None:
    """Read the feed here, besides the scheduler's read: this page waits for the result and reports it."""
    st.session_state[_turn(feed_id)] += 1
    actions.attempt(lambda: feed_work.read(app.current().refresh.ask(me(), [feed_id])))
