"""Fetches what a feed offers besides the sound, through the same guarded way as everything.

    offers, the best first ─▶ web.Fetcher ─▶ chapters | published_transcript ─▶ Outcome     (one transcript is enough)

Nothing here fails: what cannot be fetched or read is an Outcome with its reason. Only Stopped goes through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from core.domain.access import Access
from core.domain.supplied import Document, Kind, Offer, Outcome, in_order
from core.errors import CastMindError, Stopped, UserError
from core.sources import chapters, published_transcript
from core.sources.addresses import shown
from core.sources.web import Fetcher, Patience

log = logging.getLogger(__name__)

MOST_BYTES = {Kind.CHAPTERS: 2_000_000, Kind.TRANSCRIPT: 20_000_000}
MOST_OFFERS = 6
PATIENCE = Patience(connect=10.0, read=15.0, whole=40.0)


def fetch_all(
    offers: Iterable[Offer],
    fetcher: Fetcher,
    *,
    language: str | None = None,
    check: Callable[[], None] = lambda: None,
    access: Access | None = None,
) -> list[Outcome]:
    """An outcome for each offer that was tried. `check` is called at least twice a second and raises Stopped to end it."""
    outcomes: list[Outcome] = []
    done: set[Kind] = set()
    for offer in in_order(offers, language)[:MOST_OFFERS]:
        if offer.kind not in done:
            outcomes.append(_try(offer, fetcher, check, access))
            done |= {offer.kind} if outcomes[-1].document else set()
    return outcomes


def _try(offer: Offer, fetcher: Fetcher, check: Callable[[], None], access: Access | None) -> Outcome:
    try:
        return Outcome(offer, _fetch(offer, fetcher, check, access))
    except Stopped:
        raise
    except CastMindError as error:
        log.info("%s by the publisher left out: %s", offer.kind.value, error.code)
        return Outcome(offer, error=error.detail)
    except Exception:
        log.exception("%s by the publisher could not be read", offer.kind.value)
        return Outcome(offer, error=f"The {offer.kind.value} at {shown(offer.url)} could not be read.")


def _fetch(offer: Offer, fetcher: Fetcher, check: Callable[[], None], access: Access | None) -> Document:
    with fetcher.open(offer.url, patience=PATIENCE, check=check, access=access) as answer:
        if answer.status != 200:
            raise UserError(f"{shown(offer.url)} answers with status {answer.status}.")
        body, kind = answer.read(MOST_BYTES[offer.kind]), answer.content_type
    if offer.kind is Kind.CHAPTERS:
        return chapters.parse(body, offer.url)
    return published_transcript.parse(body, offer.media_type or kind, offer.language)
