"""Polling a feed: fetch, parse, write.

    first ─▶ fetch ─▶ read: parse ─▶ feed_moves ─▶ older pages ─▶ begin: in the transaction that subscribes
    poll ──▶ fetch ─┬─ not modified, or same body hash ─▶ feed_moves ─────────────────┐
                    ├─ new body ─▶ parse ─▶ feed_moves ─▶ transactions.feed_entries ──┴─▶ one transaction ─▶ next_poll
                    │                                                                         └─▶ remaining older pages
                    ├─ moved to the URL of another subscription ─▶ error that names it; no entries are written twice
                    └─ error ─▶ failures + 1, error stored ─▶ next_poll with growing backoff, without a limit of attempts

No transaction waits for the network. URLs of feeds can contain secrets: logs identify a feed by its id.
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
from core.domain.feeds.feed_credentials import FeedCredentials
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
from core.store.feeds import feed_credentials, feeds
from core.store.jobs import fetches
from core.transactions.feed_entries import Taken, take, try_unchanged

log = logging.getLogger(__name__)

_UNREACHABLE = codes(NetworkUnreachable)
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of a poll. `error`: the text stored on the feed, None if the poll succeeded."""

    taken: Taken
    error: str | None = None


class Polls:
    """Polls feeds. Thread-safe; all methods block."""

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
        """Fetch the feed and write new and changed entries. Errors of the feed are stored on it, not raised.

        `anew`: send no validators (ETag, Last-Modified), for servers that wrongly answer "not modified".

        `check` is called at least twice a second and raises Stopped to end the poll. Raises NotFound, DiskFull.
        """
        feed = feeds.get(self._store.read(), feed_id)
        if folder_feed.is_local(feed.url):
            return Polled(Taken())  # a folder of the inbox: its episodes come from files
        try:
            credentials = feed_credentials.of_feed(self._store.read(), self._vault, feed_id)
            # An offset per feed: feeds added together would otherwise all send unconditional requests on the same day.
            offset = feed_id * 7919.0
            outdated = feed.reader < READER
            every = DAY if outdated else WEEK
            anew = anew or asks_anew(self._clock(), feed.last_polled_at, feed.failures, offset=offset, every=every)
            asked = replace(feed, etag=None, last_modified=None) if anew else feed
            taken = self._write(feed, self._ask(asked, credentials, check, parse=anew and outdated))
            older = self._older.go_on(feed, credentials, check, anew=anew)
        except (Stopped, NotFound):
            raise
        except Exception as error:
            return Polled(Taken(), self._failed(feed, error))
        taken = taken.and_of(older)
        self.tell(feed_id, taken)
        return Polled(taken)

    def first(self, address: str, credentials: FeedCredentials | None, check: Check) -> FetchedFeed:
        """Fetch a feed without validators, as for a new subscription. Raises the errors of `fetch`."""
        got = self._fetch(address, None, credentials, check)
        if isinstance(got, NotModified):
            raise FeedUnavailable(status=304)
        return got

    def read(self, address: str, got: FetchedFeed, credentials: FeedCredentials | None, check: Check) -> MoveReading:
        """Parse the body; if the feed announces a new URL, parse that feed instead. Raises the errors of `read_feed`."""
        reading = follow(_reading(address, got, check), self._looker(credentials, check))
        return self._older.all_of(reading, credentials, check)

    def begin(self, db: Database, feed_id: int, reading: MoveReading, *, now: float) -> Taken:
        """Write the first reading of a feed, in the caller's transaction."""
        feed = feeds.get(db, feed_id)
        taken = take(db, feed, reading.parsed, now=now, whole=_whole(reading)) if reading.parsed else Taken()
        feeds.change(db, feed_id, self._success(feed, reading, now))
        return taken

    def tell(self, feed_id: int, taken: Taken) -> None:
        if taken.new or taken.updated:
            log.info("feed %d: %d new, %d queued, %d changed", feed_id, taken.new, taken.queued, taken.updated)

    def _fetch(
        self, address: str, feed: Feed | None, credentials: FeedCredentials | None, check: Check
    ) -> FetchedFeed | NotModified:
        etag, last_modified = (feed.etag, feed.last_modified) if feed else (None, None)
        return fetch(address, etag, last_modified, self._fetcher, patience=self._patience, check=check, credentials=credentials)

    def _ask(self, feed: Feed, credentials: FeedCredentials | None, check: Check, *, parse: bool = False) -> MoveReading:
        look = self._looker(credentials, check)
        try:
            return follow(self._ask_here(feed, credentials, check, parse=parse), look)
        except Stopped:
            raise
        except Exception:
            # The old URL fails, but an earlier poll stored the announced new one.
            there = look(feed.moves_to) if feed.moves_to else None
            if there is None:
                raise
            return follow(there, look)

    def _ask_here(self, feed: Feed, credentials: FeedCredentials | None, check: Check, *, parse: bool) -> MoveReading:
        answer = self._fetch(feed.url, feed, credentials, check)
        if isinstance(answer, NotModified) and not (feed.etag or feed.last_modified) and feed.body_hash:
            raise FeedUnavailable(
                f"{shown(feed.url)} answers that nothing has changed (status 304) without having been asked that, so what is new "
                "cannot be read. Its episodes are kept.",
                status=304,
            )
        if isinstance(answer, NotModified) or (answer.body_hash == feed.body_hash and not parse):
            return MoveReading(answer.moved_to or feed.url, answer, None, feed.moves_to)
        return _reading(feed.url, answer, check)

    def _looker(self, credentials: FeedCredentials | None, check: Check) -> Look:
        def look(address: str) -> MoveReading | None:
            try:
                there = _reading(address, self.first(address, credentials, check), check)
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
                # The network works again: wake the fetches that wait for it instead of letting their backoff run out.
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
            # Subscribed before CastMind read older pages: the next poll starts with them.
            columns |= {"pages": 1, "next_page": parsed.next_page}
        if reading.standing:
            columns |= asdict(reading.standing)
        if isinstance(answer, FetchedFeed):
            columns |= {"etag": answer.etag, "last_modified": answer.last_modified, "body_hash": answer.body_hash}
        if columns.get("cut_off", feed.cut_off):
            # A truncated body may carry the validators of the full one: with them, the server would answer "not modified".
            columns |= {"etag": None, "last_modified": None}
        return columns | {"next_poll_at": self._next(now, rhythm, PollAnswer(ttl, answer.max_age))}

    def _next(self, now: float, rhythm: Rhythm, answer: PollAnswer) -> float:
        return next_poll(now, rhythm, answer, minutes=self._preferences.values.poll_minutes, jitter=self._random())

    def _failed(self, feed: Feed, error: Exception) -> str:
        """Store the error on the feed and return its text."""
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
                # No load on the publisher, and this computer may only be offline: the retry interval does not grow.
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
    """Raise FeedElsewhere if another feed has this URL: each episode would come twice, and only the user can choose one."""
    there = feeds.with_url(db, home)
    if there and there.id != feed.id:
        raise FeedElsewhere(
            f"This feed has moved to the address of “{there.title}”, which is subscribed to as well. Its episodes are kept, and "
            "new ones come there. Unsubscribe from one of the two; if it is the other one, this feed follows to the new address.",
            id=there.id,
            title=there.title,
        )


def _channel(parsed: ParsedFeed) -> dict[str, Any]:
    """Return the columns updated from the publisher at each change. The title is not among them: users may change it."""
    return {
        "description": parsed.description,
        "author": parsed.author,
        "link": parsed.link,
        "image_url": parsed.image_url,
        "language": parsed.language,
        "podcast_guid": parsed.podcast_guid,
    }
