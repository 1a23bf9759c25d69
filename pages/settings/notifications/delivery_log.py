"""The log of notifications: what was sent where, and what the other side said.

Delivery ─▶ sentence ("Delivered 3 minutes ago", "Given up: …")     a line a message, newest first; try again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.domain.notify.delivery import DeliveryState
from core.domain.notify.kinds import TEST
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.notify.delivery import Delivery

SHOWN = 30


def reason(delivery: Delivery) -> str:
    """Return why a message was not delivered: in plain words, then in the words of the other side."""
    words = plain(error_text(delivery.error), 600) if delivery.error else ""
    answered = [str(delivery.status)] if delivery.status is not None else []
    said = " ".join([*answered, plain(delivery.said, 300)]).strip()
    return t("notify.said", words=words, said=said) if said else words


def sentence(delivery: Delivery) -> str:
    """Return how the last message of a channel went."""
    when = formats.recent(delivery.ended_at or delivery.created_at)
    if delivery.state is DeliveryState.DELIVERED:
        return t("notify.last.delivered", when=when)
    if delivery.state is DeliveryState.GIVEN_UP:
        return t("notify.last.given_up", when=when, reason=reason(delivery))
    if delivery.error is None:
        return t("notify.last.waiting", when=when)
    return t("notify.last.retried", n=delivery.tries, reason=reason(delivery))


def draw(log: Sequence[Delivery], names: Mapping[int, str]) -> None:
    if not log:
        return
    with st.expander(t("notify.log"), key="notify-log", icon=":material/history:"):
        for delivery in log:
            _line(delivery, names.get(delivery.channel_id, ""))


def _line(delivery: Delivery, channel: str) -> None:
    kind = t("notify.kind.test") if delivery.kind == TEST.name else t(f"notify.kind.{delivery.kind}")
    with st.container(key=f"notify-delivery-{delivery.id}", gap="xxsmall"):
        count = f" ({delivery.count})" if delivery.count > 1 else ""
        st.markdown(f"{formats.time_of(delivery.created_at)} · {plain(channel)} · {kind}{count}")
        took = t("notify.took", seconds=f"{delivery.seconds:.1f}") if delivery.seconds is not None else ""
        st.caption(" · ".join(part for part in (sentence(delivery), took) if part))
        if delivery.state is DeliveryState.GIVEN_UP and delivery.kind != TEST.name:
            again = partial(app.current().notifications.send_again, me(), delivery.id)
            key, done = f"notify.again.{delivery.id}", t("notify.again.done")
            actions.button(t("notify.again"), again, key=key, icon=":material/refresh:", done=done)
