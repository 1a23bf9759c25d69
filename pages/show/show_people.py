"""The people of a show, as its episodes name them: hosts and guests, each with a link.

castmind.library.people ─▶ [{said, names: [{name, href, away}]}]; a link leads to the person's own page, else to a search:
`speaker:"Anna"` where a transcript names them as a speaker, else the words of the name
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from core import app
from core.services.reading import publisher_text
from pages.text import t
from pages.visitor import me

if TYPE_CHECKING:
    from core.domain.feeds.people import Person

# Of each group; the guests of ten years do not all fit into the head of a page.
MOST = 60


def groups(feed_id: int) -> list[dict[str, Any]]:
    found = app.current().library.people(me(), feed_id)
    named = {"hosts": found.hosts[:MOST], "guests": found.guests[:MOST]}
    speak = app.current().search.speakers(me(), [person.name for people in named.values() for person in people])
    return [
        {"said": t(f"show.{group}", n=len(people)), "names": _names(people, speak)} for group, people in named.items() if people
    ]


def _names(people: Sequence[Person], speak: set[str]) -> list[dict[str, Any]]:
    return [{"name": each.name} | _link(each, speaks=each.name in speak) for each in people]


def _link(person: Person, *, speaks: bool) -> dict[str, Any]:
    if page := publisher_text.link(person.link):
        return {"href": page, "away": True}
    name = '"' + " ".join(person.name.replace('"', " ").split()) + '"'
    return {"href": "/search?" + urlencode({"q": f"speaker:{name}" if speaks else name}), "away": False}
