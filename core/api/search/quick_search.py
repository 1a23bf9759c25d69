"""GET /search/quick: the first hits while somebody types, by episode, with all that a list of them shows.

the last word is still being typed ─▶ words that begin with it match too
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.api import schemas, time_zone
from core.api.asking import Asking
from core.api.contract import told
from core.api.json_answers import answer
from core.api.services import Services
from core.domain.episodes.listed import Listed
from core.domain.episodes.search_result import DocumentKind, Group
from core.services.search.search import LONGEST

EPISODES = 6
HITS = 3
MOST = 200
# A last word that may go on: not a filter, not in quotation marks, and not ended by a sign.
_UNFINISHED = re.compile(r"(?:^|\s)[^\s\"“”「」:：-][^\s\"“”「」:：]*(?<=\w)$")


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["search"])

    @api.get("/search/quick", response_model=schemas.Json, responses=told(304))
    def quick(
        actor: Asking,
        request: Request,
        q: Annotated[str, Query(max_length=LONGEST)],
        limit: Annotated[int, Query(ge=1, le=MOST, description="Episodes")] = EPISODES,
        per_episode: Annotated[int, Query(ge=1, le=MOST, description="Hits of each episode")] = HITS,
        zone: Annotated[str | None, Query(description="Of the days in q, as Europe/Berlin; UTC without it")] = None,
    ) -> Response:
        """The best episodes with their hits: `{episodes: [{id, title, marks, feed_id, feed_title, published_at, duration,
        has_audio, count, hits: [{kind, start, speaker, snippet, marks, before, after}]}], total, at_least, more, order, hints:
        [{code, value}], kinds: {kind: hits}, feeds: [{name, episodes}], tags: [{name, episodes}]}`.

        `count` is the number of hits besides the title, `total` that of all hits; with `at_least` there are more. `more` tells
        that further episodes have hits. `before` and `after` are the words around a short snippet. `kinds` counts the hits of
        each kind, also of those that `in:` leaves out; `feeds` and `tags` are the most frequent ones of the episodes.
        """
        days = time_zone.named(zone) if zone else UTC
        found = services.search.find(actor, unfinished(q), groups=limit + 1, per_group=per_episode, zone=days)
        shown = found.groups[:limit]
        said = {
            "episodes": [_episode(group, services.library.episode(actor, group.episode_id)) for group in shown],
            "total": found.total,
            "at_least": found.at_least,
            "more": len(found.groups) > limit,
            "order": found.order,
            "hints": [schemas.search_hint(hint) for hint in found.hints],
            "kinds": {kind.name.lower(): count for kind, count in found.kinds.items()},
            "feeds": [{"name": name, "episodes": count} for name, count in found.feeds],
            "tags": [{"name": name, "episodes": count} for name, count in found.tags],
        }
        return answer(request, said)

    return api


def unfinished(text: str) -> str:
    """Return the query with its last word as the beginning of one, unless it cannot go on."""
    return f"{text}*" if text.count('"') % 2 == 0 and _UNFINISHED.search(text) else text


def _episode(group: Group, listed: Listed) -> schemas.Json:
    episode = listed.episode
    hits = [hit for hit in group.hits if hit.kind is not DocumentKind.TITLE]
    return {
        "id": group.episode_id,
        "title": group.title,
        "marks": [list(mark) for mark in group.marks],
        "feed_id": episode.feed_id,
        "feed_title": group.feed_title,
        "published_at": schemas.moment(group.published_at),
        "duration": episode.duration,
        "has_audio": episode.media_path is not None,
        "count": group.count - (len(group.hits) - len(hits)),
        "hits": [schemas.search_hit(hit) for hit in hits],
    }
