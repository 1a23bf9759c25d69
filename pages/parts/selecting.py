"""What is done to episodes of the list, one or ten thousand: a wish of the list becomes one call into core.

wish ─▶ act (callback) ─┬─▶ castmind.selection ─▶ told in a toast; a delete is kept for Undo
                        ├─▶ many at once ─▶ a dialog with the progress; closing it ends the rest
                        └─▶ needs a word or a yes (tag, export, delete for good) ─▶ a dialog of the whole page
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core import app
from core.domain.episode import Filter
from core.pipeline.selection import Done
from pages.parts import acting, downloads, episode_list
from pages.text import t

# A batch takes a moment; more than this many are told about while they are done.
AT_ONCE = 200
UNDO_SECONDS = 300.0
_NEXT, _UNDO, _OPEN = "library.next", "library.undo", "library.open"

Ids = Sequence[int]
Bulk = Callable[[Ids], object]


def act(wanted: Filter, pages_key: str) -> None:
    """The callback of the list."""
    wish = episode_list.wish()
    if wish is None:
        return
    match wish.act:
        case "open" if wish.ids:
            st.session_state[_OPEN] = wish.ids[0]
        case "more":
            st.session_state[pages_key] = int(st.session_state.get(pages_key, 1)) + 1
        case "undo":
            _undo()
        case "forget_undo":
            st.session_state.pop(_UNDO, None)
        case "tag" | "export" | "purge":
            st.session_state[_NEXT] = (wish.act, _ids(wish, wanted))
        case name if name in _deeds():
            _begin(name, _ids(wish, wanted), single=wish.ids is not None and len(wish.ids) == 1)


def go_on() -> None:
    """What a callback cannot do: turn to another page, or have the whole page drawn for a dialog."""
    number = st.session_state.pop(_OPEN, None)
    if number is not None:
        st.switch_page("episode.py", query_params={"id": str(number)})
    if _NEXT in st.session_state:
        st.rerun()


def dialogs() -> None:
    """The dialog that a wish opened, if any. To be called by the page, outside its live parts."""
    name, ids = st.session_state.pop(_NEXT, (None, ()))
    if name == "tag":
        _tagging(ids)
    elif name == "export":
        _exporting(ids)
    elif name == "purge":
        _purging(ids)
    elif name:
        _working(name, ids)


def undoable() -> dict[str, Any] | None:
    """What the list offers to undo."""
    kept = st.session_state.get(_UNDO)
    if not kept or time.time() - kept["at"] > UNDO_SECONDS:
        return None
    count = len(kept["ids"])
    return {"said": t("library.deleted_one" if count == 1 else "library.deleted", n=f"{count:,}")}


def delete(ids: Ids) -> bool:
    """What a page of one episode asks for; the list offers to undo it. Whether it went well."""
    went_well = acting.attempt(lambda: app.current().selection.delete(ids))
    if went_well:
        _remember(ids)
    return went_well


# --- doing ------------------------------------------------------------------------------------------------


def _deeds() -> dict[str, Bulk]:
    selection = app.current().selection
    return {
        "transcribe": selection.transcribe,
        "retry": selection.retry,
        "cancel": selection.cancel,
        "star": selection.star,
        "unstar": lambda ids: selection.star(ids, False),
        "read": selection.mark_read,
        "delete": selection.delete,
        "restore": selection.restore,
    }


def _ids(wish: episode_list.Wish, wanted: Filter) -> list[int]:
    return list(wish.ids) if wish.ids is not None else app.current().selection.ids(wanted)


def _begin(name: str, ids: Ids, *, single: bool) -> None:
    if len(ids) > AT_ONCE:
        st.session_state[_NEXT] = (name, ids)
        return
    told: list[Done] = []
    if acting.attempt(lambda: told.append(_do(name, ids))) and not single and name != "delete":
        acting.say(_told(told[0]))


def _do(name: str, ids: Ids) -> Done:
    done = _deeds()[name](ids)
    assert isinstance(done, Done)
    if name == "delete":
        _remember(ids)
    return done


def _remember(ids: Ids) -> None:
    st.session_state[_UNDO] = {"ids": list(ids), "at": time.time()}


def _undo() -> None:
    kept = st.session_state.pop(_UNDO, None)
    if kept:
        acting.attempt(lambda: app.current().selection.restore(kept["ids"]), t("library.restored"))


def _told(done: Done) -> str:
    words = [t("library.changed_one" if done.changed == 1 else "library.changed", n=f"{done.changed:,}")]
    if done.skipped:
        words.append(t("library.skipped", n=f"{done.skipped:,}"))
    return " ".join(words)


# --- dialogs ------------------------------------------------------------------------------------------------


def _working(name: str, ids: Ids) -> None:
    @st.dialog(t(f"library.working.{name}"))
    def dialog() -> None:
        st.caption(t("library.working.body"))
        changed = _with_progress(ids, lambda some: _do(name, some).changed)
        if name == "delete":
            _remember(ids)
        acting.say(t("library.changed", n=f"{changed:,}"))
        st.rerun()

    dialog()


def _with_progress(ids: Ids, do: Callable[[Ids], int]) -> int:
    """Batch after batch. Each draws; a closed dialog ends the run there, and what is done stays done."""
    bar, changed = st.progress(0.0), 0
    for begin in range(0, len(ids), AT_ONCE):
        changed += do(ids[begin : begin + AT_ONCE])
        done = min(begin + AT_ONCE, len(ids))
        bar.progress(done / len(ids), text=t("library.working.done", n=f"{done:,}", of=f"{len(ids):,}"))
    return changed


def _tagging(ids: Ids) -> None:
    @st.dialog(t("library.tag.title", n=f"{len(ids):,}"))
    def dialog() -> None:
        selection = app.current().selection
        known = {tag.name: tag.id for tag in selection.tags()}
        name = st.selectbox(
            t("library.tag.name"),
            list(known),
            index=None,
            accept_new_options=True,
            key="library.tagging",
            placeholder=t("library.tag.hint"),
        )
        with st.container(horizontal=True):
            if st.button(t("library.tag.put"), type="primary", key="library.tag.put", disabled=not name):
                _finish(lambda: _with_progress(ids, lambda some: selection.tag(some, name or "").changed))
            if st.button(t("library.tag.off"), key="library.tag.off", disabled=name not in known):
                _finish(lambda: _with_progress(ids, lambda some: selection.untag(some, known[name or ""]).changed))
        if name in known:
            _tag_itself(known[name], name)

    dialog()


def _tag_itself(tag_id: int, name: str) -> None:
    selection = app.current().selection
    with st.expander(t("library.tag.itself"), icon=":material/label:"):
        renamed = st.text_input(t("library.tag.rename"), value=name, key=f"library.tag.rename.{tag_id}")
        with st.container(horizontal=True):
            if st.button(t("library.tag.save"), key="library.tag.save", disabled=renamed.strip() in ("", name)):
                _finish(lambda: selection.rename_tag(tag_id, renamed))
            if st.button(t("library.tag.remove"), key="library.tag.remove"):
                _finish(lambda: selection.remove_tag(tag_id))


def _exporting(ids: Ids) -> None:
    @st.dialog(t("library.export.title"))
    def dialog() -> None:
        downloads.many(ids, key="library.export")

    dialog()


def _purging(ids: Ids) -> None:
    @st.dialog(t("library.purge.title", n=f"{len(ids):,}"))
    def dialog() -> None:
        st.markdown(t("library.purge.body"))
        if st.button(t("library.purge.yes"), type="primary", key="library.purge.yes", icon=":material/delete_forever:"):
            trash = app.current().trash
            _finish(lambda: _with_progress(ids, trash.purge))

    dialog()


def _finish(action: Callable[[], object]) -> None:
    """Does it, says so, and closes the dialog."""
    acting.attempt(action, t("library.done_said"))
    st.rerun()
