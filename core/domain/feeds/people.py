"""People who take part in an episode, as its publisher names them (podcast:person).

people of the item, or else of the whole show ─▶ Person(name, role) ─▶ the database, as text ─▶ pages, exports
of all episodes of a show ─▶ ShowPeople: its hosts, its guests
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

HOSTS = ("host", "co-host")
GUESTS = ("guest", "guest host")


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is the publisher's word, lower case: host, guest, editor, …"""

    name: str
    role: str = "host"
    link: str | None = None


def written(people: Iterable[Person]) -> str | None:
    """Return the text for one column; None for nobody."""
    rows = [[p.name, p.role, p.link] for p in people]
    return json.dumps(rows, ensure_ascii=False) if rows else None


def read(text: str | None) -> tuple[Person, ...]:
    return tuple(Person(*row) for row in json.loads(text)) if text else ()


@dataclass(frozen=True, slots=True)
class ShowPeople:
    """The hosts of a show, the most frequent first, and its guests, the latest first; each person once."""

    hosts: tuple[Person, ...] = ()
    guests: tuple[Person, ...] = ()


def of_show(credits: Iterable[Iterable[Person]]) -> ShowPeople:
    """Return the people of a show from those of its episodes, the newest episode first.

    Whoever hosted as often as they were a guest is a host. Names that differ in case and spaces alone are one person; the
    newest spelling and the newest link count.
    """
    found: dict[str, Person] = {}
    hosted: Counter[str] = Counter()
    visited: Counter[str] = Counter()
    for people in credits:
        for person in people:
            if person.role not in (*HOSTS, *GUESTS):
                continue
            name = " ".join(person.name.casefold().split())
            (hosted if person.role in HOSTS else visited)[name] += 1
            known = found.setdefault(name, person)
            if not known.link and person.link:
                found[name] = replace(known, link=person.link)
    hosts = sorted((name for name in found if hosted[name] and hosted[name] >= visited[name]), key=lambda name: -hosted[name])
    return ShowPeople(tuple(found[name] for name in hosts), tuple(found[name] for name in found if name not in hosts))
