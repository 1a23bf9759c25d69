"""The running work on feeds, live: subscriptions by URL, imports of files, reads of feeds.

    running ─▶ background_tasks: a bar, a stop button, one sentence at the end ─▶ the list reruns
    ended   ─▶ a page that offers several: which?      failed: the reason, a retry button, a report
    earlier ─▶ one line with their number, which unfolds; an address goes after a week, the report of a file after 30 days

All of it is stored in rows: a page that is left or reloaded shows the current state. Work begun here is reported even if it ends
before the first refresh: whoever begins it calls `imported` or `read`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from core import app
from core.domain.feeds.imports import Import, ImportKind, ImportLine, LineState
from core.errors import NotFound
from core.services.feeds.refresh import Refresh
from pages.shared import actions, auto_refresh, background_tasks, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

KINDS = ("import", "refresh")
QUICK = 1.0
SHOWN = 50
# For so long the newest import that did not go well is shown in full.
NEWS_SECONDS = 3600.0
BAD = (LineState.FAILED, LineState.CANCELLED)


def imported(begun: Import) -> None:
    """Have this tab report the import's end."""
    _watch("import", str(begun.id))


def read(_begun: Refresh) -> None:
    """Have this tab report the end of the read."""
    _watch("refresh")


def _watch(kind: str, key: str = "") -> None:
    for task in [task for task in app.current().tasks.listing(me(), kind) if task.key == key][-1:]:
        background_tasks.watch(task)


def draw() -> None:
    auto_refresh.follow(_work, _interval)


def _interval() -> float | None:
    return QUICK if background_tasks.running(*KINDS) or any(each.running for each in _imports()) else None


def _imports() -> list[Import]:
    return app.current().imports.listing(me())


def _work() -> None:
    news = background_tasks.show(*KINDS)
    shown, earlier = _parted([each for each in _imports() if not each.running and _tells(each)])
    for each in shown:
        _remains(each)
    if earlier:
        _fold(earlier)
    if news:
        # The list above or below was drawn before this ended.
        st.rerun()


# --- earlier imports, folded --------------------------------------------------------------------------


def _tells(of: Import) -> bool:
    """Return whether the page has anything to say of an ended import; of an address that was added, the list below does."""
    return of.kind is ImportKind.OPML or any(of.counts.get(state) for state in (LineState.CHOICE, *BAD))


def _parted(ended: Sequence[Import]) -> tuple[list[Import], list[Import]]:
    """Divide into those to show, which are the questions and the newest while it is news, and the earlier ones."""
    asking = [of for of in ended if of.counts.get(LineState.CHOICE)]
    told = sorted((of for of in ended if of not in asking), key=lambda of: -(of.finished_at or 0.0))
    new = [of for of in told[:1] if time.time() - (of.finished_at or 0.0) < NEWS_SECONDS]
    return [*asking, *new], told[len(new) :]


def _fold(earlier: Sequence[Import]) -> None:
    """Draw one line for all of them, which unfolds; the server deletes them after a while."""
    failed = all(of.kind is ImportKind.ADDRESS for of in earlier)
    label = t("feeds.earlier.failed" if failed else "feeds.earlier", n=f"{len(earlier):,}")
    with st.container(horizontal=True, vertical_alignment="top", gap="small", key="imports-earlier"):
        unfolded = st.expander(label, key="imports.earlier", icon=":material/history:", on_change="rerun")
        away = partial(_dismiss_all, [of.id for of in earlier])
        actions.button(t("feeds.earlier.dismiss"), away, key="imports.dismiss", icon=":material/close:", type="tertiary")
    if unfolded.open:
        with unfolded:
            for each in earlier[:SHOWN]:
                _remains(each)


def _dismiss_all(import_ids: Sequence[int]) -> None:
    for import_id in import_ids:
        with suppress(NotFound):  # dismissed meanwhile, in another window
            app.current().imports.dismiss(me(), import_id)


# --- ended imports ------------------------------------------------------------------------------------


def _counted(of: Import) -> str:
    named = [state for state in LineState if state is not LineState.WAITING and of.counts.get(state)]
    return " · ".join(t(f"feeds.line.{state.value}", n=f"{of.counts[state]:,}") for state in named)


def _remains(of: Import) -> None:
    """Draw the part of an ended import that needs an answer."""
    if of.counts.get(LineState.CHOICE):
        for line in app.current().imports.lines(me(), of.id, LineState.CHOICE):
            _choice(of, line)
    if of.kind is ImportKind.ADDRESS:
        _failed(of)
    else:
        _report(of)


def _choice(of: Import, line: ImportLine) -> None:
    if line.error:
        _twice(of, line)
    else:
        _several(of, line)


def _twice(of: Import, line: ImportLine) -> None:
    """Ask about a show that is already subscribed at another URL: the import has ended, and begins again if confirmed."""
    with st.container(border=True, key=f"import-twice-{line.id}", gap="small"):
        st.markdown(f":material/info: {plain(error_text(dict(line.error or {})), 600)}")
        with st.container(horizontal=True):
            anyway = partial(_choose, line.id, [line.offers[0].url])
            actions.button(t("feeds.anyway"), anyway, key=f"choice.anyway.{line.id}", icon=":material/add:")
            leave = partial(_dismiss, of.id)
            actions.button(t("feeds.import.dismiss"), leave, key=f"choice.leave.{line.id}", type="tertiary")


def _choose(line_id: int, urls: list[str]) -> None:
    imported(app.current().imports.choose(me(), line_id, urls))


def _several(of: Import, line: ImportLine) -> None:
    with st.form(f"import.choice.{line.id}"):
        st.markdown(f"**{t('feeds.choice', name=plain(of.name, 120))}**")
        for n, each in enumerate(line.offers):
            st.checkbox(f"{plain(each.title, 120)} · {formats.episodes(each.episodes or 0)}", n == 0, key=f"choice.{line.id}.{n}")
        with st.container(horizontal=True):
            yes, no = f"choice.yes.{line.id}", f"choice.no.{line.id}"
            add = partial(_add, line)
            st.form_submit_button(t("feeds.add"), type="primary", key=yes, icon=":material/add:", on_click=add)
            st.form_submit_button(t("feeds.import.dismiss"), key=no, on_click=partial(_dismiss, of.id))


def _add(line: ImportLine) -> None:
    chosen = [each.url for n, each in enumerate(line.offers) if st.session_state.get(f"choice.{line.id}.{n}")]
    actions.attempt(lambda: _choose(line.id, chosen))


def _dismiss(import_id: int) -> None:
    actions.attempt(lambda: app.current().imports.dismiss(me(), import_id))


def _failed(of: Import) -> None:
    lines = app.current().imports.lines(me(), of.id, *BAD)
    if not lines:
        return
    with st.container(border=True, key=f"import-{of.id}", gap="small"):
        for line in lines:
            name = of.name if len(lines) == 1 else line.title or line.url
            if line.state is LineState.CANCELLED:
                st.markdown(f":material/block: {t('feeds.import.cancelled', name=plain(name, 120))}")
                continue
            said = error_text(line.error or {})
            named = "" if name in said else f"**{plain(name, 120)}**: "
            st.error(f"{named}{plain(said, 600)}", icon=":material/error:")
        _again(of)


def _report(of: Import) -> None:
    bad = sum(of.counts.get(state, 0) for state in BAD)
    with st.container(border=True, key=f"import-{of.id}", gap="small"):
        icon = ":material/warning:" if bad else ":material/check_circle:"
        st.markdown(f"{icon} **{t('feeds.import.done', name=plain(of.name, 80))}** {_counted(of)}")
        if bad:
            unfolded = st.expander(t("feeds.import.bad", n=f"{bad:,}"), key=f"import.bad.{of.id}", on_change="rerun")
            if unfolded.open:
                with unfolded:
                    _bad_lines(of, bad)
        _again(of)


def _bad_lines(of: Import, bad: int) -> None:
    for line in app.current().imports.lines(me(), of.id, *BAD, limit=SHOWN):
        why = error_text(line.error) if line.error else t("feeds.import.not_tried")
        st.markdown(f"{line.number}. **{plain(line.title or line.url, 120)}**: {plain(why, 400)}")
    if bad > SHOWN:
        st.caption(t("feeds.import.more", n=f"{bad - SHOWN:,}"))


def _again(of: Import) -> None:
    imports = app.current().imports
    base = f"/api/v1/imports/{of.id}"
    with st.container(horizontal=True, gap="small"):
        if any(of.counts.get(state) for state in BAD):
            again = lambda: imported(imports.retry(me(), of.id))  # noqa: E731
            actions.button(t("feeds.import.again"), again, key=f"import.again.{of.id}", icon=":material/refresh:")
            if of.kind is ImportKind.OPML:
                st.link_button(t("feeds.import.failed_file"), f"{base}/failed", icon=":material/download:")
        if of.kind is ImportKind.OPML:
            st.link_button(t("feeds.import.report"), f"{base}/report", icon=":material/description:")
        actions.button(t("feeds.import.dismiss"), lambda: imports.dismiss(me(), of.id), key=f"import.dismiss.{of.id}")
