"""GET /search, and its index: the progress (GET /search/index), and a rebuild (POST /search/index)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.contract import told
from core.api.json_answers import answer
from core.api.services import Services
from core.domain.episodes.search_query import Hint
from core.domain.episodes.search_result import BackfillProgress, DocumentKind, Group, Hit
from core.services.search.search import LONGEST

# The English text of each hint; the pages have their own text for each code.
HINTS = {
    "quote_open": "A quotation mark is not closed; the phrase was taken to go on to the end.",
    "unknown_filter": "There is no filter “{value}:”; it was searched for as a word. Filters are feed, speaker, tag, in, "
    "episode, after and before.",
    "empty_filter": "Nothing stands behind “{value}:”; it was left out.",
    "bad_date": "“{value}” is no date; it was left out. Write 2026, 2026-03 or 2026-03-01.",
    "no_feed": "No feed has “{value}” in its name.",
    "no_tag": "There is no tag “{value}”.",
    "no_kind": "There is no kind of text “{value}”. Kinds are transcript, title, notes, mynotes, comments, shownotes "
    "and publisher.",
    "no_episode": "There is no episode {value}.",
    "only_excluded": "Only what is to be left out was named: say also what to look for.",
    "only_kinds": "Only the kind of text was named: say also what to look for.",
    "nothing_sought": "There is no letter or digit in this to look for.",
    "newest_first": "There are more than {value} hits: the newest come first, unranked.",
    "scattered": "No sentence holds all of these words; these episodes hold each of them somewhere.",
    "filling": "The index is being built: {value} % of the episodes are in it.",
}


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["search"])

    @api.get("/search", response_model=schemas.Json, responses=told(304))
    def find(
        actor: Asking,
        request: Request,
        q: Annotated[str, Query(max_length=LONGEST)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        per_episode: Annotated[int, Query(ge=1, le=200)] = 10,
    ) -> Response:
        """Hits by episode, the best episode first, within it in the order of the audio.

        `word`, `"a phrase"`, `begin*`, `-without`, `feed:`, `speaker:`, `tag:`, `episode:`, `after:` and `before:`. Each item
        is `{episode_id, title, feed_title, kind, segment_id, start, speaker, snippet, marks: [[from, to], …]}`; `kind` is
        segment, title, note, own_note or remark. `total` counts the hits, or is null when there are more than `at_least`.
        """
        found = services.search.find(actor, q, groups=limit, per_group=per_episode, hits=limit)
        items = [_item(group, hit) for group in found.groups for hit in group.hits][:limit]
        said = {
            "items": items,
            "total": None if found.at_least else found.total,
            "at_least": found.total,
            "order": found.order,
            "hint": " ".join(_said(hint) for hint in found.hints) or None,
            "hints": [schemas.search_hint(hint) for hint in found.hints],
        }
        return answer(request, said)

    @api.get("/search/index")
    def index(actor: Asking) -> schemas.Json:
        """`{done, total, rebuilding, whole}`, in episodes."""
        return _progress(services.search.progress(actor))

    @api.post("/search/index", status_code=202)
    def rebuild(actor: Asking) -> schemas.Json:
        """Writes the index anew in the background; searches use the one that is there until then."""
        return _progress(services.search.rebuild(actor))

    return api


def _item(group: Group, hit: Hit) -> schemas.Json:
    return {
        "episode_id": group.episode_id,
        "title": group.title,
        "feed_title": group.feed_title,
        "segment_id": hit.place if hit.kind is DocumentKind.SEGMENT else None,
        **schemas.search_hit(hit),
    }


def _said(hint: Hint) -> str:
    return HINTS[hint.code].format(value=hint.value)


def _progress(progress: BackfillProgress) -> schemas.Json:
    return {"done": progress.done, "total": progress.total, "rebuilding": progress.rebuilding, "whole": progress.whole}
