"""The publisher's facts about an episode besides its notes: its place in the season, its kind, and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.services.reading.publisher_text import link
from pages.text import has, t

if TYPE_CHECKING:
    from core.domain.episodes.episode import Episode
    from core.domain.feeds.people import Person


def credits(episode: Episode) -> dict[str, Any]:
    """Return `{facts, people: [{name, role, link}]}` in the reader's language; a role without a translation stays as given."""
    return {"facts": " · ".join(_facts(episode)), "people": [_person(person) for person in episode.people]}


def _facts(episode: Episode) -> list[str]:
    facts = []
    if episode.season is not None:
        facts.append(t("credits.season", n=episode.season))
    if episode.number is not None:
        facts.append(t("credits.number", n=f"{episode.number:g}"))
    if episode.kind == "trailer":
        facts.append(t("credits.trailer"))
    if episode.kind == "bonus":
        facts.append(t("credits.bonus"))
    return facts


def _person(person: Person) -> dict[str, Any]:
    key = f"credits.role.{person.role}"
    return {"name": person.name, "role": t(key) if has(key) else person.role, "link": link(person.link)}
