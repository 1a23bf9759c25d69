"""Manual change of a feed's URL: the new feed is fetched and checked first; episodes and settings stay.

    URL ─▶ used by another subscription? ─▶ fetch, parse ─▶ any known episode? ─▶ one transaction: URL, entries
                    └─ refused                                └─ none: another show, refused unless `anyway`
    undo ─▶ the former URL, due for a poll

Episodes are matched as in any poll: by guid, by audio, by title and date (`Decider`). Credentials stay with the feed and are sent
only to the hosts they were entered for; a user and password in the new URL replace them.
"""

from __future__ import annotations

from collections.abc import Callable

from core.domain.feeds.feed import Feed
from core.domain.feeds.feed_address import private, typed
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.feeds.folder_feed import is_local
from core.domain.feeds.matching import Decider
from core.errors import AddressTaken, AnotherShow, Conflict, FeedUnavailable, OutsideCondition, Transient, UserError
from core.net.addresses import check_url
from core.services.feeds.feed_moves import MoveReading
from core.services.feeds.polls import Check, Polls
from core.services.feeds.refused_address import not_changed
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds
from core.store.library import episodes
from core.transactions.feed_entries import Taken


class AddressChange:
    """Changes the URL of a feed, or undoes the last change. Thread-safe; all methods block."""

    def __init__(self, store: Store, polls: Polls, vault: Vault, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._polls = polls
        self._vault = vault
        self._clock = clock

    def change(self, feed_id: int, url: str, *, anyway: bool = False, check: Check = lambda: None) -> Taken:
        """Move the feed to another URL, after fetching it there. `anyway`: accept a feed without any known episode.

        Raises NotFound, BadAddress, AddressTaken, AddressNotChanged, NotAFeed, AccessRefused, AnotherShow, with nothing changed.
        """
        feed = self._of_publisher(feed_id)
        check_url(typed(url))
        address, given = private(typed(url), None)
        if address == feed.url and given is None:
            return Taken()
        _refuse_taken(self._store.read(), feed_id, address)
        credentials = given or feed_credentials.of_feed(self._store.read(), self._vault, feed_id)
        reading = self._looked_at(address, credentials, check)
        if not anyway:
            self._refuse_another_show(feed, reading)

        def write(db: Database) -> Taken:
            _refuse_taken(db, feed_id, reading.home)
            now = self._clock()
            if given:
                feed_credentials.keep(db, self._vault, feed_id, given, now=now)
            former = feeds.get(db, feed_id).url
            taken = self._polls.begin(db, feed_id, reading, now=now)
            feeds.change(db, feed_id, {"url": reading.home} | ({"former_url": former} if former != reading.home else {}))
            return taken

        taken = self._store.write(write)
        self._polls.tell(feed_id, taken)
        return taken

    def undo(self, feed_id: int) -> None:
        """Restore the URL before the last change, without fetching it first. Episodes added since then stay.

        Raises NotFound, Conflict (no former URL), AddressTaken.
        """

        def write(db: Database) -> None:
            feed = self._of_publisher(feed_id)
            if not feed.former_url:
                raise Conflict("This feed's address was not changed by hand, so there is no way back.", id=feed_id)
            _refuse_taken(db, feed_id, feed.former_url)
            anew = {
                "etag": None,
                "last_modified": None,
                "body_hash": None,
                "moves_to": None,
                "error": None,
                "failures": 0,
                "next_page": None,
                "pages_enough": False,
            }
            feeds.change(db, feed_id, {"url": feed.former_url, "former_url": None, "next_poll_at": self._clock(), **anew})

        self._store.write(write)

    def _of_publisher(self, feed_id: int) -> Feed:
        feed = feeds.get(self._store.read(), feed_id)
        if is_local(feed.url):
            raise UserError("A folder of the inbox has no address that could be changed. Nothing was changed.")
        return feed

    def _looked_at(self, address: str, credentials: FeedCredentials | None, check: Check) -> MoveReading:
        try:
            got = self._polls.first(address, credentials, check)
        except (OutsideCondition, Transient, FeedUnavailable) as error:
            raise not_changed(address, error) from error
        return self._polls.read(address, got, credentials, check)

    def _refuse_another_show(self, feed: Feed, reading: MoveReading) -> None:
        parsed = reading.parsed
        known = episodes.known(self._store.read(), feed.id)
        if parsed is None or not known or (feed.podcast_guid and feed.podcast_guid == parsed.podcast_guid):
            return
        if parsed.entries and not Decider(known).decide(parsed.entries).seen:
            raise AnotherShow(
                f"The feed there, “{parsed.title}”, holds none of the episodes of “{feed.title}”: it looks like another "
                "show. The address was not changed; subscribe to the other show, or confirm that you mean it.",
                title=feed.title,
                name=parsed.title,
            )


def _refuse_taken(db: Database, feed_id: int, url: str) -> None:
    there = feeds.with_url(db, url)
    if there and there.id != feed_id:
        raise AddressTaken(
            f"“{there.title}” is subscribed at that address already; from two, each episode would come twice. The address was "
            "not changed. Unsubscribe from one of the two first.",
            id=there.id,
            title=there.title,
        )
