"""Notification channels in the settings: a card a channel, a form for a new one, and the log of what was sent.

cards: try out │ change │ remove ─▶ a new webhook's secret, this once ─▶ add ─▶ log
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.notify.channel import WEBHOOK
from pages.settings.notifications import adding, choices, delivery_log
from pages.shared import actions, dialogs
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.notify.channel import Channel
    from core.domain.notify.delivery import Delivery


def draw() -> None:
    own = app.current().notifications
    st.caption(t("notify.body"))
    rows, log = own.channels(me()), own.log(me(), limit=delivery_log.SHOWN)
    if not rows:
        st.info(t("notify.none"), icon=":material/info:")
    last = {delivery.channel_id: delivery for delivery in reversed(log)}
    for row in rows:
        _card(row, last.get(row.id))
    adding.tell_secret()
    adding.draw(empty=not rows)
    delivery_log.draw(log, {row.id: row.name for row in rows})
    st.header(t("notify.general"), anchor=False)


def _card(row: Channel, last: Delivery | None) -> None:
    with st.container(border=True, key=f"notify-channel-{row.id}", gap="xsmall"):
        paused = f" · {t('notify.paused')}" if not row.enabled else ""
        st.markdown(f"**{plain(row.name)}** · {t(f'notify.service.{row.service}')}{paused}")
        st.caption(plain(row.shown))
        if last is not None:
            st.caption(delivery_log.sentence(last))
        with st.container(horizontal=True, gap="small"):
            actions.button(t("notify.test"), partial(_test, row), key=f"notify.test.{row.id}", icon=":material/play_circle:")
            change, remove = f"notify.change.{row.id}", f"notify.remove.{row.id}"
            dialogs.opener(t("notify.change"), partial(choices.draw, row), key=change, icon=":material/tune:", about=row.id)
            if row.service == WEBHOOK:
                rotate = f"notify.rotate.{row.id}"
                dialogs.opener(t("notify.rotate"), partial(_rotate, row), key=rotate, icon=":material/key:", about=row.id)
            dialogs.opener(t("notify.remove"), partial(_remove, row), key=remove, icon=":material/delete:", about=row.id)


def _test(row: Channel) -> None:
    done = app.current().notifications.test(me(), row.id)
    if done.error is None:
        actions.say(t("notify.test.done", name=plain(row.name)))
    else:
        actions.complain(t("notify.test.failed", name=plain(row.name), reason=delivery_log.reason(done)))


def _rotate(row: Channel) -> None:
    st.markdown(t("notify.rotate.sure"))
    _answers(t("notify.rotate.yes"), partial(_renew, row), f"rotate.{row.id}")


def _renew(row: Channel) -> None:
    adding.keep_secret(row.name, app.current().notifications.rotate_secret(me(), row.id))


def _remove(row: Channel) -> None:
    st.markdown(t("notify.remove.sure", name=plain(row.name)))
    _answers(t("notify.remove.yes"), partial(app.current().notifications.remove, me(), row.id), f"remove.{row.id}")


def _answers(label: str, action: partial[None], key: str) -> None:
    yes, no = st.columns(2)
    with yes:
        actions.button(label, dialogs.closing(action), key=f"notify.{key}.yes", type="primary", width="stretch")
    with no:
        actions.button(t("action.cancel"), dialogs.close, key=f"notify.{key}.no", width="stretch")
