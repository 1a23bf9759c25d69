"""Highlights of the whole library: GET /highlights (a page), …/counts, …/review, …/export (a file)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from core.api import schemas
from core.api.asking import Asking
from core.api.attachment import disposition
from core.api.bounds import Id
from core.api.library.exports import base_of
from core.api.services import Services
from core.domain.transcripts.annotation import Colour, HighlightFilter, HighlightForm, HighlightGroup, ListedHighlight

FILES = {
    HighlightForm.MARKDOWN: (".md", "text/markdown"),
    HighlightForm.CSV: (".csv", "text/csv"),
    HighlightForm.READWISE: (".csv", "text/csv"),
}


def asked_for(
    colour: Colour | None = None,
    feed_id: Id | None = None,
    tag_id: Id | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
) -> HighlightFilter:
    return HighlightFilter(colour, feed_id, tag_id, q)


Wanted = Annotated[HighlightFilter, Depends(asked_for)]


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["annotations"])
    highlights = services.highlights

    @api.get("/highlights")
    def listing(
        actor: Asking, wanted: Wanted, before: Id | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> schemas.Json:
        """The newest first. `next` is the `before` of the next page, null after the last one. `q`: letters of quote or remark."""
        items, following = highlights.listing(actor, wanted, before=before, limit=limit)
        return {"items": [_listed(row) for row in items], "next": following}

    @api.get("/highlights/counts")
    def counts(actor: Asking) -> schemas.Json:
        """`{total, colours: {colour: n}, feeds: [{id, name, count}], tags: [{id, name, count}]}`."""
        found = highlights.counts(actor)
        colours = {colour.value: number for colour, number in found.colours.items()}
        return {"total": found.total, "colours": colours, "feeds": _groups(found.feeds), "tags": _groups(found.tags)}

    @api.get("/highlights/review")
    def review(actor: Asking, day: date | None = None) -> schemas.Json:
        """Three to read again, the same all `day` (today in UTC if left out)."""
        return {"items": [_listed(row) for row in highlights.review(actor, day or datetime.now(UTC).date())]}

    @api.get("/highlights/export", response_class=Response)
    def export(actor: Asking, request: Request, wanted: Wanted, form: HighlightForm = HighlightForm.MARKDOWN) -> Response:
        """All that are meant as a file: Markdown, CSV for spreadsheets, or the CSV that Readwise imports."""
        base = base_of(request)
        text = highlights.export(actor, form, wanted, page=lambda number, second: f"{base}/episode?id={number}&t={second:g}")
        suffix, kind = FILES[form]
        # A spreadsheet recognises UTF-8 by the mark.
        mark = "\ufeff" if form is HighlightForm.CSV else ""
        headers = disposition("CastMind highlights", suffix, download=True)
        return Response(mark + text, headers=headers, media_type=f"{kind}; charset=utf-8")

    return api


def _listed(row: ListedHighlight) -> schemas.Json:
    return schemas.highlight(row.highlight) | {
        "episode_title": row.episode_title,
        "feed_id": row.feed_id,
        "feed_title": row.feed_title,
        "duration": row.duration,
        "has_audio": row.has_audio,
    }


def _groups(groups: tuple[HighlightGroup, ...]) -> list[schemas.Json]:
    return [{"id": group.id, "name": group.name, "count": group.count} for group in groups]
