from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter, Sort
from core.domain.episodes.listed import Listing
from core.domain.jobs.job import Next, Stage, State
from core.domain.notes.note import Notes
from core.errors import UserError
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episodes, listing, reading_states
from core.store.text import notes
from tests.store.conftest import add_feed, put_episode

Add = Callable[..., int]


def page(store: Store, *, sort: Sort = Sort.NEWEST, limit: int = 50, cursor: str | None = None, **wanted: Any) -> Listing:
    return listing.page(store.read(), Filter(**wanted), user_id=OWNER.user_id, sort=sort, limit=limit, cursor=cursor)


def ids(store: Store, **options: Any) -> list[int]:
    return [i.episode.id for i in page(store, **options).items]


def test_newest_first_by_when_they_were_published_or_came_in(store: Store, add_episode: Add) -> None:
    old, new, middle = add_episode(now=10.0), add_episode(now=30.0), add_episode(now=99.0, published_at=20.0)
    assert ids(store) == [new, middle, old]


def test_pages_join_without_gaps_or_repeats_also_at_equal_times(store: Store, add_episode: Add) -> None:
    added = [add_episode(now=float(n // 3)) for n in range(10)]
    seen: list[int] = []
    cursor = None
    for _ in range(4):
        found = page(store, limit=3, cursor=cursor)
        seen += [i.episode.id for i in found.items]
        cursor = found.next_cursor
    assert seen == added[::-1]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "[]", "[1]", "{}", "1", '["a", 1]', "[1, 1e999]", "[1, null]"])
def test_a_cursor_that_no_listing_gave_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(UserError):
        page(store, cursor=cursor)


def test_titles_are_searched_as_they_are_written(store: Store, add_episode: Add) -> None:
    percent, chinese = add_episode("100% of it_all"), add_episode("关于猫")
    add_episode("100 of it all")
    assert ids(store, text="100% OF") == [percent]
    assert ids(store, text="it_a") == [percent]
    assert ids(store, text=" 猫 ") == [chinese]
    assert ids(store, text="\\") == []


def test_one_feed_alone(store: Store, add_episode: Add) -> None:
    feed = add_feed(store)
    add_episode()
    mine = add_episode(feed_id=feed)
    assert ids(store, feed_id=feed) == [mine]
    assert episodes.listed(store.read(), mine, user_id=None).feed_title == "A feed"
    assert [e.id for e in episodes.of_feed(store.read(), feed)] == [mine]


@pytest.mark.parametrize("state", list(State))
def test_a_filter_by_state_gives_those_that_show_it(store: Store, add_episode: Add, state: State) -> None:
    for first in State:
        episode = add_episode()
        stages = [Stage.FETCH] if first is State.DONE else [Stage.FETCH, Stage.TRANSCRIBE]
        store.write(partial(jobs.enqueue, episode_id=episode, priority=0, now=0.0, stages=stages))
        if first is not State.QUEUED:
            job = store.write(lambda db: leases.claim(db, Stage.FETCH, now=0.0))
            assert job
            assert job.episode_id == episode
        if first not in (State.QUEUED, State.RUNNING):
            assert job
            what = Next(first, not_before=1e12)
            store.write(partial(leases.set_aside, job=job, what=what, now=0.0))
        if first is State.QUEUED:
            # Keep it from being claimed in place of the next ones.
            store.write(lambda db: db.execute("UPDATE jobs SET not_before = 1e12 WHERE state = 'queued'"))
    add_episode("nothing asked for")
    found = page(store, state=state).items
    assert [i.state for i in found] == [state]


def test_the_inbox_has_new_episodes_of_feeds_that_nobody_decided_on(store: Store, add_episode: Add) -> None:
    feed = add_feed(store)
    store.write(lambda db: db.execute("UPDATE feeds SET created_at = 50"))
    old, new, undated = (
        add_episode(feed_id=feed, published_at=49.0),
        add_episode(feed_id=feed, published_at=50.0),
        add_episode(now=60.0, feed_id=feed),
    )
    kept, skipped = add_episode(now=60.0, feed_id=feed, starred_at=61.0), add_episode(now=60.0, feed_id=feed, read_at=61.0)
    transcribed, dropped = add_episode(now=60.0, feed_id=feed), add_episode(now=60.0, feed_id=feed, deleted_at=61.0)
    mine = add_episode(now=60.0)
    store.write(lambda db: jobs.enqueue(db, transcribed, priority=0, now=60.0))
    assert ids(store, inbox=True) == [undated, new]
    assert listing.count(store.read(), Filter(inbox=True), user_id=OWNER.user_id) == 2
    assert {old, kept, skipped, dropped, mine}.isdisjoint(listing.ids(store.read(), Filter(inbox=True), user_id=OWNER.user_id))


def test_episodes_in_progress_were_begun_and_not_read(store: Store, add_episode: Add) -> None:
    begun, read = add_episode(), add_episode(read_at=1.0)
    add_episode()
    for number in (begun, read):
        store.write(partial(reading_states.set_position, user_id=OWNER.user_id, episode_id=number, position=9.0, now=2.0))
    assert ids(store, started=True) == [begun]


# --- orders, filters, and their costs ---------------------------------------------------------------------


def all_pages(store: Store, **options: Any) -> list[int]:
    seen: list[int] = []
    cursor = None
    while True:
        found = page(store, limit=4, cursor=cursor, **options)
        seen += [i.episode.id for i in found.items]
        cursor = found.next_cursor
        if cursor is None:
            return seen


@pytest.fixture
def many(store: Store) -> list[dict[str, Any]]:
    """Thirty episodes with few different values, so that orders are full of ties."""
    feeds = [add_feed(store), add_feed(store, "https://example.org/two")]

    def put(db: Database) -> list[dict[str, Any]]:
        rows = []
        for n in range(30):
            columns = {
                "title": ["beta", "Alpha", "猫", "alpha"][n % 4],
                "duration": [None, 60.0, 30.0][n % 3],
                "published_at": [None, 5.0, 9.0][n * 7 % 3],
                "feed_id": [None, *feeds][n % 3],
                "spoken_language": ["en", "zh"][n % 2],
                "read_at": [None, 1.0][n // 3 % 2],
                "starred_at": [None, 1.0][n // 5 % 2],
                "deleted_at": 3.0 if n % 10 == 9 else None,
            }
            rows.append({"id": put_episode(db, now=float(n // 4), **columns), "created_at": float(n // 4), **columns})
        return rows

    return store.write(put)


ORDERS: dict[Sort, Callable[[dict[str, Any]], Any]] = {
    Sort.NEWEST: lambda r: (-(r["created_at"] if r["published_at"] is None else r["published_at"]), -r["id"]),
    Sort.OLDEST: lambda r: (r["created_at"] if r["published_at"] is None else r["published_at"], r["id"]),
    Sort.ADDED: lambda r: (-r["created_at"], -r["id"]),
    Sort.LONGEST: lambda r: (-(r["duration"] or 0), -r["id"]),
    Sort.SHORTEST: lambda r: (r["duration"] or 0, r["id"]),
    Sort.TITLE: lambda r: (r["title"].lower(), r["id"]),
}
FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
    ({}, lambda r: True),
    ({"feed_id": 1}, lambda r: r["feed_id"] == 1),
    ({"language": "zh"}, lambda r: r["spoken_language"] == "zh"),
    ({"unread": True}, lambda r: r["read_at"] is None),
    ({"unread": False, "starred": True}, lambda r: r["read_at"] is not None and r["starred_at"] is not None),
    (
        {"starred": False, "text": "ALPHA", "feed_id": 2},
        lambda r: not r["starred_at"] and r["title"].lower() == "alpha" and r["feed_id"] == 2,
    ),
]


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize(("wanted", "true"), FILTERS)
def test_pages_of_every_order_and_filter_join_to_the_whole(
    store: Store, many: list[dict[str, Any]], sort: Sort, wanted: dict[str, Any], true: Callable[[dict[str, Any]], bool]
) -> None:
    expected = [r["id"] for r in sorted((r for r in many if r["deleted_at"] is None and true(r)), key=ORDERS[sort])]
    assert all_pages(store, sort=sort, **wanted) == expected
    assert listing.count(store.read(), Filter(**wanted), user_id=OWNER.user_id) == len(expected)
    assert sorted(listing.ids(store.read(), Filter(**wanted), user_id=OWNER.user_id)) == sorted(expected)


def test_the_trash_is_listed_by_itself(store: Store, many: list[dict[str, Any]]) -> None:
    gone = [r["id"] for r in many if r["deleted_at"]]
    assert all_pages(store, deleted=True) == gone[::-1]
    trash = Filter(deleted=True)
    assert listing.count(store.read(), trash, user_id=OWNER.user_id) == len(gone)
    assert len(listing.ids(store.read(), trash, user_id=OWNER.user_id)) == len(gone)


@pytest.mark.parametrize(("sort", "cursor"), [(Sort.TITLE, "[5.0, 1]"), (Sort.NEWEST, '["a", 1]')])
def test_a_cursor_of_another_order_is_refused(store: Store, sort: Sort, cursor: str) -> None:
    with pytest.raises(UserError):
        page(store, sort=sort, cursor=cursor)


def test_languages_by_how_much_is_spoken_in_them(store: Store, many: list[dict[str, Any]], add_episode: Add) -> None:
    assert listing.languages(store.read())[0] == "en"
    assert set(listing.languages(store.read())) == {"en", "zh"}


def test_what_was_stopped_in_the_middle_the_last_first(store: Store, add_episode: Add) -> None:
    old = add_episode(position=5.0, played_at=1.0)
    new = add_episode(position=5.0, played_at=2.0)
    add_episode(position=5.0, played_at=3.0, read_at=3.0)
    add_episode(position=5.0, played_at=4.0, deleted_at=4.0)
    add_episode()
    assert [r.episode.id for r in listing.unfinished(store.read(), user_id=OWNER.user_id, limit=5)] == [new, old]


class Watched:
    """A connection that records its statements."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.asked: list[tuple[str, Any]] = []

    def execute(self, sql: str, values: Any = ()) -> Any:
        self.asked.append((sql, values))
        return self._db.execute(sql, values)


MORE: list[dict[str, Any]] = [{"state": State.FAILED}, {"tag": 1}, {"deleted": True}, {"inbox": True}, {"started": True}]


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("wanted", [wanted for wanted, _ in FILTERS] + MORE)
def test_no_page_reads_or_sorts_the_table(store: Store, many: list[dict[str, Any]], sort: Sort, wanted: dict[str, Any]) -> None:
    db = Watched(store.read())
    cursor = '["a", 1]' if sort is Sort.TITLE and "deleted" not in wanted else "[5.0, 1]"
    listing.page(db, Filter(**wanted), user_id=1, sort=sort, cursor=cursor)
    first = [row["detail"] for row in store.read().execute(f"EXPLAIN QUERY PLAN {db.asked[0][0]}", db.asked[0][1])]
    assert re.match(r"SEARCH episodes USING (COVERING )?INDEX episodes_", first[0]), first
    listing.page(db, Filter(**wanted), user_id=1, sort=sort)
    listing.count(db, Filter(**wanted), user_id=1)
    listing.unfinished(db, user_id=1, limit=5)
    for sql, values in db.asked:
        plan = [row["detail"] for row in store.read().execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert not [step for step in plan if "TEMP B-TREE" in step and "tags" not in sql and "jobs" not in sql], (sql, plan)
        assert not [step for step in plan if step.startswith("SCAN episodes") and "USING" not in step], (sql, plan)


# --- marks, of any user ---------------------------------------------------------------------------------------

# The first and the last whose marks are bits of the episodes, and one whose marks are looked up.
READERS = (1, 62, 63)
Key = tuple[int, int]


class Marks:
    """Random changes of marks, and the expected result."""

    def __init__(self, store: Store, numbers: list[int]) -> None:
        self.store = store
        self.numbers = numbers
        self.trash: set[int] = set()
        self.of: dict[str, set[Key]] = {"read_at": set(), "starred_at": set()}
        self._chance = random.Random(29)

    def change(self) -> None:
        user, number = self._chance.choice(READERS), self._chance.choice(self.numbers)
        some = self._chance.sample(self.numbers, min(3, len(self.numbers)))
        column, at = self._chance.choice(tuple(self.of)), self._chance.choice((None, 7.0))
        changes: list[Callable[[Any], object]] = [
            partial(reading_states.mark, user_id=user, episode_ids=some, column=column, at=at),
            partial(reading_states.set_position, user_id=user, episode_id=number, position=3.0, now=8.0),
            partial(episodes.change, episode_id=number, values={"deleted_at": 9.0}, now=9.0),
            partial(episodes.change, episode_id=number, values={"deleted_at": None}, now=9.0),
        ]
        which = self._chance.choices(range(4), (6, 2, 1, 1))[0]
        self.store.write(changes[which])
        if which == 0:
            keys = {(user, each) for each in some if each not in self.trash}
            self.of[column] = self.of[column] - keys if at is None else self.of[column] | keys
        self.trash = self.trash | {number} if which == 2 else self.trash - {number} if which == 3 else self.trash

    def forget(self, gone: Callable[[Key], bool]) -> None:
        for column, keys in self.of.items():
            self.of[column] = {key for key in keys if not gone(key)}

    def expected(self, user: int, wanted: Filter) -> list[int]:
        def fits(number: int, column: str, whether: bool | None) -> bool:
            return whether is None or ((user, number) in self.of[column]) is whether

        read = None if wanted.unread is None else not wanted.unread
        there = [n for n in self.numbers if (n in self.trash) is wanted.deleted]
        return [n for n in there if fits(n, "read_at", read) and fits(n, "starred_at", wanted.starred)]

    def check(self) -> None:
        db = self.store.read()
        for user, unread, starred, deleted in product(READERS, (None, True, False), (None, True, False), (False, True)):
            wanted = Filter(unread=unread, starred=starred, deleted=deleted)
            expected = self.expected(user, wanted)
            assert sorted(listing.ids(db, wanted, user_id=user)) == expected, (user, wanted)
            assert listing.count(db, wanted, user_id=user) == len(expected), (user, wanted)
            shown = listing.page(db, wanted, user_id=user).items
            assert sorted(each.episode.id for each in shown) == expected, (user, wanted)
            assert all((each.reading.read_at is not None) is ((user, each.episode.id) in self.of["read_at"]) for each in shown)


def test_marks_filter_as_they_were_set_whoever_set_them(store: Store, add_episode: Add) -> None:
    for user in READERS[1:]:
        store.write(lambda db, user=user: db.execute("INSERT INTO users (id, role, created_at) VALUES (?, 'member', 0)", [user]))
    marks = Marks(store, [add_episode(now=float(n)) for n in range(8)])
    for turn in range(150):
        marks.change()
        if turn % 10 == 9:
            marks.check()
    old, new = marks.numbers[:2]
    store.write(partial(reading_states.merge, old=old, new=new))
    for column in marks.of:
        marks.of[column] |= {(user, old) for user, number in marks.of[column] if number == new}
    marks.check()
    store.write(partial(episodes.delete, episode_id=new))
    marks.numbers.remove(new)
    marks.forget(lambda key: key[1] == new)
    marks.check()
    store.write(lambda db: db.execute("DELETE FROM users WHERE id = 62"))
    marks.forget(lambda key: key[0] == 62)
    marks.check()


def test_marks_that_are_moved_or_replaced_leave_no_bit(store: Store, add_episode: Add) -> None:
    """No code of ours does either; the triggers bear it."""
    one, two = add_episode(read_at=1.0, starred_at=1.0), add_episode()
    store.write(lambda db: db.execute("UPDATE reading_states SET episode_id = ?", [two]))
    assert (ids(store, unread=False), ids(store, starred=True), ids(store, unread=True)) == ([two], [two], [one])
    store.write(lambda db: db.execute("INSERT OR REPLACE INTO reading_states (user_id, episode_id) VALUES (1, ?)", [two]))
    assert (ids(store, unread=False), ids(store, starred=True)) == ([], [])


# --- the state that a list filters by -----------------------------------------------------------------------


def test_the_kept_state_is_always_the_one_that_the_jobs_give(store: Store, add_episode: Add) -> None:
    chance, seen = random.Random(11), set[str | None]()
    numbers = [add_episode() for _ in range(4)]
    for turn in range(400):
        number, stage, state = chance.choice(numbers), chance.choice(list(Stage)), chance.choice(list(State))
        act, error = chance.randrange(7), chance.choice((None, '{"code": "ollama_unreachable"}'))

        def change(
            db: Database,
            number: int = number,
            stage: Stage = stage,
            state: State = state,
            act: int = act,
            turn: int = turn,
            error: str | None = error,
        ) -> None:
            if act == 0:
                jobs.enqueue(db, number, priority=turn, now=0.0, stages=[stage])
            elif act == 1:
                sql = "UPDATE jobs SET state = ?, error = ?, progress = 0 WHERE episode_id = ? AND stage = ?"
                db.execute(sql, [state.value, error, number, stage.value])
            elif act == 4:
                notes.add(db, number, Notes("Gist."), now=float(turn), stays=None)
            elif act == 5:
                db.execute("DELETE FROM notes WHERE episode_id = ?", [number])
            elif act == 6:
                progress = [turn % 2 / 2, number, Stage.SUMMARISE.value]
                db.execute("UPDATE jobs SET progress = ? WHERE episode_id = ? AND stage = ?", progress)
            elif act == 2:
                db.execute("DELETE FROM jobs WHERE episode_id = ? AND stage = ?", [number, stage.value])
            else:
                db.execute("UPDATE jobs SET state = ? WHERE episode_id = ?", [state.value, number])

        store.write(change)
        kept = {row["id"]: row["state"] for row in store.read().execute("SELECT id, state FROM episodes")}
        assert kept == {row.episode.id: row.state for row in episodes.rows(store.read(), numbers, user_id=OWNER.user_id)}
        seen |= {*kept.values()}
    assert seen == {None, *(state.value for state in State)}
