"""Extras from publishers and media files (`castmind.publisher_extras`): chapters, transcripts, speakers' names.

    poll ─▶ offers (URLs) ─fetch stage, or step() for later offers─▶ `supplied` table ─▶ chapters(id), transcript(id)
    file ─probe─▶ chapters ──────────────────────────────────────────────────────┘
    the publisher's transcript names speakers ─▶ name_speakers: copied to our transcript, where text and time agree

A failed offer never fails the episode: `status(id)` returns each offer with its error.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Episode
from core.domain.episodes.publisher_extras import ExtraKind, OfferOutcome, Origin, SuppliedChapter
from core.domain.transcripts.provenance import PUBLISHER, Checked
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.errors import AccessLost
from core.net.web import Fetcher
from core.sources.publisher.fetch import fetch_all
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials
from core.store.library import episodes, publisher_extras
from core.store.library.publisher_extras import TriedOffer
from core.store.text import notes, transcripts
from core.transactions.publisher_extras import keep

AT_ONCE = 20
# The most reliable origin first: chapters made by hand before those that a model wrote.
PREFERENCE = (Origin.PUBLISHER, Origin.FILE, Origin.NOTES)


@dataclass(frozen=True, slots=True)
class ChapterList:
    origin: Origin
    items: tuple[SuppliedChapter, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The origins of chapters, the origins of transcripts besides the episode's own, and the feed's offers with outcomes."""

    chapters: tuple[Origin, ...]
    transcript: tuple[Origin, ...]
    offers: tuple[TriedOffer, ...]


class PublisherExtras:
    """Safe to call from any thread; fetching blocks."""

    def __init__(self, store: Store, fetcher: Fetcher, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._vault = Vault.beside(store.path)
        self._fetcher = fetcher
        self._clock = clock

    def status(self, actor: Actor, episode_id: int) -> Status:
        """Return the origins and offers of an episode. Raises NotFound."""
        with self._store.snapshot() as db:
            episodes.get(db, episode_id)
            found = publisher_extras.origins(db, episode_id)
            written = notes.current(db, episode_id)
            made = transcripts.provenance(db, episode_id)
            own = (Origin.NOTES,) if written and written.notes.chapters else ()
            return Status(
                tuple(o for o in PREFERENCE if o in (*found[ExtraKind.CHAPTERS], *own)),
                () if made and made[0].model == PUBLISHER else tuple(found[ExtraKind.TRANSCRIPT]),
                tuple(publisher_extras.tried(db, episode_id)),
            )

    def chapters(self, actor: Actor, episode_id: int, origin: Origin | None = None) -> ChapterList | None:
        """Return the chapters from an origin, by default the first of publisher, file, notes that has any. None without any."""
        with self._store.snapshot() as db:
            for each in PREFERENCE if origin is None else (origin,):
                items = _chapters(db, episode_id, each)
                if items:
                    return ChapterList(each, items)
        return None

    def transcript(self, actor: Actor, episode_id: int) -> Transcript | None:
        """Return the publisher's own transcript; it has no words, and all times are 0 if the document names none."""
        with self._store.snapshot() as db:
            found = publisher_extras.transcript(db, episode_id)
            episode = episodes.get(db, episode_id)
        if found is None:
            return None
        language = found.language or episode.spoken_language or "und"
        last = found.segments[-1].end if found.segments else 0.0
        return Transcript(language, episode.duration or last, found.segments, SpeechEngine("publisher", "", ""))

    def provenance(self, actor: Actor, episode_id: int) -> tuple[SpeechEngine, Checked | None] | None:
        """Return the engine of the episode's transcript, and the check of the publisher's; None without a transcript."""
        return transcripts.provenance(self._store.read(), episode_id)

    def refresh(self, actor: Actor, episode_id: int) -> Status:
        """Fetch all offers of the feed again. Raises NotFound, and Conflict for an episode in the trash."""
        episode = episodes.live(self._store.read(), episode_id)
        self._fetch(episode, only_untried=False)
        return self.status(actor, episode_id)

    def step(self) -> None:
        """Fetch offers that feeds added to episodes whose audio is already here: transcripts often come days later."""
        for episode_id in publisher_extras.with_untried(self._store.read(), limit=AT_ONCE):
            episode = episodes.find(self._store.read(), episode_id)
            if episode:
                self._fetch(episode, only_untried=True)

    def _fetch(self, episode: Episode, *, only_untried: bool) -> None:
        offers = [
            t.offer for t in publisher_extras.tried(self._store.read(), episode.id) if not only_untried or t.tried_at is None
        ]
        if not offers:
            return
        try:
            credentials = feed_credentials.of_feed(self._store.read(), self._vault, episode.feed_id)
            people = [person.name for person in episode.people]
            outcomes = fetch_all(offers, self._fetcher, language=episode.spoken_language, credentials=credentials, people=people)
        except AccessLost as lost:
            outcomes = [OfferOutcome(offer, error=lost.detail) for offer in offers]
        self._store.write(partial(keep, episode_id=episode.id, outcomes=outcomes, now=self._clock()))


def _chapters(db: Database, episode_id: int, origin: Origin) -> tuple[SuppliedChapter, ...]:
    if origin is not Origin.NOTES:
        found = publisher_extras.chapters(db, episode_id, origin)
        return found.items if found else ()
    written = notes.current(db, episode_id)
    return tuple(SuppliedChapter(c.title, c.start) for c in written.notes.chapters) if written else ()
