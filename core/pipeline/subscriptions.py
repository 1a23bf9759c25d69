"""Subscriptions: what pages and routes ask for, and one poll of a feed.

    add ──▶ fetch ─▶ parse ─▶ one transaction: the feed, its entries as episodes, the newest of them queued
    poll ─▶ fetch ─┬─ not modified, or the same body ───────────────┐
                   ├─ another body ─▶ parse ─▶ core.pipeline.intake ─┴─▶ one transaction ─▶ next_poll
                   ├─ moved to where another subscription is ─▶ an error that names it; nothing is taken twice
                   └─ error ─▶ failures + 1, the error's text ─────────▶ next_poll, later each time; never given up

No transaction waits for the network. Addresses of feeds can hold secrets: logs name a feed by its id.
"""

from __future__ import annotations

import logging
import random as randomness
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.domain import local_feed
from core.domain.access import Access, AccessKind, without_user
from core.domain.feed import Feed, ParsedFeed
from core.domain.job import PRIORITY_AUTOMATIC, Stage
from core.domain.polling import Answer, Rhythm, is_due, next_poll
from core.errors import (
    AccessLost,
    AccessRefused,
    CastMindError,
    Conflict,
    FeedElsewhere,
    FeedUnavailable,
    NetworkUnreachable,
    NotFound,
    OutsideCondition,
    ServerBusy,
    Stopped,
    Transient,
    UserError,
)
from core.pipeline.intake import Taken, enqueue, take
from core.pipeline.preferences import Preferences
from core.pipeline.together import Together
from core.sources.addresses import check_url, shown
from core.sources.feed_fetch import PATIENCE, Fetched, NotModified, fetch
from core.sources.feed_reading import read_feed
from core.sources.web import Fetcher, Patience
from core.store import access as feed_access
from core.store import feeds, jobs
from core.store.db import Store
from core.store.episodes import there_at_subscription
from core.store.vault import Vault

log = logging.getLogger(__name__)

_BARE = re.compile(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?]|$)")


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed with the number of its episodes in the library, and what kind of credentials it has."""

    feed: Feed
    episodes: int
    access: AccessKind | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought. `error` is the text kept on the feed, None when the publisher answered."""

    taken: Taken
    error: str | None = None


class Subscriptions:
    """Safe to call from any thread; everything blocks. `wake` is called when jobs were queued."""

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        fetcher: Fetcher,
        *,
        wake: Callable[[], None],
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = randomness.random,
        patience: Patience = PATIENCE,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._fetcher = fetcher
        self._vault = Vault.beside(store.path)
        self._wake = wake
        self._clock = clock
        self._random = random
        self._patience = patience
        self._small = Together(store)

    # --- asking -------------------------------------------------------------------------------

    def listing(self) -> list[FeedRow]:
        """By title."""
        with self._store.snapshot() as db:
            counts, kinds = feeds.episode_counts(db), feed_access.kinds(db)
            return [FeedRow(feed, counts.get(feed.id, 0), kinds.get(feed.id)) for feed in feeds.listing(db)]

    def get(self, feed_id: int) -> FeedRow:
        """Raises NotFound."""
        with self._store.snapshot() as db:
            feed, counts = feeds.get(db, feed_id), feeds.episode_counts(db)
            return FeedRow(feed, counts.get(feed_id, 0), feed_access.kinds(db).get(feed_id))

    def access(self, feed_id: int) -> Access | None:
        """What a private feed asks for. Raises NotFound, AccessLost."""
        with self._store.snapshot() as db:
            return feed_access.of_feed(db, self._vault, feeds.get(db, feed_id).id)

    def due(self) -> list[tuple[int, str]]:
        """(id, address) of the feeds whose time to be polled has come, the longest overdue first."""
        return feeds.due(self._store.read(), now=self._clock())

    def is_due(self, feed_id: int) -> bool:
        """Raises NotFound."""
        return is_due(feeds.get(self._store.read(), feed_id).next_poll_at, self._clock())

    # --- changing -----------------------------------------------------------------------------

    def add(
        self,
        url: str,
        *,
        auto_transcribe: bool | None = None,
        backlog: int | None = None,
        access: Access | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> FeedRow:
        """Subscribes, after fetching and parsing the feed; None means the setting. `check` may end it, as in `poll`.

        A user and password in the address become the feed's `access`, unless that is given.
        Raises BadAddress, NotAFeed, TooLarge, AccessRefused, FeedUnavailable (with `status` where the server gave
        one), Conflict (with the `id` of the feed that is subscribed already), UserError. Nothing was kept then.
        """
        settings = self._preferences.values
        wishes = {
            "auto_transcribe": settings.auto_transcribe if auto_transcribe is None else auto_transcribe,
            "backlog": _backlog(settings.backlog if backlog is None else backlog),
        }
        check_url(typed(url))
        address, access = private(typed(url), access)
        _refuse_second(self._store.read(), address)
        got = self._fetch_first(address, access, check)
        parsed = read_feed(got.body, got.url, got.content_type, check=check)

        def change(db: Any) -> tuple[int, Taken]:
            now = self._clock()
            home = got.moved_to or address
            _refuse_second(db, address, home)
            feed_id = feeds.add(db, {"url": home, "title": parsed.title} | wishes, now=now)
            feed_access.keep(db, self._vault, feed_id, access, now=now)
            taken = take(db, feeds.get(db, feed_id), parsed, now=now)
            feeds.change(db, feed_id, self._success(feeds.get(db, feed_id), got, parsed, now))
            return feed_id, taken

        feed_id, taken = self._store.write(change)
        self._tell(feed_id, taken)
        return self.get(feed_id)

    def change(
        self, feed_id: int, *, title: str | None = None, auto_transcribe: bool | None = None, backlog: int | None = None
    ) -> FeedRow:
        """Sets what is given. A larger backlog queues more of the episodes that came with the subscription.

        Raises NotFound, UserError.
        """
        wishes: dict[str, Any] = {}
        if title is not None:
            wishes["title"] = _title(title)
        if auto_transcribe is not None:
            wishes["auto_transcribe"] = auto_transcribe
        if backlog is not None:
            wishes["backlog"] = _backlog(backlog)

        def change(db: Any) -> bool:
            before = feeds.get(db, feed_id)
            if wishes:
                feeds.change(db, feed_id, wishes)
            more = backlog is not None and backlog > before.backlog
            if more:
                enqueue(db, there_at_subscription(db, feed_id, newest=wishes["backlog"]), now=self._clock())
            return more

        if self._store.write(change):
            self._wake()
        return self.get(feed_id)

    def set_access(self, feed_id: int, access: Access | None) -> FeedRow:
        """Sets the credentials of a private feed, or forgets them. Secrets that a change leaves out stay as they were.

        The feed is asked again at once, and so is the audio that waited for them or was refused. Raises NotFound.
        """

        def change(db: Any) -> None:
            now = self._clock()
            feeds.get(db, feed_id)
            given = access.completed(_readable(db, self._vault, feed_id)) if access else None
            feed_access.keep(db, self._vault, feed_id, given, now=now)
            feeds.change(db, feed_id, {"next_poll_at": now})
            jobs.wake(db, Stage.FETCH)
            for episode_id in jobs.failed_of_feed(db, feed_id, Stage.FETCH, code=AccessRefused.code):
                jobs.rerun(db, episode_id, Stage.FETCH, priority=PRIORITY_AUTOMATIC, afresh=True)

        self._store.write(change)
        self._wake()
        return self.get(feed_id)

    def refresh(self, feed_id: int) -> FeedRow:
        """Polls now. Whether the publisher answered is in the row's `feed.error`. Raises NotFound."""
        self.poll(feed_id)
        return self.get(feed_id)

    # --- polling ------------------------------------------------------------------------------

    def poll(self, feed_id: int, *, check: Callable[[], None] = lambda: None) -> Polled:
        """Asks the publisher for what is new and writes it. An error is kept on the feed, not raised.

        `check` is called at least twice a second and raises Stopped to end it. Raises NotFound, DiskFull.
        """
        feed = feeds.get(self._store.read(), feed_id)
        if local_feed.is_local(feed.url):
            return Polled(Taken())  # a folder: files bring its episodes
        try:
            access = feed_access.of_feed(self._store.read(), self._vault, feed_id)
            answer = fetch(
                feed.url, feed.etag, feed.last_modified, self._fetcher, patience=self._patience, check=check, access=access
            )
            taken = self._write(feed, answer, check)
        except (Stopped, NotFound):
            raise
        except Exception as error:
            return Polled(Taken(), self._failed(feed, error))
        self._tell(feed_id, taken)
        return Polled(taken)

    def _write(self, feed: Feed, answer: Fetched | NotModified, check: Callable[[], None]) -> Taken:
        parsed = None
        if isinstance(answer, Fetched) and answer.body_hash != feed.body_hash:
            parsed = read_feed(answer.body, answer.url, answer.content_type, check=check)

        def change(db: Any) -> Taken:
            now = self._clock()
            current = feeds.get(db, feed.id)
            _refuse_elsewhere(db, current, answer.moved_to)
            taken = take(db, current, parsed, now=now) if parsed else Taken()
            columns = self._success(current, answer, parsed, now)
            if answer.moved_to:
                columns["url"] = answer.moved_to
            feeds.change(db, feed.id, columns)
            return taken

        return self._store.write(change) if parsed else self._small.write(change)

    def _success(self, feed: Feed, answer: Fetched | NotModified, parsed: ParsedFeed | None, now: float) -> dict[str, Any]:
        columns: dict[str, Any] = {"last_polled_at": now, "last_success_at": now, "failures": 0, "error": None}
        rhythm, ttl = feed.rhythm, feed.ttl
        if parsed:
            rhythm, ttl = Rhythm.of(e.published_at for e in parsed.entries), parsed.ttl
            columns |= _channel(parsed) | {"gap": rhythm.gap, "newest_at": rhythm.newest_at, "ttl": ttl}
        if isinstance(answer, Fetched):
            columns |= {"etag": answer.etag, "last_modified": answer.last_modified, "body_hash": answer.body_hash}
        return columns | {"next_poll_at": self._next(now, rhythm, Answer(ttl, answer.max_age))}

    def _next(self, now: float, rhythm: Rhythm, answer: Answer) -> float:
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

        def change(db: Any) -> None:
            now = self._clock()
            current = feeds.get(db, feed.id)
            failures = current.failures + 1
            said = Answer(
                current.ttl,
                retry_after=error.retry_after if isinstance(error, ServerBusy) else None,
                failed=True,
                # A name that does not resolve burdens nobody, and this computer may only have been offline for a night.
                failures=0 if isinstance(error, NetworkUnreachable) else failures,
            )
            due = self._next(now, current.rhythm, said)
            feeds.change(db, feed.id, {"last_polled_at": now, "failures": failures, "error": record, "next_poll_at": due})

        self._small.write(change)
        return str(record["detail"])

    def _fetch_first(self, address: str, access: Access | None, check: Callable[[], None]) -> Fetched:
        try:
            got = fetch(address, None, None, self._fetcher, check=check, access=access)
        except (OutsideCondition, Transient, FeedUnavailable) as error:
            raise _not_added(address, error) from error
        if isinstance(got, NotModified):
            raise _not_added(address, FeedUnavailable(status=304))
        return got

    def _tell(self, feed_id: int, taken: Taken) -> None:
        if taken.new or taken.updated:
            log.info("feed %d: %d new, %d queued, %d changed", feed_id, taken.new, taken.queued, taken.updated)
        if taken.queued or taken.updated:
            self._wake()


def typed(url: str) -> str:
    """An address as people paste it: feed:// and the like stand for https, and so does no scheme at all."""
    text = url.strip().partition("#")[0]
    text = re.sub(r"^(?:feed|pcast|itpc|podcast):(?=https?://)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(?:feed|pcast|itpc|podcast)://", "https://", text, flags=re.IGNORECASE)
    return f"https://{text}" if _BARE.match(text) else text


def private(address: str, access: Access | None) -> tuple[str, Access | None]:
    """The address without the user and password that it may hold; they become the access, unless one is given."""
    bare, user, password = without_user(address)
    return bare, access or (Access.of(bare, user=user, password=password) if user or password else None)


def _readable(db: Any, vault: Vault, feed_id: int) -> Access | None:
    """What is kept; None where it cannot be read either: whoever enters it anew need not know."""
    try:
        return feed_access.of_feed(db, vault, feed_id)
    except AccessLost:
        return None


def _refuse_second(db: Any, *urls: str) -> None:
    for url in urls:
        there = feeds.with_url(db, url)
        if there:
            raise Conflict(f"{there.title} is subscribed already.", id=there.id, state="subscribed")


def _refuse_elsewhere(db: Any, feed: Feed, moved_to: str | None) -> None:
    """Two subscriptions of one feed would bring each episode twice; which of them stays is for the user to say."""
    there = feeds.with_url(db, moved_to) if moved_to else None
    if there and there.id != feed.id:
        raise FeedElsewhere(
            f"This feed has moved to the address of “{there.title}”, which is subscribed to as well. Its episodes are kept, and "
            "new ones come there. Unsubscribe from one of the two; if it is the other one, this feed follows to the new address.",
            id=there.id,
            title=there.title,
        )


def _not_added(address: str, cause: CastMindError) -> FeedUnavailable:
    status = cause.params.get("status")
    why = {"network_unreachable": "cannot be reached", "server_busy": "asks to come back later"}.get(
        cause.code, f"answers with status {status}" if status else "did not send the whole feed"
    )
    return FeedUnavailable(
        f"{shown(address)} {why}. The feed was not added; check the address, or try again later.", **cause.params
    )


def _channel(parsed: ParsedFeed) -> dict[str, Any]:
    """What follows the publisher at every change; the title is the user's to change."""
    return {
        "description": parsed.description,
        "author": parsed.author,
        "link": parsed.link,
        "image_url": parsed.image_url,
        "language": parsed.language,
    }


def _title(title: str) -> str:
    if not title.strip():
        raise UserError("A feed needs a title. Nothing was changed.")
    return " ".join(title.split())


def _backlog(backlog: int) -> int:
    if backlog < 0:
        raise UserError("The number of older episodes to transcribe cannot be negative. Nothing was changed.")
    return backlog
