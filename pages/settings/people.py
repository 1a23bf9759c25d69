"""The users of this CastMind, for admins: add, change, disable, delete; and the audit log.

list ─▶ a card a user: role, may sign in, new password, end sessions, delete ─▶ add one ─▶ the last entries of the audit log
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from core import app
from core.domain.accounts.actor import OWNER
from core.domain.accounts.role import Role
from pages.settings import fields
from pages.settings.own_account import session_row
from pages.shared import actions, dialogs, formats
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.accounts.audit import AuditEntry
    from core.domain.accounts.user import User

ROLES = list(Role)
ENTRIES = 50
_DELETE = "people.delete"


def draw() -> None:
    accounts = app.current().accounts
    if me().role < Role.ADMIN:
        return
    st.header(t("people.title"), anchor=False)
    st.caption(t("people.body"))
    users = accounts.listing(me())
    if any(user.password for user in users):
        for user in users:
            _card(user)
        _add()
    else:
        st.info(t("people.password_first"))
    _provider()
    dialogs.draw(_DELETE, lambda user: t("people.delete.title", name=plain(user.name)), _delete)
    _audit_log()


def _card(user: User) -> None:
    accounts = app.current().accounts
    facts = [t(f"role.{user.role.word}"), *([t("people.disabled")] if user.disabled else [])]
    facts += [t("people.totp")] if user.totp else []
    identities = app.current().identities
    linked = identities.of(me(), user.id)
    facts += [t("people.identity", name=plain(urlsplit(each.issuer).hostname or each.issuer)) for each in linked]
    facts += [t("people.seen", when=formats.time_of(user.seen_at))] if user.seen_at else []
    with st.expander(f"**{plain(user.name)}** · {' · '.join(facts)}"):
        mine = user.id == me().user_id
        _role(user)
        if not mine:
            _may_sign_in(user)
            _new_password(user)
            sessions = accounts.sessions_of(me(), user.id)
            for each in sessions:
                session_row(each, present=False)
            if sessions:
                end = partial(accounts.revoke_sessions_of, me(), user.id)
                actions.button(t("people.end_sessions"), end, key=f"people.end.{user.id}", done=t("people.sessions_ended"))
            if linked:
                unlink = partial(identities.unlink_of, me(), user.id)
                actions.button(t("people.unlink"), unlink, key=f"people.unlink.{user.id}", done=t("people.unlinked"))
        if not mine and user.id != OWNER.user_id:
            ask = partial(dialogs.ask, _DELETE, user)
            st.button(t("people.delete"), on_click=ask, key=f"people.delete.{user.id}", icon=":material/delete:")


def _role(user: User) -> None:
    key = f"people.role.{user.id}"

    def change() -> None:
        actions.attempt(lambda: app.current().accounts.change(me(), user.id, role=st.session_state[key]))

    st.selectbox(t("people.role"), ROLES, index=ROLES.index(user.role), key=key, format_func=_named, on_change=change)


def _named(role: Role) -> str:
    return t(f"role.{role.word}.long")


def _may_sign_in(user: User) -> None:
    key = f"people.may_sign_in.{user.id}"

    def change() -> None:
        actions.attempt(lambda: app.current().accounts.change(me(), user.id, disabled=not st.session_state[key]))

    st.toggle(t("people.may_sign_in"), value=not user.disabled, key=key, on_change=change)


def _new_password(user: User) -> None:
    key = f"people.password.{user.id}"

    def change() -> None:
        given = str(st.session_state.get(key, ""))
        if actions.attempt(lambda: app.current().accounts.reset_password(me(), user.id, given), t("people.password_set")):
            st.session_state[key] = ""

    st.text_input(
        t("people.new_password"), type="password", key=key, autocomplete="new-password", help=t("people.new_password.help")
    )
    st.button(t("people.set_password"), on_click=change, key=f"people.set_password.{user.id}")


def _delete(user: User) -> None:
    st.write(t("people.delete.body"))

    def go() -> None:
        actions.attempt(lambda: app.current().accounts.delete(me(), user.id), t("people.deleted", name=plain(user.name)))
        dialogs.close()

    with st.container(horizontal=True):
        st.button(t("people.delete"), on_click=go, type="primary", key="people.delete_yes")
        st.button(t("action.cancel"), on_click=dialogs.close, key="people.delete_no")


def _add() -> None:
    def add() -> None:
        name, role = str(st.session_state.get("people.name", "")), st.session_state["people.role"]
        password = str(st.session_state.get("people.password", ""))
        if actions.attempt(lambda: app.current().accounts.add(me(), name, role, password), t("people.added", name=plain(name))):
            st.session_state.update({"people.name": "", "people.password": ""})

    with st.expander(t("people.add")), st.form("people-add", border=False, enter_to_submit=False):
        st.text_input(t("sign_in.name"), key="people.name", max_chars=64, autocomplete="off")
        st.selectbox(t("people.role"), ROLES, index=1, key="people.role", format_func=_named)
        label, hint = t("people.first_password"), t("people.hand_over")
        st.text_input(label, type="password", key="people.password", autocomplete="new-password", help=hint)
        st.form_submit_button(t("people.add.save"), on_click=add, type="primary")


def _provider() -> None:
    """Draw the settings of sign-in by a provider, with the address to register there."""
    with st.expander(t("people.provider")):
        st.caption(t("people.provider.body"))
        here = urlsplit(st.context.url or "")
        st.code(f"{here.scheme}://{here.netloc}/sign-in/provider/back", language=None, wrap_lines=True)
        for name, field in fields.of_group("accounts"):
            fields.one(name, field)


def _audit_log() -> None:
    entries = app.current().audit.page(me(), limit=ENTRIES)
    with st.expander(t("audit.title")):
        st.caption(t("audit.body"))
        if not entries:
            st.caption(t("audit.empty"))
            return
        heads = [t(f"audit.{name}") for name in ("when", "who", "what", "outcome", "where")]
        lines = [heads, ["---"] * len(heads), *map(_cells, entries)]
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
        st.link_button(t("audit.export"), "/api/v1/audit/export", icon=":material/download:")


def _cells(entry: AuditEntry) -> list[str]:
    """Return the cells of a row of the log, safe in a Markdown table."""
    who = plain(entry.user_name) or t("audit.nobody")
    what = plain(f"{entry.action} {entry.subject}".strip())
    outcome = t(f"audit.outcome.{entry.outcome}")
    return [cell.replace("|", "\\|") for cell in (formats.time_of(entry.at), who, what, outcome, plain(entry.address))]
