"""The list of the library: the contents of its rows, fifty at first, refreshed while jobs are active and after acts.

    Choice ─▶ castmind.library.listing ─▶ data ─▶ episode_list ─ wish ─▶ selecting.act ─▶ data

state:  none ─▶ Transcribe   failed, cancelled ─▶ Try again   queued, running, waiting ─▶ Cancel   done ─▶ no button
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import app
from core.domain.episodes import show_notes
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import OPEN, Job, State
from core.services.library import covers
from core.services.library.library import LONGEST_GIST
from core.services.library.trash import KEPT_SECONDS
from pages.library import episode_list, selecting
from pages.library.filters import LibraryChoice
from pages.shared import acts, better_notes, formats, jobs
from pages.text import error_text, language, t
from pages.text import texts as all_texts
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.episode import Episode
    from core.domain.episodes.listed import Listed

# A row of the inbox offers the decisions.
DECISIONS = ("keep", "skip", "transcribe")
UNDECIDED = {"undecided": True, "acts": DECISIONS, "said": ""}
PAGE = 50
STRIP = 8
# Characters of the show notes in which their first line is looked for.
FIRST_LINE = 2000
LABELS = ("list", "select", "done", "choose", "more", "none", "bulk", "undo", "close", "going_on", "heard")
KEYS = ("keys", "play", "pause")
UNFILLED = ("deleted", "deleted_one", "deleted_named", "retry_failed")
# What the sheets say, with unfilled placeholders.
SHEET_WORDS = {
    **{name: f"head.{name}" for name in ("add_tag", "tag_hint", "new_tag", "remove_tag")},
    **{f"tag_{name}": f"library.tag.{name}" for name in ("title", "added", "removed", "deleted", "rename", "save", "delete")},
    "tags_themselves": "library.tag.themselves",
    "purge_title": "library.purge.title",
    "purge_body": "library.purge.body",
}
ACTS = ("star", "unstar", "unread", "read", "mark_unread", "tag", "export", "delete", "restore", "purge")
BULK = ("transcribe", "retry", "star", "read", "mark_unread", "tag", "export", "delete")
BULK_TRASH = ("restore", "purge")


def notice_arrivals() -> None:
    """Leave the empty page as soon as an episode arrives another way: the inbox, the API, another window."""
    if app.current().library.count(me()):
        st.rerun()


def listing(choice: LibraryChoice) -> None:
    """Draw the live part: handle the pending actions of the browser first; those that need the whole page trigger its rerun."""
    selecting.go_on()
    with st.container(key="library-better"):
        better_notes.of_all()
    library = app.current().library
    pages_key = f"library.pages.{choice.wanted}.{choice.sort}"
    found = library.listing(me(), choice.wanted, sort=choice.sort, limit=PAGE * int(st.session_state.get(pages_key, 1)))
    count = library.count(me(), choice.wanted)
    if not count:
        nothing_found(choice)
    more = found.next_cursor is not None
    given = _data(choice, found.items, count=count, more=more) | {"seen": acts.seen()}
    episode_list.mount(given, lambda: selecting.act(choice.wanted, pages_key))


def first(rows: int) -> dict[str, Any] | None:
    """Return the data of a list of the newest episodes, with so many rows; None while there are no episodes."""
    library, choice = app.current().library, LibraryChoice(Filter())
    count = library.count(me(), choice.wanted)
    if not count:
        return None
    found = library.listing(me(), choice.wanted, sort=choice.sort, limit=rows)
    return _data(choice, found.items, count=count, more=False)


def nothing_found(choice: LibraryChoice) -> None:
    """Say that nothing matches: name each filter that excludes episodes, and how to remove it."""
    if choice.wanted.deleted:
        st.info(t("library.trash.empty"), icon=":material/delete:")
        return
    if list(choice.holding or {}) == ["inbox"]:
        st.info(t("library.inbox.empty"), icon=":material/check:")
        return
    st.info(t("library.nothing_found"), icon=":material/search_off:")
    for name, words in (choice.holding or {}).items():
        st.markdown(f"**{words}**  \n{t(f'library.out.{name}')}")


def _data(choice: LibraryChoice, items: Iterable[Listed], *, count: int, more: bool) -> dict[str, Any]:
    """Return the component's data, as JSON types."""
    narrowed = bool(choice.holding)
    return {
        "what": f"{choice.wanted}{choice.sort}",
        "rows": [item | UNDECIDED for item in _rows(tuple(items))] if choice.wanted.inbox else _rows(tuple(items)),
        "more": more,
        "count": count,
        "trash": choice.wanted.deleted,
        "inbox": choice.wanted.inbox,
        "failed": choice.wanted.state is State.FAILED,
        "filter": _filter(choice.wanted),
        "seen": 0,
        "going_on": [] if narrowed or choice.wanted.deleted else [_going_on(item) for item in _unfinished()],
        "tags": [{"id": tag.id, "name": tag.name} for tag in app.current().bulk_actions.tags(me())],
        "bulk": BULK_TRASH if choice.wanted.deleted else BULK,
        "locale": language(),
        "text": _texts(count) | (_inbox_texts() if choice.wanted.inbox else {}),
    }


def _filter(wanted: Filter) -> dict[str, Any]:
    """Return the filter as the HTTP API takes it."""
    return {("q" if name == "text" else name): value for name, value in asdict(wanted).items() if value is not None}


def _texts(count: int) -> dict[str, Any]:
    texts: dict[str, Any] = acts.texts() | {name: t(f"library.{name}") for name in (*LABELS, *KEYS, *ACTS)}
    known = all_texts(language())
    texts |= {name: known[f"library.{name}"] for name in UNFILLED} | {name: known[key] for name, key in SHEET_WORDS.items()}
    texts |= {name: t(f"action.{name}") for name in ("transcribe", "retry", "cancel")}
    # The browser fills the placeholder, as boxes are ticked.
    return texts | {"all": t("library.all", n=f"{count:,}"), "chosen": t("library.chosen", n="{n}")}


def _inbox_texts() -> dict[str, Any]:
    texts: dict[str, Any] = {f"decided_{name}": all_texts(language())[f"library.decided.{name}"] for name in DECISIONS}
    return texts | {"keep": t("library.keep"), "skip": t("library.skip"), "keys": t("library.inbox.keys")}


# --- one row --------------------------------------------------------------------------------------------


def _rows(items: Sequence[Listed]) -> list[dict[str, Any]]:
    gists = app.current().library.gists(me(), [item.episode.id for item in items])
    return [row(item, gists.get(item.episode.id)) for item in items]


def row(item: Listed, gist: str | None = None) -> dict[str, Any]:
    """Return a row's data. `gist` is that of the notes; without one, the first line of the show notes stands in."""
    episode, state = item.episode, item.state
    job = jobs.foremost(item)
    running = job is not None and job.state is State.RUNNING
    deleted = episode.deleted_at is not None
    return _identity(item) | {
        "state": None if deleted else state.value if state else None,
        "said": _said(episode, state),
        "gist": gist or _first_line(episode.description),
        "facts": _facts(item),
        "tags": [tag.name for tag in item.tags],
        "unread": item.reading.read_at is None and not deleted,
        "starred": item.reading.starred_at is not None,
        "heard": _heard(item),
        "doing": jobs.doing(job) if job and running and not deleted else None,
        "progress": job.progress if job and running else 0,
        "reason": None if deleted else _reason(job),
        "acts": _acts(state, deleted=deleted),
        "deleted": deleted,
    }


def _identity(item: Listed) -> dict[str, Any]:
    episode = item.episode
    return {
        "id": episode.id,
        "title": episode.title,
        "href": f"/episode?id={episode.id}",
        "initial": covers.initial(covers.name_of(item)),
        "hue": covers.hue(covers.name_of(item)),
        "cover": f"/api/v1/episodes/{episode.id}/cover" if covers.origin_of(item) else None,
        "audio": f"/api/v1/episodes/{episode.id}/audio" if episode.media_path and episode.deleted_at is None else None,
        "feed": item.feed_title,
        "duration": episode.duration,
        "position": item.reading.position,
    }


def _said(episode: Episode, state: State | None) -> str:
    if episode.deleted_at is not None:
        return t("library.until", date=formats.date(episode.deleted_at + KEPT_SECONDS))
    if state is State.DONE:
        return ""
    return t(f"state.{state.value}") if state else t("state.new")


def _first_line(description: str) -> str:
    found = show_notes.lines(description[:FIRST_LINE])
    return found[0][:LONGEST_GIST] if found else ""


def _facts(item: Listed) -> list[str]:
    episode = item.episode
    words = [item.feed_title or t(f"source.{episode.source.value}"), formats.recent(episode.published_at or episode.created_at)]
    if episode.duration:
        words.append(formats.clock(episode.duration))
    if episode.audio_dropped_at is not None:
        words.append(t("library.audio_dropped"))
    return words


def _heard(item: Listed) -> float:
    position, duration = item.reading.position, item.episode.duration
    return position / duration if duration and position > 0 else 0.0


def _reason(job: Job | None) -> str | None:
    if job is None or not job.error or job.state not in (*OPEN, State.FAILED):
        return None
    return error_text(job.error)[:1000]


def _acts(state: State | None, *, deleted: bool) -> list[str]:
    if deleted:
        return ["restore", "purge"]
    if state is None:
        return ["transcribe"]
    if state in (State.FAILED, State.CANCELLED):
        return ["retry"]
    return ["cancel"] if state in OPEN else []


# --- episodes not played to the end -----------------------------------------------------------------------


def _unfinished() -> list[Listed]:
    return app.current().library.unfinished(me(), limit=STRIP)


def _going_on(item: Listed) -> dict[str, Any]:
    episode = item.episode
    left = max((episode.duration or 0) - item.reading.position, 0)
    words = t("library.left", time=formats.span(left)) if episode.duration else formats.clock(item.reading.position)
    return _identity(item) | {"left": words, "heard": _heard(item)}
