"""Subscriptions, for pages, routes and the command line.

    add ──▶ polls: fetch ─▶ parse ─▶ one transaction: the feed, its entries as episodes, the newest of them queued
    poll ─▶ polls

core.services.feeds.polls fetches and parses feeds; core.services.feeds.unsubscribe removes them.
"""

from __future__ import annotations

import random as randomness
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core import errors
from core.domain.accounts.actor import Actor
from core.domain.feeds import feed_folder
from core.domain.feeds.feed import Feed, ParsedFeed
from core.domain.feeds.feed_address import carries_key, private, typed
from core.domain.feeds.feed_credentials import CredentialsKind, FeedCredentials, next_agent
from core.domain.feeds.polling import is_due
from core.domain.feeds.remarks import remarks
from core.domain.jobs.job import Stage
from core.errors import (
    AccessLost,
    AccessRefused,
    FeedUnavailable,
    OutsideCondition,
    Transient,
    UserError,
)
from core.message import Message
from core.net.addresses import check_url
from core.net.web import Fetcher, Patience
from core.services.feeds.address_change import AddressChange
from core.services.feeds.polls import Check, Polled, Polls
from core.services.feeds.refusals import refuse_second, refuse_show
from core.services.feeds.refused_address import not_added
from core.services.settings.settings_service import SettingsService
from core.sources.feeds.fetch import PATIENCE, FetchedFeed
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds
from core.store.jobs import fetches, jobs
from core.store.library.episodes import there_at_subscription
from core.transactions.feed_entries import Taken, enqueue


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed with the number of its episodes in the library, the kind of its credentials, and remarks about irregularities."""

    feed: Feed
    episodes: int
    credentials: CredentialsKind | None = None
    remarks: tuple[Message, ...] = ()


class Subscriptions:
    """Lists, adds, changes and polls feeds. Thread-safe; all methods block."""

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
        self._vault = Vault.beside(store.path)
        self._clock = clock
        self._polls = Polls(store, preferences, fetcher, clock=clock, random=random, patience=patience)
        self._readdressing = AddressChange(store, self._polls, self._vault, clock=clock)

    # --- queries ------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[FeedRow]:
        """Return all feeds, ordered by title."""
        with self._store.snapshot() as db:
            counts, kinds = feeds.episode_counts(db), feed_credentials.kinds(db)
            return [self._row(feed, counts, kinds) for feed in feeds.listing(db)]

    def get(self, actor: Actor, feed_id: int) -> FeedRow:
        """Return a feed. Raises NotFound."""
        with self._store.snapshot() as db:
            return self._row(feeds.get(db, feed_id), feeds.episode_counts(db), feed_credentials.kinds(db))

    def _row(self, feed: Feed, counts: Mapping[int, int], kinds: Mapping[int, CredentialsKind]) -> FeedRow:
        return FeedRow(feed, counts.get(feed.id, 0), kinds.get(feed.id), remarks(feed, self._clock()))

    def credentials(self, actor: Actor, feed_id: int) -> FeedCredentials | None:
        """Return the credentials of a private feed, None if it has none. Raises NotFound, AccessLost."""
        with self._store.snapshot() as db:
            return feed_credentials.of_feed(db, self._vault, feeds.get(db, feed_id).id)

    def look(
        self, actor: Actor, url: str, credentials: FeedCredentials | None = None, *, check: Check = lambda: None
    ) -> ParsedFeed:
        """Fetch and parse a feed as `add` does, and store nothing. Raises the errors of `add` about the feed itself."""
        check_url(typed(url))
        address, credentials = private(typed(url), credentials)
        parsed = self._polls.read(address, self._first(address, credentials, _go_on), credentials, _go_on).parsed
        if parsed is None:
            raise FeedUnavailable(status=304)
        return parsed

    def due(self) -> list[tuple[int, str]]:
        """Return (id, URL) of the feeds due for a poll, the longest overdue first."""
        return feeds.due(self._store.read(), now=self._clock())

    def is_due(self, feed_id: int) -> bool:
        """Return whether a feed is due for a poll. Raises NotFound."""
        return is_due(feeds.get(self._store.read(), feed_id).next_poll_at, self._clock())

    # --- changes ------------------------------------------------------------------------------

    def add(
        self,
        actor: Actor,
        url: str,
        *,
        auto_transcribe: bool | None = None,
        backlog: int | None = None,
        credentials: FeedCredentials | None = None,
        folder: str = "",
        anyway: bool = False,
        check: Check = lambda: None,
    ) -> FeedRow:
        """Fetch and parse a feed, then subscribe to it. None means the value of the setting. `check` may end it, as in `poll`.

        A user and password in the URL become the feed's credentials, unless some are given. `anyway`: subscribe even if the show
        is subscribed at another URL. Private feeds are exempt from that check on both sides: they may hold other episodes.
        Raises BadAddress, NotAFeed, TooLarge, AccessRefused, FeedUnavailable (with the HTTP `status`, if the server sent one),
        Conflict (with the `id` of the subscribed feed), ShowSubscribed (with the `id` and `title` of the subscribed feed, and the
        `name` and `episodes` of this one), UserError. After an error nothing is kept.
        """
        settings = self._preferences.values
        wishes = {
            "auto_transcribe": settings.auto_transcribe if auto_transcribe is None else auto_transcribe,
            "backlog": _backlog(settings.backlog if backlog is None else backlog),
            "folder": feed_folder.typed(folder),
        }
        check_url(typed(url))
        address, credentials = private(typed(url), credentials)
        refuse_second(self._store.read(), address)
        got = self._first(address, credentials, check)
        reading = self._polls.read(address, got, credentials, check)
        title = reading.parsed.title if reading.parsed else ""
        public = credentials is None and not carries_key(address)

        def change(db: Database) -> tuple[int, Taken]:
            now = self._clock()
            refuse_second(db, address, reading.home)
            if public and not anyway:
                refuse_show(db, reading)
            feed_id = feeds.add(db, {"url": reading.home, "title": title} | wishes, now=now)
            feed_credentials.keep(db, self._vault, feed_id, credentials, now=now)
            return feed_id, self._polls.begin(db, feed_id, reading, now=now)

        feed_id, taken = self._store.write(change)
        self._polls.tell(feed_id, taken)
        return self.get(actor, feed_id)

    def change(
        self,
        actor: Actor,
        feed_id: int,
        *,
        title: str | None = None,
        auto_transcribe: bool | None = None,
        backlog: int | None = None,
        folder: str | None = None,
    ) -> FeedRow:
        """Set the given values; a `folder` of "" means no folder. A larger backlog queues more of the episodes that came with
        the subscription. Raises NotFound, UserError.
        """
        wishes: dict[str, Any] = {}
        if title is not None:
            wishes["title"] = _title(title)
        if auto_transcribe is not None:
            wishes["auto_transcribe"] = auto_transcribe
        if backlog is not None:
            wishes["backlog"] = _backlog(backlog)
        if folder is not None:
            wishes["folder"] = feed_folder.typed(folder)

        def change(db: Database) -> None:
            before = feeds.get(db, feed_id)
            if wishes:
                feeds.change(db, feed_id, wishes)
            if backlog is not None and backlog > before.backlog:
                enqueue(db, there_at_subscription(db, feed_id, newest=wishes["backlog"]), now=self._clock())

        self._store.write(change)
        return self.get(actor, feed_id)

    def change_address(
        self, actor: Actor, feed_id: int, url: str, *, anyway: bool = False, check: Check = lambda: None
    ) -> FeedRow:
        """Move the feed to another URL, after fetching it there. Raises the errors of `AddressChange.change`."""
        self._readdressing.change(feed_id, url, anyway=anyway, check=check)
        return self.get(actor, feed_id)

    def undo_address(self, actor: Actor, feed_id: int) -> FeedRow:
        """Restore the previous URL. Raises the errors of `AddressChange.undo`."""
        self._readdressing.undo(feed_id)
        return self.get(actor, feed_id)

    def set_credentials(self, actor: Actor, feed_id: int, credentials: FeedCredentials | None) -> FeedRow:
        """Set the credentials of a private feed, or delete them (None). Secrets left empty keep their stored values.

        The feed becomes due at once, and so do fetches of audio that wait or were refused. Raises NotFound.
        """

        def change(db: Database) -> None:
            feeds.get(db, feed_id)
            given = credentials.completed(_readable(db, self._vault, feed_id)) if credentials else None
            self._keep_credentials(db, feed_id, given)

        self._store.write(change)
        return self.get(actor, feed_id)

    def another_agent(self, actor: Actor, feed_id: int) -> FeedRow:
        """Switch the feed and its audio to the next user agent of the list; after the last one, to CastMind's own.

        The other credentials stay. Raises NotFound, AccessLost.
        """

        def change(db: Database) -> None:
            feed = feeds.get(db, feed_id)
            before = feed_credentials.of_feed(db, self._vault, feed_id) or FeedCredentials.of(feed.url)
            self._keep_credentials(db, feed_id, replace(before, user_agent=next_agent(before.user_agent)))

        self._store.write(change)
        return self.get(actor, feed_id)

    def _keep_credentials(self, db: Database, feed_id: int, credentials: FeedCredentials | None) -> None:
        now = self._clock()
        feed_credentials.keep(db, self._vault, feed_id, credentials, now=now)
        feeds.change(db, feed_id, {"next_poll_at": now})
        jobs.wake(db, Stage.FETCH)
        for code in (AccessRefused.code, errors.DownloadFailed.code):
            for episode_id in jobs.failed_of_feed(db, feed_id, Stage.FETCH, code=code):
                fetches.try_fetch_again(db, episode_id)

    # --- polling ------------------------------------------------------------------------------

    def poll(self, feed_id: int, *, check: Check = lambda: None, anew: bool = False) -> Polled:
        """Fetch the feed and write new and changed entries. Errors of the feed are stored on it, not raised.

        `anew`: send no validators, so that the server sends the whole feed, as for a refresh by a user.

        `check` is called at least twice a second and raises Stopped to end the poll. Raises NotFound, DiskFull.
        """
        return self._polls.poll(feed_id, check=check, anew=anew)

    def refresh(self, actor: Actor, feed_id: int) -> FeedRow:
        """Poll the feed now. The row's `feed.error` holds the error, if there was one. Raises NotFound."""
        self.poll(feed_id, anew=True)
        return self.get(actor, feed_id)

    def _first(self, address: str, credentials: FeedCredentials | None, check: Check) -> FetchedFeed:
        try:
            return self._polls.first(address, credentials, check)
        except (OutsideCondition, Transient, FeedUnavailable) as error:
            raise not_added(address, error) from error


def _go_on() -> None:
    """Never end a fetch: its deadline does."""


def _readable(db: Database, vault: Vault, feed_id: int) -> FeedCredentials | None:
    """Return the stored credentials, or None if they cannot be decrypted: new ones replace them anyway."""
    try:
        return feed_credentials.of_feed(db, vault, feed_id)
    except AccessLost:
        return None


def _title(title: str) -> str:
    if not title.strip():
        raise UserError("A feed needs a title. Nothing was changed.", case="feed_title")
    return " ".join(title.split())


def _backlog(backlog: int) -> int:
    if backlog < 0:
        raise UserError("The number of older episodes to transcribe cannot be negative. Nothing was changed.")
    return backlog
