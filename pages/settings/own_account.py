"""The reader's own account: password, second factor, sessions, API tokens, signing out.

no password yet ─▶ set one: the page is left for the sign-in page
a password      ─▶ change it │ second factor: QR code ─▶ a code proves it │ open sessions │ tokens, whose secret is shown once
"""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from core import app
from core.domain.accounts import user_agent
from core.domain.accounts.role import TokenScope
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.accounts.user import ApiToken, BrowserSession, User

_SECRET, _OFFER = "account.token_secret", "account.totp_offer"
DAYS = (30, 90, 365, 0)


def draw() -> None:
    user = app.current().accounts.me(me())
    st.header(t("account.you"), anchor=False)
    if not user.password:
        st.caption(t("account.no_password"))
        _password(user)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("account.signed_in", name=plain(user.name), role=t(f"role.{user.role.word}")))
        st.link_button(t("sign_in.out"), "/sign-out")
    with st.expander(t("account.password.change")):
        _password(user)
    with st.expander(t("account.totp.on" if user.totp else "account.totp.off")):
        _second_factor(user)
    _identity()
    with st.expander(t("account.sessions")):
        _sessions()
    with st.expander(t("account.tokens"), expanded=_SECRET in st.session_state):
        _tokens()


# --- password ---------------------------------------------------------------------------------------


def _password(user: User) -> None:
    present, new, again = "account.present", "account.new", "account.again"

    def change() -> None:
        given = {key: str(st.session_state.get(key, "")) for key in (present, new, again)}
        if given[new] != given[again]:
            actions.complain(t("account.password.differ"))
            return
        if actions.attempt(
            lambda: app.current().accounts.change_own_password(me(), given[present], given[new]), t("account.password.changed")
        ):
            st.session_state.update(dict.fromkeys(given, ""))

    with st.form("account-password", border=False, enter_to_submit=False):
        if user.password:
            st.text_input(t("account.password.present"), type="password", key=present, autocomplete="current-password")
        st.text_input(
            t("account.password.new"), type="password", key=new, autocomplete="new-password", help=t("sign_in.new_password.help")
        )
        st.text_input(t("account.password.again"), type="password", key=again, autocomplete="new-password")
        st.form_submit_button(t("account.password.save"), on_click=change, type="primary")


# --- second factor ----------------------------------------------------------------------------------


def _second_factor(user: User) -> None:
    accounts = app.current().accounts
    if user.totp:
        st.caption(t("account.totp.on.body"))
        st.text_input(
            t("account.password.present"), type="password", key="account.totp_password", autocomplete="current-password"
        )
        end = lambda: accounts.end_totp(me(), str(st.session_state.get("account.totp_password", "")))  # noqa: E731
        actions.button(t("account.totp.end"), end, key="account.totp_end", done=t("account.totp.ended"))
        return
    st.caption(t("account.totp.body"))
    offer: tuple[str, str] | None = st.session_state.get(_OFFER)
    if offer is None:
        begin = lambda: st.session_state.update({_OFFER: accounts.begin_totp(me())})  # noqa: E731
        actions.button(t("account.totp.begin"), begin, key="account.totp_begin")
        return
    secret, picture = offer
    st.image(f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}", width=220)
    st.caption(t("account.totp.by_hand", secret=secret))

    def confirm() -> None:
        code = str(st.session_state.get("account.totp_code", ""))
        if actions.attempt(lambda: accounts.confirm_totp(me(), code), t("account.totp.confirmed")):
            st.session_state.pop(_OFFER, None)

    st.text_input(t("sign_in.app_code"), key="account.totp_code", autocomplete="one-time-code", max_chars=8)
    st.button(t("account.totp.confirm"), on_click=confirm, key="account.totp_confirm", type="primary")


# --- account at the sign-in provider ---------------------------------------------------------------


def _identity() -> None:
    provider, identities = app.current().provider_sign_in.name, app.current().identities
    linked = identities.own(me())
    if not provider and not linked:
        return
    name = provider or urlsplit(linked[0].issuer).hostname or linked[0].issuer
    with st.expander(t("account.identity", name=plain(name))):
        if linked:
            label = ", ".join(plain(each.label) or t("sign_in.no_label") for each in linked)
            st.markdown(t("account.identity.linked", label=label))
        else:
            st.caption(t("account.identity.body", name=plain(name)))
        with st.container(horizontal=True):
            if provider:
                words = t("account.identity.relink" if linked else "account.identity.link")
                st.link_button(words, "/sign-in/provider?link=1")
            if linked:
                actions.button(
                    t("account.identity.unlink"),
                    lambda: identities.unlink(me()),
                    key="account.identity_unlink",
                    done=t("account.identity.unlinked"),
                )


# --- sessions ---------------------------------------------------------------------------------------


def _sessions() -> None:
    accounts, present = app.current().accounts, me().session_id
    listed = accounts.own_sessions(me())
    for each in listed:
        session_row(each, present=each.id == present, end=partial(accounts.revoke_session, me(), each.id))
    if len(listed) > 1:
        actions.button(
            t("account.sessions.end_others"), lambda: accounts.revoke_other_sessions(me()), key="account.sessions_end_others"
        )


def session_row(row: BrowserSession, *, present: bool, end: partial[None] | None = None) -> None:
    """Draw a session: the browser, the address, and when it was used."""
    with st.container(horizontal=True, vertical_alignment="center"):
        here = t("account.sessions.here") if present else formats.time_of(row.seen_at)
        name = plain(user_agent.name_of(row.agent)) or t("account.sessions.no_name")
        st.markdown(f"{name}  \n{plain(row.address)} · {here}", width="stretch")
        if end is not None and not present:
            actions.button(t("account.sessions.end"), end, key=f"account.session.{row.id}")


# --- API tokens -------------------------------------------------------------------------------------


def _tokens() -> None:
    accounts = app.current().accounts
    st.caption(t("account.tokens.body"))
    if secret := st.session_state.pop(_SECRET, None):
        st.success(t("account.tokens.made"))
        st.code(secret, language=None, wrap_lines=True)
    for each in accounts.own_tokens(me()):
        _token_row(each)
    scopes = [scope for scope in TokenScope if scope.value <= me().role.value]

    def make() -> None:
        chosen, days = st.session_state["account.token_scope"], st.session_state["account.token_days"]
        made: list[str] = []
        name = str(st.session_state.get("account.token_name", ""))
        if actions.attempt(lambda: made.append(accounts.add_token(me(), name, chosen, days=days or None)[0])):
            st.session_state[_SECRET] = made[0]
            st.session_state["account.token_name"] = ""

    st.text_input(t("account.tokens.name"), key="account.token_name", placeholder=t("account.tokens.example"))
    with st.container(horizontal=True):
        st.selectbox(
            t("account.tokens.scope"), scopes, key="account.token_scope", format_func=lambda scope: t(f"token_scope.{scope.word}")
        )
        st.selectbox(t("account.tokens.lasts"), DAYS, key="account.token_days", index=1, format_func=_lasts)
    st.button(t("account.tokens.make"), on_click=make, key="account.token_make")


def _lasts(days: int) -> str:
    return t("account.tokens.days", n=days) if days else t("account.tokens.for_ever")


def _token_row(row: ApiToken) -> None:
    used = t("account.tokens.used", when=formats.time_of(row.used_at)) if row.used_at else t("account.tokens.unused")
    ends = t("account.tokens.ends", when=formats.date(row.ends_at)) if row.ends_at else t("account.tokens.for_ever")
    with st.container(horizontal=True, vertical_alignment="center"):
        named = f"**{plain(row.name)}** · …{plain(row.hint)} · {t(f'token_scope.{row.scope.word}')}"
        st.markdown(f"{named}  \n{used} · {ends}", width="stretch")
        actions.button(
            t("account.tokens.revoke"),
            partial(app.current().accounts.revoke_token, me(), row.id),
            key=f"account.token.{row.id}",
            done=t("account.tokens.revoked"),
        )
