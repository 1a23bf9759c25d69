"""Background tasks on a page: a progress bar with a cancel button, then one sentence about the result.

    watch(task) ─▶ draw: a bar a task, twice a second ─▶ ended? ─▶ succeeded: the sentence of its kind ─▶ rerun the page
                                                                ├─▶ failed: the reason, in every window, until it is closed
                                                                └─▶ an export: a download link

A task belongs to no window: it continues when the page is left or the server is restarted, and every page that draws its kind
shows it. A new kind needs `task.doing.KIND`, `task.done.KIND` and `task.cancelled.KIND` in both languages, or its own sentence in
ENDINGS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from core import app
from core.domain.accounts.role import Role
from core.domain.episodes.export_form import Form
from core.domain.feeds.imports import ImportKind, LineState
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import NotFound, Restoring
from core.services.library.export_archives import file
from pages.shared import actions, formats
from pages.shared.escape_markdown import plain
from pages.text import error_text, t
from pages.visitor import me

INTERVAL = 0.5
LIBRARY = ("bulk", "export")
# All kinds but pulls, which are shown beside the model that they download.
KINDS = (*LIBRARY, "import", "index", "probe", "refresh", "backup", "verify", "doctor")
# Kinds that count bytes; others count episodes or other items.
BYTES = {"backup", "pull", "verify"}
_BEGUN, _SEEN = "task.begun", "task.seen"


def export(ids: Sequence[int], forms: Sequence[Form]) -> None:
    """Begin an export. Raises the errors of `castmind.export_archives.begin`."""
    base = "{0.scheme}://{0.netloc}".format(urlsplit(st.context.url)) if st.context.url else ""
    watch(app.current().export_archives.begin(me(), ids, forms, now=datetime.now(UTC), base=base))


def watch(task: Task) -> None:
    """Have this window report the task's end, even if the task ends before the first refresh."""
    st.session_state[_BEGUN] = True
    _seen().add(task.id)


def go_on() -> None:
    """Rerun the page if a callback began a task. A live part calls this first: the page around it draws the bar."""
    if st.session_state.pop(_BEGUN, False):
        st.rerun()


def draw(*kinds: str) -> None:
    """Draw the bars. The page calls this outside its live parts, in a container that always exists."""
    st.session_state.pop(_BEGUN, None)
    before = running(*kinds)

    @st.fragment(run_every=INTERVAL if before else None)
    def part() -> None:
        if show(*kinds) or running(*kinds) != before:
            st.rerun()
        actions.tell()

    part()


def show(*kinds: str) -> bool:
    """Draw the same inside a live part of the page, and return whether a task has ended: the caller then reruns the page."""
    tasks = _listing(kinds)
    for task in tasks:
        if not task.finished:
            _seen().add(task.id)
            _bar(task)
    for task in tasks:
        if task.kind == "export" and task.state is State.DONE:
            _offer(task)
    failed = sorted((task for task in tasks if task.state is State.FAILED), key=lambda task: -(task.finished_at or 0.0))
    for task in failed[:1]:
        _complain(task)
    if failed[1:]:
        _fold(failed[1:], "-".join(kinds))
    return _tell(tasks)


def _listing(kinds: Sequence[str]) -> list[Task]:
    try:
        return app.current().tasks.listing(me(), *kinds)
    except Restoring:
        return []  # the page itself shows the restore, and no task runs


def running(*kinds: str) -> bool:
    """Return whether a task of these kinds runs or waits."""
    return any(not task.finished for task in _listing(kinds))


def _seen() -> set[int]:
    seen: set[int] = st.session_state.setdefault(_SEEN, set())
    return seen


# --- running tasks --------------------------------------------------------------------------------


def _bar(task: Task) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"task-{task.id}"):
        st.progress(min(task.done / max(task.total, 1), 1.0), text=_how_far(task))
        stop = lambda: app.current().tasks.cancel(me(), task.id)  # noqa: E731
        actions.button(t("task.stop"), stop, key=f"task.stop.{task.id}", needs=Role.MEMBER, icon=":material/close:")


def _doing(task: Task) -> str:
    name = plain(str(task.detail.get("name") or task.key), 120)
    return t(f"task.doing.{task.kind}.{task.what}" if task.what else f"task.doing.{task.kind}", name=name)


def _how_far(task: Task) -> str:
    doing = _doing(task)
    if task.state is State.QUEUED:
        return t("task.queued", what=doing)
    if not task.total:
        return " · ".join(filter(None, (doing, plain(str(task.detail.get("status", "")), 120))))
    counted = t("task.progress", what=doing, n=_count(task, task.done), of=_count(task, task.total))
    return " · ".join([counted, *(_outcomes(task) if task.kind == "import" else [])])


def _outcomes(task: Task) -> list[str]:
    """Say how many addresses of an import have which outcome."""
    told = {state: int(task.detail.get(state.value, 0)) for state in LineState if state is not LineState.WAITING}
    return [t(f"feeds.line.{state.value}", n=f"{n:,}") for state, n in told.items() if n]


def _count(task: Task, number: int) -> str:
    return formats.size(number) if task.kind in BYTES else f"{number:,}"


# --- finished tasks -------------------------------------------------------------------------------


def _tell(tasks: Sequence[Task]) -> bool:
    """Report the results of tasks that this window watched; return whether any ended."""
    ended = [task for task in tasks if task.finished and task.id in _seen()]
    for task in ended:
        _seen().discard(task.id)
        if task.state is not State.FAILED and (words := outcome(task)):
            actions.say(words)
    return bool(ended)


def _complain(task: Task) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"task-failed-{task.id}"):
        st.error(f"**{_doing(task)}**: {outcome(task)}", icon=":material/error:", width="stretch")
        away = lambda: app.current().tasks.forget(me(), task.id)  # noqa: E731
        actions.button(t("task.close"), away, key=f"task.close.{task.id}", needs=Role.MEMBER, icon=":material/close:")


def _fold(earlier: Sequence[Task], place: str) -> None:
    """Draw one line for earlier failures, which unfolds."""
    with st.container(horizontal=True, vertical_alignment="top", key=f"tasks-earlier-{place}"):
        unfolded = st.expander(t("task.earlier", n=f"{len(earlier):,}"), key=f"tasks.earlier.{place}", on_change="rerun")
        away = partial(_forget_all, [task.id for task in earlier])
        actions.button(
            t("task.earlier.dismiss"),
            away,
            key=f"tasks.dismiss.{place}",
            needs=Role.MEMBER,
            icon=":material/close:",
            type="tertiary",
        )
    if unfolded.open:
        with unfolded:
            for task in earlier:
                _complain(task)


def _forget_all(task_ids: Sequence[int]) -> None:
    for task_id in task_ids:
        with suppress(NotFound):  # closed meanwhile, in another window
            app.current().tasks.forget(me(), task_id)


def outcome(task: Task) -> str:
    """Return a few sentences: the result, and the work that was kept; "" if the page itself shows them."""
    if task.state is State.FAILED:
        why = plain(error_text(dict(task.error or {})), 1000)
        counted = task.total and task.kind not in BYTES
        return f"{why} {t('task.so_far', n=f'{task.done:,}', of=f'{task.total:,}')}" if counted else why
    return ENDINGS.get(task.kind, _ended)(task)


def _bulk_ended(task: Task) -> str:
    changed = int(task.detail.get("changed", 0))
    words = told(changed, task.done - changed)
    if task.state is State.CANCELLED:
        return f"{t('task.stopped')} {words} {t('task.left', n=f'{task.total - task.done:,}')}"
    return words


def _export_ended(task: Task) -> str:
    if task.state is State.CANCELLED:
        return t("task.export_stopped")
    exported = int(task.detail.get("exported", 0))
    words = [t("task.exported", n=f"{exported:,}", of=f"{task.total:,}")]
    if exported < task.total:
        words.append(t("task.exported.left_out"))
    return " ".join(words)


def _import_ended(task: Task) -> str:
    if task.what != ImportKind.ADDRESS:
        return t("feeds.import.ended", name=plain(str(task.detail["name"]), 80)) if task.state is State.DONE else _ended(task)
    try:
        lines = app.current().imports.lines(me(), int(task.key), LineState.ADDED, LineState.KNOWN)
    except NotFound:
        return ""  # dismissed since, in another window
    told = {LineState.ADDED: "feeds.added", LineState.KNOWN: "feeds.known"}
    return " ".join(t(told[line.state], title=plain(line.title or str(task.detail["name"]), 120)) for line in lines)


def _refresh_ended(task: Task) -> str:
    if task.state is State.CANCELLED:
        return _ended(task)
    new, failed = (f"{int(task.detail.get(name, 0)):,}" for name in ("new", "failed"))
    return t("feeds.read", done=f"{task.done:,}", new=new, failed=failed)


def _ended(task: Task) -> str:
    return t(f"task.{task.state.value}.{task.kind}", name=plain(task.key, 120))


# Kinds that report more than `task.done.KIND` or `task.cancelled.KIND`.
ENDINGS: dict[str, Callable[[Task], str]] = {
    "bulk": _bulk_ended,
    "export": _export_ended,
    "import": _import_ended,
    "probe": lambda _: "",  # the line of the device shows it
    "refresh": _refresh_ended,
}


def told(changed: int, skipped: int) -> str:
    """Say how many episodes were changed, and how many needed no change."""
    words = [t("library.changed_one" if changed == 1 else "library.changed", n=f"{changed:,}")]
    if skipped:
        words.append(t("library.skipped", n=f"{skipped:,}"))
    return " ".join(words)


# --- exports ready for download -------------------------------------------------------------------


def _offer(task: Task) -> None:
    castmind = app.current()
    try:
        size = formats.size(castmind.export_archives.path(me(), file(task)).stat().st_size)
    except NotFound:
        return  # removed since: after a day, or in another window
    with st.container(horizontal=True, vertical_alignment="center", key=f"task-made-{task.id}"):
        st.markdown(outcome(task))
        address = f"/api/v1/bundles/{task.id}/file"
        st.link_button(t("task.save", size=size), address, icon=":material/folder_zip:", type="primary")
        actions.button(
            t("task.away"), lambda: _take_away(task), key=f"task.away.{task.id}", needs=Role.MEMBER, icon=":material/close:"
        )


def _take_away(task: Task) -> None:
    app.current().tasks.forget(me(), task.id)
    app.current().export_archives.remove(me(), file(task))
