"""The checklist of the first run: the parts that CastMind found on this computer, and a remedy for each missing one.

Setup.checklist ─▶ a line an item ─▶ todo? ─▶ remedy, and a button where CastMind can do it itself
pull ─▶ background_tasks ─▶ progress, cancel, or the reason of its failure
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.shared import actions, auto_refresh, background_tasks
from pages.shared.escape_markdown import plain
from pages.text import message_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.services.settings.setup_checklist import SetupItem

ICONS = {
    "ok": ":green[:material/check_circle:]",
    "warn": ":orange[:material/warning:]",
    "todo": ":orange[:material/radio_button_unchecked:]",
    "working": ":blue[:material/progress_activity:]",
}


def draw() -> None:
    """Draw the checklist, until everything is in place or the reader has dismissed it."""
    if not app.current().setup_checklist.finished(me()):
        auto_refresh.follow(_card, _interval)


def _interval() -> float | None:
    """Return a refresh interval while the list is shown: a pull, a probe or a start of Ollama may change it."""
    setup = app.current().setup_checklist
    if setup.finished(me()):
        return None
    return pull_interval()


def pull_interval() -> float:
    """Return the seconds between two checks of Ollama's models."""
    pull = app.current().setup_checklist.pulling(me())
    return auto_refresh.WAITING if pull is None or pull.finished else auto_refresh.MOVING


def _card() -> None:
    """Draw the card, expanded while the library is empty."""
    setup = app.current().setup_checklist
    with st.expander(t("setup.title"), expanded=not app.current().library.count(me()), icon=":material/checklist:"):
        st.caption(t("setup.body"))
        with st.container(gap="xsmall"):
            for item in setup.checklist(me()):
                _line(item)
        actions.button(t("setup.dismiss"), partial(setup.dismiss, me()), key="setup.dismiss")


def _line(item: SetupItem) -> None:
    params = {k: plain(message_text(v), 600) for k, v in item.params.items()}
    st.markdown(f"{ICONS[item.state]} **{t(f'setup.{item.key}')}**: {t(f'setup.{item.key}.{item.code}', **params)}")
    if item.key == "language_model":
        pull_controls(offer=item.state == "todo" and app.current().setup_checklist.ollama(me()).host is not None)


def pull_controls(*, offer: bool) -> None:
    """Draw the running pull with its cancel button, or, if `offer`, the button that starts one."""
    setup = app.current().setup_checklist
    pull = setup.pulling(me())
    if background_tasks.show("pull"):
        st.rerun()
    if pull and not pull.finished:
        return
    if offer:
        model = setup.recommended_model(me())
        actions.button(
            t("pull.start", model=plain(model)),
            lambda: background_tasks.watch(setup.pull(me(), model)),
            key="setup.pull",
            icon=":material/download:",
        )
