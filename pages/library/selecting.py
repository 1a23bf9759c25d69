"""What the list asks of the page: more rows, and the actions that need input or confirmation, each in a dialog.

wish ─▶ act (callback) ─┬─▶ more
                        └─▶ tag, export, delete for good ─▶ a dialog of the whole page ─▶ carry_out ─┬─▶ castmind.bulk_actions
                                                                                                     └─▶ many: background_tasks

All other acts go from the browser to the HTTP API (shared/acts.js).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import app
from core.domain.episodes.episode import Filter
from core.services.library import bulk_task
from core.services.library.bulk_actions import Done
from pages.library import episode_list
from pages.shared import actions, background_tasks, dialogs, downloads
from pages.shared.escape_markdown import plain
from pages.text import t
from pages.visitor import me

_TAG = "library.tagging"

Ids = Sequence[int]


def act(wanted: Filter, pages_key: str) -> None:
    """Handle the list's request; this is its callback."""
    wish = episode_list.wish()
    if wish is None:
        return
    match wish.act:
        case "more":
            st.session_state[pages_key] = int(st.session_state.get(pages_key, 1)) + 1
        case "tag" | "export" | "purge":
            dialogs.ask(f"library.{wish.act}", _ids(wish, wanted))


def go_on() -> None:
    """Do the work that a callback cannot: rerun the whole page for a dialog or a progress bar."""
    background_tasks.go_on()
    dialogs.go_on()


def ask() -> None:
    """Draw the dialog that an action opened, if any. The page calls this outside its live parts."""
    dialogs.draw("library.tag", lambda ids: t("library.tag.title", n=f"{len(ids):,}"), _tagging)
    dialogs.draw("library.export", lambda _: t("library.export.title"), lambda ids: downloads.many(ids, key="library.export"))
    dialogs.draw("library.purge", lambda ids: t("library.purge.title", n=f"{len(ids):,}"), _purging)


# --- carrying out -----------------------------------------------------------------------------------------


def _ids(wish: episode_list.ListAction, wanted: Filter) -> list[int]:
    return list(wish.ids) if wish.ids is not None else app.current().bulk_actions.ids(me(), wanted)


def carry_out(action: str, ids: Ids, *, field: str = "", **named: Any) -> bool:
    """Change a few episodes now, many in the background; report the result. Return whether it succeeded so far.

    `action` and `named` are those of `castmind.bulk_actions.act`; an error is about the `field` of that key.
    """
    done: list[Done] = []
    if len(ids) > bulk_task.at_once(action):
        background_tasks.bulk(action, ids, **named)
        return True
    if not actions.attempt(lambda: done.append(app.current().bulk_actions.act(me(), action, ids, **named)), field=field):
        return False
    actions.say(background_tasks.told(done[0].changed, done[0].skipped))
    return True


# --- dialogs ------------------------------------------------------------------------------------------------


def _tagging(ids: Ids) -> None:
    name = st.selectbox(
        t("library.tag.name"),
        list(_tags()),
        index=None,
        accept_new_options=True,
        key=_TAG,
        placeholder=t("library.tag.hint"),
    )
    known = _tags()

    actions.fault(_TAG)

    def put() -> bool:
        return carry_out("tag", ids, field=_TAG, tag=st.session_state.get(_TAG) or "")

    def off() -> None:
        chosen = st.session_state.get(_TAG) or ""
        tag_id = _tags().get(chosen)
        if tag_id is None:  # renamed or removed elsewhere since then
            actions.complain(t("library.tag.gone", name=plain(chosen, 120)))
        else:
            carry_out("untag", ids, tag_id=tag_id)

    with st.container(horizontal=True):
        actions.button(t("library.tag.put"), dialogs.closing(put), type="primary", key="library.tag.put", disabled=not name)
        actions.button(t("library.tag.off"), dialogs.closing(off), key="library.tag.off", disabled=name not in known)
    if name in known:
        _tag_itself(known[name], name)


def _tags() -> dict[str, int]:
    return {tag.name: tag.id for tag in app.current().bulk_actions.tags(me())}


def _tag_itself(tag_id: int, name: str) -> None:
    selection = app.current().bulk_actions
    key, done = f"library.tag.rename.{tag_id}", t("library.done_said")

    def rename() -> bool:
        return actions.attempt(lambda: selection.rename_tag(me(), tag_id, st.session_state[key]), done, field=key)

    with st.expander(t("library.tag.itself"), icon=":material/label:"):
        renamed = st.text_input(t("library.tag.rename"), value=name, key=key)
        actions.fault(key)
        with st.container(horizontal=True):
            same = renamed.strip() in ("", name)
            actions.button(t("library.tag.save"), dialogs.closing(rename), key="library.tag.save", disabled=same)
            remove = dialogs.closing(lambda: selection.remove_tag(me(), tag_id))
            actions.button(t("library.tag.remove"), remove, key="library.tag.remove", done=done)


def _purging(ids: Ids) -> None:
    st.markdown(t("library.purge.body"))
    purge = dialogs.closing(lambda: carry_out("purge", ids))
    actions.button(t("library.purge.yes"), purge, type="primary", key="library.purge.yes", icon=":material/delete_forever:")
