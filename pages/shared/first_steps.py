"""The checklist of the first run: what CastMind found on this computer, and for what is missing, the remedy.

Setup.checklist ─▶ a line an item ─▶ todo? ─▶ remedy, and a button where CastMind can do it itself
pull ─▶ PullState ─▶ progress, cancel
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import app
from pages.shared import actions, auto_refresh, formats
from pages.shared.escape_markdown import plain
from pages.text import message_text, t

if TYPE_CHECKING:
    from core.domain.notes.ollama_state import PullState
    from core.services.settings.setup_checklist import SetupItem

ICONS = {
    "ok": ":green[:material/check_circle:]",
    "warn": ":orange[:material/warning:]",
    "todo": ":orange[:material/radio_button_unchecked:]",
    "working": ":blue[:material/progress_activity:]",
}


def draw() -> None:
    """The checklist, until everything is in place or the reader has put it away."""
    if not app.current().setup_checklist.finished():
        auto_refresh.follow(_card, _interval)


def _interval() -> float | None:
    """Something outside may change while the list is there: a pull, a probe, Ollama being started."""
    setup = app.current().setup_checklist
    pull = setup.pull_state()
    if setup.finished():
        return None
    return auto_refresh.MOVING if pull and pull.state == "running" else auto_refresh.WAITING


def _card() -> None:
    """Open while there is nothing else to look at."""
    setup = app.current().setup_checklist
    with st.expander(t("setup.title"), expanded=not app.current().library.count(), icon=":material/checklist:"):
        st.caption(t("setup.body"))
        with st.container(gap="xsmall"):
            for item in setup.checklist():
                _line(item)
        actions.button(t("setup.dismiss"), setup.dismiss, key="setup.dismiss")


def _line(item: SetupItem) -> None:
    params = {k: plain(message_text(v), 600) for k, v in item.params.items()}
    st.markdown(f"{ICONS[item.state]} **{t(f'setup.{item.key}')}**: {t(f'setup.{item.key}.{item.code}', **params)}")
    if item.key == "language_model":
        pull_controls(offer=item.state == "todo" and app.current().setup_checklist.ollama().host is not None)


def pull_controls(*, offer: bool) -> None:
    """The running pull with its cancel; the button that starts one, when `offer`."""
    setup = app.current().setup_checklist
    pull = setup.pull_state()
    if pull and pull.state == "running":
        st.progress(pull.done / pull.total if pull.total else 0.0, text=_pulling(pull))
        actions.button(t("action.cancel"), setup.cancel_pull, key="setup.pull.cancel")
        return
    if pull and pull.state == "failed":
        st.error(t("pull.failed", model=plain(pull.name), reason=plain(pull.error or "")), icon=":material/error:")
    if offer:
        model = setup.recommended_model()
        actions.button(
            t("pull.start", model=plain(model)), lambda: setup.pull(model), key="setup.pull", icon=":material/download:"
        )


def _pulling(pull: PullState) -> str:
    words = [t("pull.running", model=plain(pull.name))]
    if pull.total:
        words.append(f"{formats.size(pull.done)} / {formats.size(pull.total)}")
    elif pull.status:
        words.append(plain(pull.status))
    return " · ".join(words)
