"""One poll of a feed, and what is written of it.

    first ─▶ fetch ─▶ read: parse ─▶ core.services.feeds.feed_moves ─▶ paging ─▶ begin: within the transaction that subscribes
    poll ──▶ fetch ─┬─ not modified, or the same body ─▶ moving ─────────────────────┐       ┌─▶ older pages that are left
                    ├─ another body ─▶ parse ─▶ moving ─▶ core.transactions.feed_entries ──────┴─▶ one transaction ─▶ next_poll
                    ├─ moved to where another subscription is ─▶ an error that names it; nothing is taken twice
                    └─ error ─▶ failures + 1, the error's text ─────────▶ next_poll, later each time; never given up

No transaction waits for the network. Addresses of feeds can hold secrets: logs name a feed by its id.
"""

from __future__ import annotations

import logging
import random as randomness
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from core import events
from core.background.batched_writes import BatchedWrites
from core.domain.feeds import folder_feed
from core.domain.feeds.feed import Feed, ParsedFeed
from core.domain.feeds.feed_address import shown
from core.domain.feeds.feed_credentials import Access
from core.domain.feeds.polling import DAY, WEEK, PollAnswer, Rhythm, asks_anew, next_poll
from core.errors import (
    CastMindError,
    FeedElsewhere,
    FeedUnavailable,
    NetworkUnreachable,
    NotAFeed,
    NotFound,
    ServerBusy,
    Stopped,
    codes,
)
from core.net.web import Fetcher, Patience
from core.services.feeds.feed_moves import Look, MoveReading, follow
from core.services.feeds.older_pages import OlderPages
from core.services.settings.settings_service import SettingsService
from core.sources.feeds.fetch import PATIENCE, FetchedFeed, NotModified, fetch
from core.sources.feeds.not_a_feed import instead_of_feed
from core.sources.feeds.parse import READER
from core.sources.feeds.reading import read_feed
from core.sources.feeds.remarks import standing
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials as feed_access
from core.store.feeds import feeds
from core.store.jobs import fetches
from core.transactions.feed_entries import Taken, take, try_unchanged

log = logging.getLogger(__name__)

_UNREACHABLE = codes(NetworkUnreachable)
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought. `error` is the text kept on the feed, None when the publisher answered."""

    taken: Taken
    error: str | None = None


class Polls:
    """Safe to call from any thread; everything blocks."""

    def __init__(
        self,
        store: Store,
        preferences: SettingsService,
        fetcher: Fetcher,
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = randomness.random,
        patience: Patience = PATIENCE,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._fetcher = fetcher
        self._vault = Vault.beside(store.path)
        self._clock = clock
        self._random = random
        self._patience = patience
        self._small = BatchedWrites(store)
        self._older = OlderPages(store, self.first, clock=clock)

    def poll(self, feed_id: int, *, check: Check = lambda: None, anew: bool = False) -> Polled:
        """Asks the publisher for what is new and writes it. An error is kept on the feed, not raised.

        `anew`: without saying what is here already, for servers that wrongly answer that nothing has changed.

        `check` is called at least twice a second and raises Stopped to end it. Raises NotFound, DiskFull.
        """
        feed = feeds.get(self._store.read(), feed_id)
        if folder_feed.is_local(feed.url):
            return Polled(Taken())  # a folder: files bring its episodes
        try:
            access = feed_access.of_feed(self._store.read(), self._vault, feed_id)
            # A way of its own by feed, so that those added together do not all come without conditions on one day.
            offset = feed_id * 7919.0
            outdated = feed.reader < READER
            every = DAY if outdated else WEEK
            anew = anew or asks_anew(self._clock(), feed.last_polled_at, feed.failures, offset=offset, every=every)
            asked = replace(feed, etag=None, last_modified=None) if anew else feed
            taken = self._write(feed, self._ask(asked, access, check, parse=anew and outdated))
            older = self._older.go_on(feed, access, check, anew=anew)
        except (Stopped, NotFound):
            raise
        except Exception as error:
            return Polled(Taken(), self._failed(feed, error))
        taken = taken.and_of(older)
        self.tell(feed_id, taken)
        return Polled(taken)

    def first(self, address: str, access: Access | None, check: Check) -> FetchedFeed:
        """A feed that is not subscribed to yet. Raises what `feed_fetch.fetch` raises."""
        got = self._fetch(address, None, access, check)
        if isinstance(got, NotModified):
            raise FeedUnavailable(status=304)
        return got

    def read(self, address: str, got: FetchedFeed, access: Access | None, check: Check) -> MoveReading:
        """What it holds, or what the feed holds that it has become. Raises what `read_feed` raises."""
        reading = follow(_reading(address, got, check), self._looker(access, check))
        return self._older.all_of(reading, access, check)

    def begin(self, db: Database, feed_id: int, reading: MoveReading, *, now: float) -> Taken:
        """Writes that first reading, in the caller's transaction."""
        feed = feeds.get(db, feed_id)
        taken = take(db, feed, reading.parsed, now=now, whole=_whole(reading)) if reading.parsed else Taken()
        feeds.change(db, feed_id, self._success(feed, reading, now))
        return taken

    def tell(self, feed_id: int, taken: Taken) -> None:
        if taken.new or taken.updated:
            log.info("feed %d: %d new, %d queued, %d changed", feed_id, taken.new, taken.queued, taken.updated)

    def _fetch(self, address: str, feed: Feed | None, access: Access | None, check: Check) -> FetchedFeed | NotModified:
        etag, last_modified = (feed.etag, feed.last_modified) if feed else (None, None)
        return fetch(address, etag, last_modified, self._fetcher, patience=self._patience, check=check, access=access)

    def _ask(self, feed: Feed, access: Access | None, check: Check, *, parse: bool = False) -> MoveReading:
        look = self._looker(access, check)
        try:
            return follow(self._ask_here(feed, access, check, parse=parse), look)
        except Stopped:
            raise
        except Exception:
            # It has said where it goes, and nothing is left here to say it again.
            there = look(feed.moves_to) if feed.moves_to else None
            if there is None:
                raise
            return follow(there, look)

    def _ask_here(self, feed: Feed, access: Access | None, check: Check, *, parse: bool) -> MoveReading:
        answer = self._fetch(feed.url, feed, access, check)
        if isinstance(answer, NotModified) and not (feed.etag or feed.last_modified) and feed.body_hash:
            raise FeedUnavailable(
                f"{shown(feed.url)} answers that nothing has changed (status 304) without having been asked that, so what is new "
                "cannot be read. Its episodes are kept.",
                status=304,
            )
        if isinstance(answer, NotModified) or (answer.body_hash == feed.body_hash and not parse):
            return MoveReading(answer.moved_to or feed.url, answer, None, feed.moves_to)
        return _reading(feed.url, answer, check)

    def _looker(self, access: Access | None, check: Check) -> Look:
        def look(address: str) -> MoveReading | None:
            try:
                there = _reading(address, self.first(address, access, check), check)
            except Stopped:
                raise
            except Exception as error:
                code = error.code if isinstance(error, CastMindError) else type(error).__name__
                log.info("a feed could not be read where it says that it moves: %s", code)
                return None
            return there if there.parsed and there.parsed.entries else None

        return look

    def _write(self, feed: Feed, reading: MoveReading) -> Taken:
        def change(db: Database) -> Taken:
            now = self._clock()
            current = feeds.get(db, feed.id)
            columns = self._success(current, reading, now)
            if reading.home != feed.url:
                _refuse_elsewhere(db, current, reading.home)
                columns["url"] = reading.home
            if reading.parsed:
                taken = take(db, current, reading.parsed, now=now, whole=_whole(reading))
            else:
                taken = Taken(queued=try_unchanged(db, feed.id, now=now))
            feeds.change(db, feed.id, columns)
            events.record(events.FeedPolled(feed_id=feed.id, new=taken.new, queued=taken.queued, changed=taken.updated))
            if current.error and current.error.get("code") in _UNREACHABLE:
                # The way out is there again: what waits for it need not wait for hours.
                for code in _UNREACHABLE:
                    fetches.wake_fetches(db, feed.id, code=code)
            return taken

        return self._store.write(change) if reading.parsed else self._small.write(change)

    def _success(self, feed: Feed, reading: MoveReading, now: float) -> dict[str, Any]:
        answer, parsed = reading.answer, reading.parsed
        columns: dict[str, Any] = {"last_polled_at": now, "last_success_at": now, "failures": 0, "error": None}
        columns["moves_to"] = reading.moves_to
        rhythm, ttl = feed.rhythm, feed.ttl
        if parsed:
            rhythm, ttl = Rhythm.of(e.published_at for e in parsed.entries), parsed.ttl
            columns |= _channel(parsed) | {"gap": rhythm.gap, "newest_at": rhythm.newest_at, "ttl": ttl}
            columns |= {"longest_gap": rhythm.longest, "with_audio": len(parsed.entries), "reader": READER}
        if walk := reading.walk:
            columns |= {"pages": walk.pages, "next_page": walk.stopped_at, "page_tries": 0, "pages_enough": walk.enough}
        elif parsed and parsed.next_page and not feed.pages:
            # Subscribed to before older pages were read: the next poll begins with them.
            columns |= {"pages": 1, "next_page": parsed.next_page}
        if reading.standing:
            columns |= asdict(reading.standing)
        if isinstance(answer, FetchedFeed):
            columns |= {"etag": answer.etag, "last_modified": answer.last_modified, "body_hash": answer.body_hash}
        if columns.get("cut_off", feed.cut_off):
            # Half of a feed may bear the mark of the whole: asked by it, the server would say that nothing has changed.
            columns |= {"etag": None, "last_modified": None}
        return columns | {"next_poll_at": self._next(now, rhythm, PollAnswer(ttl, answer.max_age))}

    def _next(self, now: float, rhythm: Rhythm, answer: PollAnswer) -> float:
        return next_poll(now, rhythm, answer, minutes=self._preferences.values.poll_minutes, jitter=self._random())

    def _failed(self, feed: Feed, error: Exception) -> str:
        """Keeps the error on the feed and gives its text."""
        if isinstance(error, CastMindError):
            record = error.to_dict()
            log.warning("feed %d was not read: %s", feed.id, error.code, extra={"feed_id": feed.id})
        else:
            text = f"The feed could not be read ({type(error).__name__}). Its episodes are kept, and it is asked again later."
            record = CastMindError(text).to_dict()
            log.error("feed %d was not read", feed.id, exc_info=error, extra={"feed_id": feed.id})

        def change(db: Database) -> None:
            now = self._clock()
            current = feeds.get(db, feed.id)
            failures = current.failures + 1
            said = PollAnswer(
                current.ttl,
                retry_after=error.retry_after if isinstance(error, ServerBusy) else None,
                failed=True,
                # A name that does not resolve burdens nobody, and this computer may only have been offline for a night.
                failures=0 if isinstance(error, NetworkUnreachable) else failures,
            )
            due = self._next(now, current.rhythm, said)
            feeds.change(db, feed.id, {"last_polled_at": now, "failures": failures, "error": record, "next_poll_at": due})
            events.record(events.FeedPolled(feed_id=feed.id, error=record["code"]))

        self._small.write(change)
        return str(record["detail"])


def _reading(address: str, got: FetchedFeed, check: Check) -> MoveReading:
    try:
        parsed = read_feed(got.body, got.url, got.content_type, check=check)
    except NotAFeed as error:
        raise instead_of_feed(got) from error
    return MoveReading(got.moved_to or address, got, parsed, parsed.moves_to, standing(got.body))


def _whole(reading: MoveReading) -> bool:
    return reading.standing is None or not reading.standing.cut_off


def _refuse_elsewhere(db: Database, feed: Feed, home: str) -> None:
    """Two subscriptions of one feed would bring each episode twice; which of them stays is for the user to say."""
    there = feeds.with_url(db, home)
    if there and there.id != feed.id:
        raise FeedElsewhere(
            f"This feed has moved to the address of “{there.title}”, which is subscribed to as well. Its episodes are kept, and "
            "new ones come there. Unsubscribe from one of the two; if it is the other one, this feed follows to the new address.",
            id=there.id,
            title=there.title,
        )


def _channel(parsed: ParsedFeed) -> dict[str, Any]:
    """What follows the publisher at every change; the title is the user's to change."""
    return {
        "description": parsed.description,
        "author": parsed.author,
        "link": parsed.link,
        "image_url": parsed.image_url,
        "language": parsed.language,
        "podcast_guid": parsed.podcast_guid,
    }
