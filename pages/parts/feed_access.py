"""What a private feed asks for: entered when it is added or later, changed, forgotten; no secret is ever shown again.

fields ─▶ typed text ─▶ access_of(url) ─▶ Subscriptions.add or set_access
draw   the card's part: what kind there is ─▶ fields (secrets left empty stay) ─▶ save, forget
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.access import Access, nothing_entered, typed_headers
from core.domain.feed_address import typed
from core.errors import AccessLost
from pages.parts import acting
from pages.text import error_text, t

if TYPE_CHECKING:
    from core.pipeline.subscriptions import FeedRow

LONGEST = 4000


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """What stands in the fields."""

    user: str
    password: str
    token: str
    headers: str
    user_agent: str
    hosts: str

    def access_of(self, url: str) -> Access | None:
        """None when nothing was entered. Raises BadAccess."""
        made = Access.of(
            typed(url),
            user=self.user.strip(),
            password=self.password,
            token=self.token,
            headers=typed_headers(self.headers),
            user_agent=self.user_agent,
            hosts=self.hosts.replace(",", " ").split(),
        )
        return made if made.kind else None


def fields(key: str, there: Access | None = None) -> Typed:
    """Draws the fields; call it inside a form. Of what is `there` the secrets stay hidden."""
    kept = t("feeds.access.kept")
    left, right = st.columns(2)
    user = left.text_input(
        t("feeds.access.user"), there.user if there else "", key=f"{key}.user", max_chars=LONGEST, autocomplete="off"
    )
    password = right.text_input(
        t("feeds.access.password"),
        type="password",
        key=f"{key}.password",
        max_chars=LONGEST,
        autocomplete="new-password",
        placeholder=kept if there and there.password else None,
    )
    token = st.text_input(
        t("feeds.access.token"),
        type="password",
        key=f"{key}.token",
        max_chars=LONGEST,
        autocomplete="new-password",
        help=t("feeds.access.token.help"),
        placeholder=kept if there and there.token else None,
    )
    named = "\n".join(f"{name}: " for name, _ in there.headers) if there else ""
    headers = st.text_area(t("feeds.access.headers"), named, key=f"{key}.headers", height=68, help=t("feeds.access.headers.help"))
    left, right = st.columns(2)
    agent = left.text_input(t("feeds.access.agent"), there.user_agent if there else "", key=f"{key}.agent", max_chars=LONGEST)
    hosts = right.text_input(
        t("feeds.access.hosts"), " ".join(there.hosts) if there else "", key=f"{key}.hosts", help=t("feeds.access.hosts.help")
    )
    return Typed(*(text or "" for text in (user, password, token, headers, agent, hosts)))


def draw(row: FeedRow) -> None:
    feed = row.feed
    there = _there(feed.id)
    # Fresh fields after each change, so that no password stays in the page.
    turn = st.session_state.setdefault(f"feed.access.turn.{feed.id}", 0)
    key = f"feed.access.{feed.id}.{turn}"
    st.markdown(f":material/lock: {t('feeds.access')}")
    st.caption(t(f"feeds.access.is.{row.access.value}") if row.access else t("feeds.access.none"))
    with st.form(key, border=False):
        given = fields(key, there)
        saved = st.form_submit_button(t("feeds.access.save"), key=f"{key}.save")
    if saved and acting.attempt(lambda: _save(feed.id, feed.url, given), t("feeds.access.saved")):
        st.session_state[f"feed.access.turn.{feed.id}"] = turn + 1
        st.rerun()
    if row.access and st.button(t("feeds.access.forget"), key=f"{key}.forget", icon=":material/lock_open:"):
        acting.attempt(lambda: app.current().subscriptions.set_access(feed.id, None), t("feeds.access.forgotten"))
        st.session_state[f"feed.access.turn.{feed.id}"] = turn + 1
        st.rerun()


def _there(feed_id: int) -> Access | None:
    try:
        return app.current().subscriptions.access(feed_id)
    except AccessLost as lost:
        st.warning(error_text(lost.to_dict()), icon=":material/key_off:")
        return None


def _save(feed_id: int, url: str, given: Typed) -> None:
    access = given.access_of(url)
    if access is None and app.current().subscriptions.get(feed_id).access is None:
        raise nothing_entered()
    # A token alone is kept by leaving all empty; taking it away is what the other button is for.
    app.current().subscriptions.set_access(feed_id, access or Access.of(url))
