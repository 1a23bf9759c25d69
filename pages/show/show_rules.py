"""The rules of a show in one line: which episodes are transcribed, what is kept, the language of its notes.

feed, its rule of retention, settings ─▶ [{said, href}], joined with dots; `href`: where a rule of all shows is changed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import app
from core.domain.episodes.retention import Audio, Episodes
from core.domain.feeds.folder_feed import is_local
from pages.library.filters import language_name
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.episodes.retention import Rule
    from core.domain.feeds.feed import Feed

AUDIO = {Audio.HEARD: "show.rule.audio_heard", Audio.DAYS: "show.rule.audio_days", Audio.TEXT: "show.rule.audio_text"}


def lines(feed: Feed) -> list[dict[str, str | None]]:
    """Return the rules, each with the page that changes it if the show's own options do not."""
    own = _of_folder() if is_local(feed.url) else _of_feed(feed)
    return [*({"said": said, "href": None} for said in own), {"said": _notes(), "href": "/settings"}]


def _of_folder() -> list[str]:
    return [t("show.rule.folder"), t("show.rule.kept")]


def _of_feed(feed: Feed) -> list[str]:
    rule = app.current().retention.rule(me(), feed.id).rule
    said = [t("show.rule.new") if feed.auto_transcribe else t("show.rule.asked"), _episodes(rule)]
    if rule.audio in AUDIO:
        said.append(t(AUDIO[rule.audio], n=rule.audio_days))
    return said


def _episodes(rule: Rule) -> str:
    if rule.episodes is Episodes.NEWEST:
        return t("show.rule.newest", n=rule.newest)
    return t("show.rule.days", n=rule.days) if rule.episodes is Episodes.DAYS else t("show.rule.all")


def _notes() -> str:
    code = app.current().settings.values.notes_language
    return t("show.rule.notes_spoken") if code in ("", "auto") else t("show.rule.notes", language=language_name(code))
