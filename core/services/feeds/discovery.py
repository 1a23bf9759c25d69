"""Podcast discovery (`castmind.discovery`): search terms in a directory, or feeds linked from a web page.

    terms ─▶ Directory.search ─┐                                ┌─ already subscribed? ─▶ feed id
    page  ─▶ Discovery.find ───┴─▶ FeedCandidate ─▶ FoundShows ─┴─ cover ─▶ fetched by this server on demand

Only the search terms are sent to the chosen directory. This server fetches the covers too: hotlinked images would reveal the
viewer to every publisher. It fetches covers of recent results only, so that clients cannot make it fetch arbitrary URLs.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.domain.accounts.actor import Actor
from core.domain.feeds.feed_address import typed
from core.domain.feeds.imports import FeedCandidate, Which
from core.errors import CastMindError, NotFound
from core.net.addresses import check_url
from core.net.web import Fetcher
from core.services.library.covers import Cover, square
from core.services.settings.settings_service import SettingsService
from core.sources.directory import Directory, Places
from core.sources.discovery import Discovery
from core.sources.media import picture
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds

log = logging.getLogger(__name__)

COVERS_KEPT = 300
COVERS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class FoundShows:
    """A feed in the results. `feed_id`: its id if it is subscribed already; `cover`: the token for `PodcastDiscovery.cover`."""

    candidate: FeedCandidate
    cover: str
    feed_id: int | None = None


class PodcastDiscovery:
    """Searches directories and web pages, and serves covers of the results. Thread-safe; all methods block."""

    def __init__(
        self, store: Store, preferences: SettingsService, fetcher: Fetcher, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._fetcher = fetcher
        self._directory = Directory(fetcher, self._places, clock=clock)
        self._discovery = Discovery(fetcher, self._directory)
        self._covers: OrderedDict[str, tuple[str, str | None, bytes | None]] = OrderedDict()
        self._guard = threading.Lock()
        self._turns = threading.BoundedSemaphore(COVERS_AT_ONCE)

    @property
    def directories(self) -> tuple[Which, ...]:
        """Return the directories that the settings enable."""
        return self._places().open

    def search(self, actor: Actor, words: str, which: Which | None = None) -> list[FoundShows]:
        """Search a directory, by default the first one. Raises UserError, DirectoryUnavailable, NetworkUnreachable."""
        return self._found(self._directory.search(words, which))

    def on_page(self, actor: Actor, url: str) -> list[FoundShows]:
        """Return the feeds that a web page links to. Raises BadAddress, and the errors of fetching the page."""
        address = typed(url)
        check_url(address)
        return self._found(self._discovery.find(address))

    def discover(self, actor: Actor, url: str, check: Callable[[], None]) -> list[FeedCandidate]:
        """Return the feeds of a web page for an import. `check` may raise to end the fetch."""
        return self._discovery.find(url, check)

    def found(self, candidate: FeedCandidate) -> FoundShows:
        """Return a feed that the caller has read, as a result with a cover."""
        return self._found([candidate])[0]

    def cover(self, actor: Actor, token: str) -> Cover:
        """Return the cover of a result, or a placeholder. Raises NotFound for tokens of no recent result."""
        with self._turns:
            with self._guard:
                if token not in self._covers:
                    raise NotFound("There is no such picture among the last results.")
                name, url, body = self._covers[token]
            if body is None:
                body = self._fetched(url) if url else b""
                with self._guard:
                    self._covers[token] = (name, url, body)
        return Cover(body, "image/webp", final=True) if body else Cover(square(name), "image/svg+xml", final=True)

    def _fetched(self, url: str) -> bytes:
        try:
            return picture.of_address(self._fetcher, url) or b""
        except CastMindError as error:
            log.info("the cover of a result could not be had: %s", error.code)
            return b""

    def _found(self, candidates: Iterable[FeedCandidate]) -> list[FoundShows]:
        db = self._store.read()
        return [FoundShows(each, self._remember(each), _id_of(db, each.url)) for each in candidates]

    def _remember(self, each: FeedCandidate) -> str:
        token = hashlib.sha256(f"{each.image_url} {each.title}".encode()).hexdigest()[:32]
        with self._guard:
            self._covers[token] = self._covers.pop(token, (each.title, each.image_url, None))
            while len(self._covers) > COVERS_KEPT:
                self._covers.popitem(last=False)
        return token

    def _places(self) -> Places:
        values = self._preferences.values
        return Places(values.itunes_url, values.podcastindex_url, values.podcastindex_key, values.podcastindex_secret)


def _id_of(db: Database, url: str) -> int | None:
    there = feeds.with_url(db, url)
    return there.id if there else None
