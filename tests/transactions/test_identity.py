"""Each true episode is stored once, whatever a publisher does with a feed, in any order, through the real store.

    a publisher: publish, retitle, move, give a new guid, re-publish, withdraw, list twice ─▶ Entry ─▶ take ─▶ SQLite
                                                                                                ▲
    after every poll: one row per true episode that was ever listed, with its present URL ──────┘

Every item carries its true number in `link`, which no rule reads. Between two polls the publisher keeps one sign of an item
unchanged: its guid, its audio, or title with duration; otherwise no rule could recognise it.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.domain.feeds.enclosure_name import normalise_enclosure
from core.domain.feeds.feed import FeedEntry, ParsedFeed
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.transactions.feed_entries import take

HOUR = 3600.0
PREFIXES = ("", "op3.dev/e/", "dts.podtrac.com/redirect.mp3/", "pdst.fm/e/chrt.fm/track/A1/")
# Few titles and durations, so that they collide: two programmes with the same name are two episodes.
TITLES = ("The News", "the  news", "Weather")
LENGTHS = (300.0, 300.4, None)
WINDOW = 4


@dataclass
class Item:
    """An item. `number` is the true identity; `moved`: the signs that changed since the library saw it."""

    number: int
    guid: str | None
    place: str
    title: str
    duration: float | None
    published: float
    listed: bool = True
    changes: int = 0
    moved: set[str] = field(default_factory=set)


class Publisher:
    """A publisher that obeys commands and draws the rest from a seed. `window`: number of newest items in the feed."""

    def __init__(self, seed: int, *, window: int | None) -> None:
        self._random = random.Random(seed)
        self._window = window
        self.items: list[Item] = []

    def publish(self, _: int) -> None:
        number = len(self.items)
        chosen = self._random.choice
        guid = f"guid-{number}" if self._random.random() < 0.8 else None
        title, duration = chosen(TITLES), chosen(LENGTHS)
        if self._random.random() < 0.5:
            title, duration = f"Nr {number}", 600.0 + number
        self.items.append(Item(number, guid, f"cdn.example/{number}.mp3", title, duration, (number + 1) * HOUR))

    def retitle(self, which: int) -> None:
        item = self._pick(which)
        lost = item and ({"guid", "place"} <= item.moved or (item.guid is None and "place" in item.moved))
        if item and not lost and self._known(item, "title"):
            item.changes += 1
            item.title = f"Nr {item.number}, part {item.changes}"
            item.moved.add("title")

    def move(self, which: int) -> None:
        """Move an item's audio to another URL. For an item without a guid that changes two signs."""
        item = self._pick(which)
        if item and ((item.guid is not None and "guid" not in item.moved) or self._titled(item)) and self._known(item, "place"):
            item.changes += 1
            item.place = f"host-{item.changes}.example/{item.number}/{item.changes}.mp3"
            item.moved.add("place")

    def new_guid(self, which: int) -> None:
        item = self._pick(which)
        if item and ("place" not in item.moved or self._titled(item)):
            item.changes += 1
            item.guid = f"guid-{item.number}-{item.changes}"
            item.moved.add("guid")

    def rehost(self, which: int) -> None:
        """Change the host: every item moves, and one in three also gets a new guid."""
        for number, item in enumerate(self.items):
            self.move(number)
            if (number + which) % 3 == 0 and self._titled(item):
                self.new_guid(number)

    def redate(self, which: int) -> None:
        """Publish an item again: the same item comes to the top with a new date."""
        item = self._pick(which)
        lost = item and ({"guid", "place"} <= item.moved or (item.guid is None and "place" in item.moved))
        if item and not lost and self._known(item, "date"):
            item.published = (len(self.items) + 1 + self._random.random()) * HOUR
            item.moved.add("date")

    def republish(self, which: int) -> None:
        """Publish the same audio as a new item: another guid, another date, perhaps another title."""
        item = self._pick(which)
        if item and "place" not in item.moved:
            self.new_guid(which)
            item.published = (len(self.items) + 1) * HOUR
            item.moved.add("date")
            if which % 2:
                item.title, item.moved = f"{item.title} (again)", item.moved | {"title"}

    def withdraw(self, which: int) -> None:
        """Withdraw an item, unless others share its name: it could not be told from a new item of that name in the same poll.
        The name that the library saw counts, so an item that was renamed since then stays."""
        item = self._pick(which)
        if item and item.title.startswith("Nr ") and not (item.listed and "title" in item.moved):
            item.listed = not item.listed

    def _pick(self, which: int) -> Item | None:
        return self.items[which % len(self.items)] if self.items else None

    def _known(self, item: Item, sign: str) -> bool:
        """False if this sign changes and then title, place and date all differ: that is another broadcast under an old guid."""
        return not {"title", "place", "date"} <= item.moved | {sign}

    def _titled(self, item: Item) -> bool:
        """Whether title and duration are unchanged and unique."""
        own = (" ".join(item.title.casefold().split()), item.duration)
        others = [(" ".join(i.title.casefold().split()), i.duration) for i in self.items if i is not item]
        return (
            item.duration is not None
            and item.title.startswith("Nr ")
            and own not in others
            and not item.moved & {"title", "date"}
        )

    def entries(self) -> tuple[FeedEntry, ...]:
        """Return the present feed, newest first, some items twice; every URL with its own prefixes and signatures."""
        listed = sorted((i for i in self.items if i.listed), key=lambda i: -i.published)[: self._window]
        if self._random.random() < 0.3:
            listed += self._random.sample(listed, len(listed) // 3)
        if self._random.random() < 0.3:
            self._random.shuffle(listed)
        for item in listed:
            item.moved = set()
        return tuple(self._entry(item) for item in listed)

    def _entry(self, item: Item) -> FeedEntry:
        scheme, prefix = self._random.choice(("http", "https")), self._random.choice(PREFIXES)
        address = f"{scheme}://{prefix}{item.place}?token={self._random.random()}&utm_source=x#t=0"
        return FeedEntry(
            guid=item.guid or normalise_enclosure(address),
            title=item.title,
            enclosure_url=address,
            link=f"https://true.example/{item.number}",
            published_at=item.published,
            duration=item.duration,
        )


class Library:
    """One feed in a real store; `restart` reopens the store as a restarted server does."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "castmind.db"
        self._now = 1000 * HOUR
        self.store = self._opened()
        self.feed_id = self.store.write(lambda db: feeds.add(db, {"url": "https://a.example/feed", "title": "A"}, now=self._now))

    def _opened(self) -> Store:
        store = Store(self._path)
        store.open()
        return store

    def restart(self) -> None:
        self.store.close()
        self.store = self._opened()

    def poll(self, entries: tuple[FeedEntry, ...]) -> None:
        self._now += HOUR

        def change(db: Database) -> None:
            take(db, feeds.get(db, self.feed_id), ParsedFeed("A", entries=entries), now=self._now)
            feeds.change(db, self.feed_id, {"last_success_at": self._now})

        self.store.write(change)

    def rows(self) -> list[tuple[int, str]]:
        """Return (true number, URL) of every episode."""
        rows = self.store.read().execute("SELECT link, enclosure_url FROM episodes WHERE feed_id = ?", [self.feed_id])
        return [(int(link.rpartition("/")[2]), normalise_enclosure(url)) for link, url in rows]


@contextmanager
def library() -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        made = Library(Path(folder))
        try:
            yield made
        finally:
            made.store.close()


EDITS = ("publish", "publish", "retitle", "move", "new_guid", "redate", "republish", "withdraw", "rehost")
# A publisher's actions between two polls, and whether the server restarts before the second.
ROUNDS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 7)), max_size=4), st.sampled_from((False, False, False, True))
    ),
    min_size=1,
    max_size=12,
)


@given(seed=st.integers(0, 1 << 16), window=st.sampled_from((None, 1, WINDOW)), published=st.integers(0, 5), rounds=ROUNDS)
# A new programme with the name and duration of one that left the end of the feed, and of one that left its middle.
@example(seed=0, window=1, published=2, rounds=[([("publish", 0)], False), ([("publish", 0), ("publish", 0)], False)])
@example(seed=0, window=None, published=2, rounds=[([("publish", 0), ("withdraw", 1)], False)])
# An old item comes to the top again, while another one leaves the end.
@example(seed=3513, window=4, published=4, rounds=[([("publish", 0)], False), ([("publish", 0), ("redate", 0)], False)])
# An item is withdrawn in the same poll in which it is renamed and a new one takes its old name.
@example(
    seed=156,
    window=None,
    published=3,
    rounds=[([("publish", 0), ("publish", 0)], False), ([("publish", 0), ("retitle", 1), ("withdraw", 1)], False)],
)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_true_episode_is_there_once_and_at_its_present_address(
    seed: int, window: int | None, published: int, rounds: list[tuple[list[tuple[str, int]], bool]]
) -> None:
    publisher, shown = Publisher(seed, window=window), dict[int, str]()
    with library() as here:
        for number in range(published):
            publisher.publish(number)
        for edits, restarted in [([], False), *rounds, ([], True)]:
            for what, which in edits:
                getattr(publisher, what)(which)
            if restarted:
                here.restart()
            entries = publisher.entries()
            shown |= {int((e.link or "").rpartition("/")[2]): normalise_enclosure(e.enclosure_url) for e in entries}
            here.poll(entries)
            assert sorted(here.rows()) == sorted(shown.items())


def rows_written(here: Library, entries: tuple[FeedEntry, ...]) -> int:
    """Return the rows that one more poll writes, including triggers."""

    def change(db: Database) -> int:
        before = db.conn.total_changes
        take(db, feeds.get(db, here.feed_id), ParsedFeed("A", entries=entries), now=2000 * HOUR)
        return int(db.conn.total_changes - before)

    return here.store.write(change)


def test_a_poll_writes_what_changed_and_no_other_row() -> None:
    counts = []
    for size in (3, 40):
        with library() as here:
            entries = tuple(
                FeedEntry(f"g{n}", f"Nr {n}", f"https://a.example/{n}.mp3", published_at=n * HOUR) for n in range(size)
            )
            here.poll(entries)
            assert rows_written(here, entries) == 0
            counts.append((rows_written(here, entries[1:]), rows_written(here, entries), rows_written(here, entries)))
            counts.append((rows_written(here, (replace(entries[0], title="Another"), *entries[1:])),))
    assert counts == [(1, 1, 0), counts[1]] * 2 and 0 < counts[1][0] < 6
