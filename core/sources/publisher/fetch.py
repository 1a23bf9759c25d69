"""Fetch the chapters and transcripts that a feed offers, through the guard like all requests.

    offers, the best first ─▶ web.Fetcher ─▶ document (confined) ─▶ OfferOutcome     (the first good one of each kind is enough)

Nothing here raises but Stopped: a failed fetch or parse is an OfferOutcome with its reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable

from core.domain.episodes.publisher_extras import Document, ExtraKind, Offer, OfferOutcome, in_order
from core.domain.feeds.feed_address import shown
from core.domain.feeds.feed_credentials import FeedCredentials
from core.errors import CastMindError, Stopped, UserError
from core.net.web import Fetcher, Patience
from core.sources.publisher.document import Asked, read_document

log = logging.getLogger(__name__)

MOST_BYTES = {ExtraKind.CHAPTERS: 2_000_000, ExtraKind.TRANSCRIPT: 20_000_000}
MOST_OFFERS = 6
PATIENCE = Patience(connect=10.0, read=15.0, whole=40.0)


def fetch_all(
    offers: Iterable[Offer],
    fetcher: Fetcher,
    *,
    language: str | None = None,
    check: Callable[[], None] = lambda: None,
    credentials: FeedCredentials | None = None,
    people: Collection[str] = (),
) -> list[OfferOutcome]:
    """Return an outcome for each offer that was tried. `people`: names known to speak in the episode.

    `check` is called at least twice a second; it raises Stopped to cancel.
    """
    outcomes: list[OfferOutcome] = []
    done: set[ExtraKind] = set()
    for offer in in_order(offers, language)[:MOST_OFFERS]:
        if offer.kind not in done:
            outcomes.append(_try(offer, fetcher, check, credentials, people))
            done |= {offer.kind} if outcomes[-1].document else set()
    return outcomes


def _try(
    offer: Offer, fetcher: Fetcher, check: Callable[[], None], credentials: FeedCredentials | None, people: Collection[str]
) -> OfferOutcome:
    try:
        return OfferOutcome(offer, _fetch(offer, fetcher, check, credentials, people))
    except Stopped:
        raise
    except CastMindError as error:
        log.info("%s by the publisher left out: %s", offer.kind.value, error.code)
        return OfferOutcome(offer, error=error.detail)
    except Exception:
        log.exception("%s by the publisher could not be read", offer.kind.value)
        return OfferOutcome(offer, error=f"The {offer.kind.value} at {shown(offer.url)} could not be read.")


def _fetch(
    offer: Offer, fetcher: Fetcher, check: Callable[[], None], credentials: FeedCredentials | None, people: Collection[str]
) -> Document:
    with fetcher.open(offer.url, patience=PATIENCE, check=check, credentials=credentials) as answer:
        if answer.status != 200:
            raise UserError(f"{shown(offer.url)} answers with status {answer.status}.")
        body, kind = answer.read(MOST_BYTES[offer.kind]), answer.content_type
    asked = Asked(offer.kind, offer.url, _stated(offer.media_type, kind), offer.language, tuple(people))
    return read_document(body, asked, check=check)


def _stated(offered: str | None, answered: str) -> str:
    """Return the feed's media type, then the server's Content-Type, which alone may name a charset."""
    return f"{offered}; {answered}" if offered else answered
