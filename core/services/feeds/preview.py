"""A look at a podcast before subscribing: nothing is stored.

address ─▶ fetch ─┬─ a feed ─────▶ parse ─▶ FeedPreview
                  └─ a web page ─▶ the feeds that it links to ─┬─ one ─────▶ FeedPreview
                                                              └─ several ─▶ FoundShows to choose from
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.accounts.actor import Actor
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.domain.feeds.feed_address import typed
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.feeds.imports import FeedCandidate
from core.errors import NotAFeed
from core.services.feeds import deadline
from core.services.feeds.discovery import FoundShows, PodcastDiscovery
from core.services.feeds.subscriptions import Subscriptions
from core.services.reading import publisher_text

# Seconds. The reader waits for the result.
PATIENCE = 40.0
NEWEST = 5


@dataclass(frozen=True, slots=True)
class FeedPreview:
    """A podcast as its feed describes it. `show` has its address, cover, number of episodes, and the feed if it is subscribed.

    `description` is plain text, `newest` are the newest episodes, `language` the code that the feed names, "" for none.
    """

    show: FoundShows
    description: str
    language: str
    newest: tuple[FeedEntry, ...]


class FeedPreviews:
    """Thread-safe; blocks for at most PATIENCE seconds."""

    def __init__(self, subscriptions: Subscriptions, discovery: PodcastDiscovery) -> None:
        self._subscriptions = subscriptions
        self._discovery = discovery

    def look(self, actor: Actor, url: str, credentials: FeedCredentials | None = None) -> FeedPreview | list[FoundShows]:
        """Return the podcast at an address, or, for a web page with several, those to choose from.

        Raises the errors of `Subscriptions.look`.
        """
        with deadline.within(PATIENCE):
            try:
                return self._preview(typed(url), self._subscriptions.look(actor, url, credentials))
            except NotAFeed:
                found = self._discovery.on_page(actor, url)
                if not found:
                    raise
                if len(found) > 1:
                    return found
                address = found[0].candidate.url
                return self._preview(address, self._subscriptions.look(actor, address))

    def _preview(self, address: str, parsed: ParsedFeed) -> FeedPreview:
        candidate = FeedCandidate(address, parsed.title, parsed.author, image_url=parsed.image_url, episodes=len(parsed.entries))
        show = self._discovery.found(candidate)
        return FeedPreview(show, publisher_text.plain_text(parsed.description), parsed.language or "", parsed.entries[:NEWEST])
