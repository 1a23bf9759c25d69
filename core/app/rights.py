"""Who may call which method of a service: one table, and the check around every method that takes an actor.

castmind.library.retry(actor, …) ─▶ role of the actor ─┬─ below that of the table ─▶ NotAllowed, nothing was called
                                                       └─▶ the method ─▶ audited? ─▶ an entry, done or failed

A method that takes an actor and has no row here stops the start: a new one is closed until somebody decides. Calls between
methods of one service pass the check too; chores, which have no actor, do not.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.domain.accounts.actor import Actor
from core.domain.accounts.audit import AuditEntry, Outcome
from core.domain.accounts.role import Role
from core.errors import NotAllowed


class Right(NamedTuple):
    """`audited`: each call gets an entry in the audit log; refused calls always do."""

    role: Role
    audited: bool = False


_READ, _READ_AUDITED = Right(Role.VIEWER), Right(Role.VIEWER, audited=True)
_EDIT, _EDIT_QUIETLY = Right(Role.MEMBER, audited=True), Right(Role.MEMBER)
_ADMIN, _ADMIN_QUIETLY = Right(Role.ADMIN, audited=True), Right(Role.ADMIN)


def _rows(**rights: Iterable[str]) -> dict[str, Right]:
    return {name: _KINDS[kind] for kind, names in rights.items() for name in names}


# Names of first parameters whose words may stand in the log. A password, a code, an address must not.
TOLD = frozenset({"name", "module", "kind", "fix", "service", "upload_id"})

_KINDS = {
    "read": _READ,
    "read_audited": _READ_AUDITED,
    # A viewer's own marks, choices and place: personal rows of the actor.
    "own": _READ,
    "own_audited": _READ_AUDITED,
    "edit": _EDIT,
    "edit_quietly": _EDIT_QUIETLY,
    "admin": _ADMIN,
    "admin_quietly": _ADMIN_QUIETLY,
}

RIGHTS: Mapping[str, Mapping[str, Right]] = {
    "settings": _rows(admin=("save", "forget")),
    "user_preferences": _rows(own=("get", "save")),
    "setup_checklist": _rows(
        read=("speech", "worker", "ollama", "recommended_model", "suggested_models", "pulling", "checklist", "finished"),
        admin=("pull",),
        own=("dismiss",),
    ),
    "library": _rows(
        read=(
            *(
                "listing",
                "mark",
                "count",
                "unfinished",
                "languages",
                "people",
                "episode",
                "title",
                "transcript_version",
                "partial",
            ),
            *("speech", "notes", "gists", "own_notes_version"),
        ),
        read_audited=("transcript", "own_notes", "media"),
        own=("set_position",),
        edit=("transcribe", "retry", "cancel", "fetch_anew", "leave_audio", "hear_again", "update", "set_own_notes"),
    ),
    "trash": _rows(edit=("delete", "restore"), admin=("purge",)),
    "retention": _rows(read=("overall", "rule", "preview", "history"), edit=("set_rule", "fetch_again"), admin=("apply",)),
    "bulk_actions": _rows(
        read=("act", "tags", "ids"),
        own=("star", "mark_read"),
        edit=(*("transcribe", "retry", "cancel", "create_tag", "rename_tag", "remove_tag", "tag", "untag", "delete", "restore"),),
        admin=("purge",),
    ),
    "bulk_tasks": _rows(own=("begin",)),
    "annotations": _rows(
        read=("edits", "speakers", "highlights"),
        edit=("edit", "undo", "redo", "rename_speaker", "highlight", "change_highlight", "remove_highlight"),
    ),
    "highlights": _rows(read=("listing", "counts", "review"), read_audited=("export",)),
    "note_versions": _rows(read=("versions", "current", "held_back", "version", "compare"), edit=("choose", "regenerate")),
    "clips": _rows(read_audited=("clip",)),
    "waveforms": _rows(read=("show",)),
    "covers": _rows(read=("show", "show_feed")),
    "publisher_extras": _rows(read=("status", "chapters", "transcript", "provenance"), edit=("refresh",)),
    "ingest": _rows(
        read=("receive_limits",), edit=("finish_upload", "add_sample", "import_address"), edit_quietly=("keep_upload",)
    ),
    "uploads": _rows(
        read=("most_bytes", "listing"),
        edit=("receive", "share", "begin", "cancel"),
        edit_quietly=("append", "look", "drain"),
    ),
    "recordings": _rows(edit=("keep",)),
    "queue": _rows(
        read=(
            *("jobs", "work", "paused", "gpu_state", "job", "counts", "episode_counts", "episodes_at_work", "held"),
            *("held_episodes", "shown"),
        ),
        edit=("cancel", "retry", "pause", "resume", "put_first", "put_last"),
    ),
    "tasks": _rows(read=("listing", "get"), edit=("cancel", "forget")),
    "search": _rows(read=("find", "speakers", "progress"), admin=("rebuild",)),
    "statistics": _rows(read=("disk", "figures")),
    "speech_models": _rows(read=("offered",)),
    "exports": _rows(read=("material", "media_type", "policy", "checked"), read_audited=("write", "summary", "bundle")),
    "export_archives": _rows(read_audited=("begin", "path"), edit=("remove",)),
    "subscriptions": _rows(
        read=("listing", "get"),
        edit_quietly=("credentials", "look"),
        edit=("add", "change", "change_address", "undo_address", "set_credentials", "another_agent", "refresh"),
    ),
    "discovery": _rows(read=("cover",), edit_quietly=("search", "on_page", "discover")),
    "feed_previews": _rows(edit_quietly=("look",)),
    "refresh": _rows(read=("state",), edit=("ask", "cancel")),
    "unsubscribe": _rows(read=("listing",), edit=("remove", "restore")),
    "imports": _rows(
        read=("listing", "get", "lines", "report", "keyed"),
        read_audited=("failed_opml", "export"),
        edit=("add_opml", "add_address", "cancel", "retry", "choose", "dismiss"),
        edit_quietly=("look_into", "check_address"),
    ),
    "backups": _rows(
        read=(*("listing", "state", "newest_nightly", "nightly_error", "shrunk", "verifying", "restore_state"),),
        admin=(*("path", "verify", "delete", "receive", "start", "cancel", "accept_shrunk", "start_verification", "restore"),),
    ),
    "accounts": _rows(
        read=("me",),
        own_audited=(
            *("change_own_password", "begin_totp", "confirm_totp", "end_totp", "revoke_session", "revoke_other_sessions"),
            *("add_token", "revoke_token"),
        ),
        own=("own_sessions", "own_tokens", "prove"),
        admin=("add", "change", "delete", "reset_password", "revoke_sessions_of", "open_again"),
        admin_quietly=("listing", "sessions_of"),
    ),
    "identities": _rows(own=("own",), own_audited=("link", "unlink"), admin_quietly=("of",), admin=("unlink_of",)),
    "doctor": _rows(admin=("start", "fix", "bundle"), admin_quietly=("running", "result", "would")),
    "notifications": _rows(
        read=("channels", "log"),
        edit=("add", "change", "readdress", "remove", "rotate_secret", "test", "send_again"),
    ),
    "incidents": _rows(read=("listing",), admin=("report",)),
    "trends": _rows(read=("view",)),
    "schedules": _rows(
        read=("listing", "get", "runs", "preview", "own_kinds", "next_feeds", "paused"),
        admin=("create", "change", "remove", "restore", "run"),
    ),
    "quiet_hours": _rows(read=("rules", "now", "sight"), edit=("rest_until", "rest_until_idle", "resume"), admin=("change",)),
    "logs": _rows(admin=("set_level", "reset_level", "download"), admin_quietly=("levels", "search")),
    "audit": _rows(admin_quietly=("page",), admin=("export",)),
}
"""The name of a service in core/app/services.py → its methods that take an actor → what they need."""

Note = Callable[[AuditEntry], object]


def hold(app: object, names: Iterable[str], note: Note) -> None:
    """Put the check around the methods of these services that take an actor. Raises LookupError for one without a row."""
    for name in names:
        service = getattr(app, name)
        for method, right in _of(name, type(service)).items():
            setattr(service, method, _checked(getattr(service, method), f"{name}.{method}", right, note))


def _of(name: str, kind: type) -> dict[str, Right]:
    """Return the rights of a class by method."""
    rows, asked = RIGHTS.get(name, {}), actor_methods(kind)
    if missing := [method for method in asked if method not in rows]:
        raise LookupError(f"RIGHTS in core/app/rights.py does not say who may call {name}: {', '.join(missing)}")
    return {method: rows[method] for method in asked}


def actor_methods(kind: type) -> list[str]:
    """Return the public methods of a class whose first parameter is the actor."""
    found = []
    for name, member in inspect.getmembers(kind, inspect.isfunction):
        parameters = list(inspect.signature(member).parameters)
        if name[0] != "_" and parameters[1:2] == ["actor"]:
            found.append(name)
    return found


def _checked(method: Callable[..., Any], name: str, right: Right, note: Note) -> Callable[..., Any]:
    about = [*inspect.signature(method).parameters, "", ""][1]

    def entry(actor: Actor, arguments: tuple[Any, ...], outcome: Outcome) -> AuditEntry:
        return AuditEntry(time.time(), actor.user_id, "", actor.how, name, _subject(about, arguments), outcome, actor.address)

    @contextmanager
    def noted(actor: Actor, arguments: tuple[Any, ...]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            note(entry(actor, arguments, "failed"))
            raise
        note(entry(actor, arguments, "done"))

    async def awaited(actor: Actor, arguments: tuple[Any, ...], begun: Coroutine[Any, Any, Any]) -> Any:
        with noted(actor, arguments):
            return await begun

    @functools.wraps(method)
    def checked(actor: Actor, *arguments: Any, **named: Any) -> Any:
        if actor.role < right.role:
            note(entry(actor, arguments, "refused"))
            raise NotAllowed()
        if not right.audited or actor.user_id == 0:
            return method(actor, *arguments, **named)
        if inspect.iscoroutinefunction(method):
            return awaited(actor, arguments, method(actor, *arguments, **named))
        with noted(actor, arguments):
            return method(actor, *arguments, **named)

    return checked


def _subject(about: str, arguments: tuple[Any, ...]) -> str:
    """Return what a call was about: ids, and words whose parameter is in TOLD; never contents, and never a secret."""
    first = arguments[0] if arguments else ""
    if isinstance(first, list | tuple | set):
        return f"{len(first)} of them"
    if isinstance(first, bool) or not isinstance(first, int | str):
        return ""
    return str(first)[:80] if isinstance(first, int) or (about in TOLD and first.isidentifier()) else ""
