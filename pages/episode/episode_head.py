"""The head of an episode's page as one component: cover, title, show, date, length, star, tags, and a menu.

Listed ─▶ row ─▶ component ─┬─ acts (shared/acts.js), title (PATCH) ─▶ HTTP API; trigger `changed` once they are settled
                            └─ trigger `asked` ─▶ the page's dialogs: downloads, transcribe again
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import app
from core.domain.episodes.listed import Listed
from core.services.library import covers
from pages.episode import episode_dialogs
from pages.shared import acts, formats
from pages.shared.component_source import source, told
from pages.text import language, t
from pages.text import texts as all_texts
from pages.visitor import me

KEY = "episode-head"
_SCRIPTS = ("shared/page.js", "shared/acts.js", "shared/cover.js", "shared/menu.js", "shared/tag_field.js", "episode_head.js")
_STYLES = ("shared/messages.css", "shared/menu.css", "shared/tag_field.css", "episode_head.css")
_WORDS = {
    "star": "library.star",
    "mark_read": "library.read",
    "mark_unread": "library.mark_unread",
    "delete": "library.delete",
    "restore": "library.restore",
    "close": "library.close",
    "downloads": "episode.downloads",
    "again": "episode.transcribe_again",
    **{
        name: f"head.{name}"
        for name in ("title", "title_empty", "rename", "more", "add_tag", "tag_hint", "new_tag", "remove_tag")
    },
}

_component = st.components.v2.component("castmind_episode_head", js=source(__file__, *_SCRIPTS), css=source(__file__, *_STYLES))


def draw(listed: Listed, *, transcribed: bool) -> None:
    known = all_texts(language())
    data = {
        "row": row(listed),
        "known": [tag.name for tag in app.current().bulk_actions.tags(me())],
        "menu": list(episode_dialogs.NAMES) if transcribed else [],
        "seen": acts.seen(),
        "locale": language(),
        "text": acts.texts() | {name: known[key] for name, key in _WORDS.items()},
    }
    asked = lambda: _asked(listed.episode.id)  # noqa: E731
    # In a list: Streamlit would search a dictionary for data frames, and that loads pandas for good.
    _component(key=KEY, data=[data], on_asked_change=asked, on_changed_change=lambda: acts.settled(KEY))


def row(listed: Listed) -> dict[str, Any]:
    episode = listed.episode
    published = episode.published_at or episode.created_at
    facts = [{"said": formats.recent(published), "title": formats.time_of(published)}]
    if episode.duration:
        facts.append({"said": formats.clock(episode.duration)})
    return {
        "id": episode.id,
        "title": episode.title,
        "initial": covers.initial(covers.name_of(listed)),
        "hue": covers.hue(covers.name_of(listed)),
        "cover": f"/api/v1/episodes/{episode.id}/cover" if covers.origin_of(listed) else None,
        "show": _show(listed),
        "facts": facts,
        "starred": listed.reading.starred_at is not None,
        "unread": listed.reading.read_at is None,
        "tags": [tag.name for tag in listed.tags],
        "deleted": episode.deleted_at is not None,
    }


def _show(listed: Listed) -> dict[str, str | None]:
    episode = listed.episode
    if listed.feed_title and episode.feed_id is not None:
        return {"name": listed.feed_title, "href": f"/?feed={episode.feed_id}"}
    return {"name": t(f"episode.source.{episode.source.value}"), "href": None}


def _asked(episode_id: int) -> None:
    """Open a dialog; this is a callback. The value comes from the browser, so its shape is checked."""
    match told(KEY, "asked"):
        case [str(name), *_] if name in episode_dialogs.NAMES:
            episode_dialogs.ask(name, episode_id)
