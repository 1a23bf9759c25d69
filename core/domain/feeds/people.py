"""People who take part in an episode, as its publisher names them (podcast:person).

people of the item, or else of the whole show ─▶ Person(name, role) ─▶ the database, as text ─▶ pages, exports
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


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
