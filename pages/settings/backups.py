"""Backups in the settings: make one, list them, upload one, restore one.

running work (live) ─▶ make ─▶ a card a backup: download | verify | restore | delete ─▶ upload ─▶ every night

No live part here needs the database, so this page keeps reporting while a restore has the database closed.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import app
from core.ops.backup import retention
from pages.shared import actions, auto_refresh, background_tasks, dialogs, formats, restoring
from pages.shared.escape_markdown import plain
from pages.shared.uploader import uploader
from pages.text import error_text, message_text, t
from pages.visitor import me

if TYPE_CHECKING:
    from core.ops.backup.backup_file import Backup
    from core.services.library.disk_use import Disk

SHOWN = 20
_ALL = "backup.all"


def draw() -> None:
    """Draw everything but the nightly settings, which the settings page draws like all others."""
    running = _running()
    auto_refresh.follow(lambda: _now(running), _interval)
    with st.container(key="making-backups"):
        background_tasks.draw("backup", "verify")
    rows = app.current().backups.listing(me())
    _make(empty=not rows)
    _listing(rows)
    st.header(t("backup.bring"), anchor=False)
    st.caption(t("backup.bring.body"))
    uploader.draw_for_backups()
    st.header(t("backup.nightly"), anchor=False)
    _nightly()


# --- running work -----------------------------------------------------------------------------------


def _running() -> list[bool]:
    backups = app.current().backups
    states = (backups.state(me()), backups.restore_state(me()))
    return [backups.verifying(me()), *(bool(state and state.running) for state in states)]


def _interval() -> float:
    """Return the refresh interval. The nightly backup may start at any time."""
    return auto_refresh.MOVING if any(_running()) else auto_refresh.WAITING


def _now(before: list[bool]) -> None:
    """Draw the restore. `before`: the work that ran when the cards below were drawn, whose buttons depend on it."""
    if _running() != before:
        st.rerun()
    restoring.tell(app.current().backups.restore_state(me()))


def _verify(name: str) -> None:
    background_tasks.watch(app.current().backups.start_verification(me(), name))


def _start(*, media: bool) -> None:
    background_tasks.watch(app.current().backups.start(me(), media=media))


# --- making one -------------------------------------------------------------------------------------


def _make(*, empty: bool) -> None:
    st.caption(t("backup.body"))
    if empty:
        st.info(t("backup.none"), icon=":material/inventory_2:")
    disk = app.current().statistics.disk(me())
    media = st.toggle(_with_media(disk), key="backup.media", help=t("backup.media_help"))
    actions.button(
        _made_of(disk, media=bool(media)),
        partial(_start, media=bool(media)),
        key="backup.make",
        type="primary",
        icon=":material/save:",
    )


def _with_media(disk: Disk | None) -> str:
    return t("backup.with_media", size=formats.size(disk.kinds["media"])) if disk else t("backup.with_media.uncounted")


def _made_of(disk: Disk | None, *, media: bool) -> str:
    """Return the button's label, without a size until the files were counted."""
    if disk is None:
        return t("backup.make.uncounted")
    kinds = ("database", "uploads", "exports", *(("media",) if media else ()))
    return t("backup.make", size=formats.size(sum(disk.kinds[kind] for kind in kinds)))


# --- the list ---------------------------------------------------------------------------------------


def _listing(rows: list[Backup]) -> None:
    shown = rows if st.session_state.get(_ALL) else rows[:SHOWN]
    for row in shown:
        _card(row)
    if len(shown) < len(rows):
        actions.button(t("backup.show_all", n=len(rows)), lambda: st.session_state.update({_ALL: True}), key="backup.show_all")


def _card(row: Backup) -> None:
    with st.container(border=True, key=f"backup-{row.name}", gap="xsmall"):
        st.markdown(f"**{formats.time_of(row.created_at)}** · {t(f'backup.kind.{row.kind}')} · {formats.size(row.bytes)}")
        if row.error:
            st.error(t("backup.unreadable", error=plain(message_text(row.error), 600)), icon=":material/error:")
        else:
            st.caption(_holds(row))
        if row.skipped:
            st.caption(t("backup.skipped", n=len(row.skipped)))
        with st.container(horizontal=True, gap="small"):
            st.link_button(t("backup.download"), f"/api/v1/backups/{row.name}", icon=":material/download:")
            verify = partial(_verify, row.name)
            actions.button(
                t("backup.verify"),
                verify,
                key=f"backup.verify.{row.name}",
                icon=":material/fact_check:",
                disabled=app.current().backups.verifying(me()),
            )
            restore, delete = f"backup.restore.{row.name}", f"backup.delete.{row.name}"
            icon = ":material/history:"
            dialogs.opener(t("backup.restore"), lambda: _restore(row), key=restore, icon=icon, disabled=_busy(row))
            dialogs.opener(t("backup.delete"), lambda: _delete(row), key=delete, icon=":material/delete:")


def _holds(row: Backup) -> str:
    holds = formats.listed(t(f"charts.disk.{name}") for name in row.contents)
    return " · ".join([t("backup.holds", contents=holds), f"CastMind {plain(row.version)}", plain(row.name)])


def _busy(row: Backup) -> bool:
    restore = app.current().backups.restore_state(me())
    return row.error is not None or bool(restore and restore.running)


def _restore(row: Backup) -> None:
    st.markdown(t("backup.restore.sure", date=formats.time_of(row.created_at)))
    lines = ["replaced", "undo", "settings", "media" if "media" in row.contents else "no_media", "away"]
    st.markdown("\n".join(f"- {t(f'backup.restore.{line}')}" for line in lines))
    _answers(t("backup.restore.yes"), partial(app.current().backups.restore, me(), row.name), "restore", row)


def _delete(row: Backup) -> None:
    size, date = formats.size(row.bytes), formats.time_of(row.created_at)
    st.markdown(t("backup.delete.sure", date=date, size=size))
    _answers(t("backup.delete.yes"), partial(app.current().backups.delete, me(), row.name), "delete", row)


def _answers(label: str, action: partial[None], what: str, row: Backup) -> None:
    yes, no = st.columns(2)
    with yes:
        done = t("backup.deleted") if what == "delete" else ""
        key = f"backup.{what}.yes.{row.name}"
        actions.button(label, dialogs.closing(action), key=key, type="primary", width="stretch", done=done)
    with no:
        actions.button(t("action.cancel"), dialogs.close, key=f"backup.{what}.no.{row.name}", width="stretch")


# --- every night ------------------------------------------------------------------------------------


def _nightly() -> None:
    values, backups = app.current().settings.values, app.current().backups
    last = backups.newest_nightly(me())
    words = [t("backup.nightly.last", time=formats.time_of(last)) if last else t("backup.nightly.never")]
    if values.backup_nightly:
        due = retention.next_appointment(time.time(), values.backup_hour)
        words.append(t("backup.nightly.next", time=formats.time_of(due)))
    st.caption(" · ".join(words))
    if error := backups.nightly_error(me()):
        said = plain(error_text(error.to_dict()), 1000)
        st.warning(t("backup.nightly.failed", error=said), icon=":material/warning:")
