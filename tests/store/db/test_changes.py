from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from core.domain.episodes.touched_kind import EVERYTHING, TouchedKind
from core.events.recording import Recording
from core.store.db.changes import Changes, Commits
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes, reading_states


def put(db: Database, title: str = "A talk") -> int:
    number = episodes.add(db, {"title": title, "source": "upload"}, now=0.0)
    reading_states.set_position(db, 1, number, 0.0, now=0.0)
    return number


def by_this_process(store: Store) -> None:
    store.write(put)


def by_a_number_that_nobody_reads(store: Store) -> None:
    store.try_writing()
    store.write(lambda db: db.execute("PRAGMA user_version = 7"))


def by_another_connection(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('b', 'upload', 0, 0)")


def by_another_program(store: Store) -> None:
    code = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]);"
        "db.execute(\"INSERT INTO episodes (title, source, created_at, updated_at) VALUES ('c', 'upload', 0, 0)\"); db.commit()"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True)


def by_another_program_that_works_its_log_in(store: Store) -> None:
    by_another_program(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def by_a_trigger(store: Store) -> None:
    number = store.write(put)
    store.write(lambda db: episodes.delete(db, number))


@pytest.mark.parametrize(
    "change",
    [
        by_this_process,
        by_a_number_that_nobody_reads,
        by_another_connection,
        by_another_program,
        by_another_program_that_works_its_log_in,
        by_a_trigger,
    ],
)
def test_a_mark_is_another_one_as_soon_as_something_is_committed(store: Store, change: Callable[[Store], None]) -> None:
    for _ in range(3):
        before = store.mark()
        assert before is not None
        assert store.mark() == before
        change(store)
        assert store.mark() != before


def nothing(store: Store) -> None:
    assert episodes.count(store.read()) == 0


def a_change_that_fails(store: Store) -> None:
    def half(db: Database) -> None:
        put(db)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(half)


def a_change_of_another_that_is_taken_back(store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db, Recording():
        db.execute("BEGIN IMMEDIATE")
        put(db)
        db.execute("ROLLBACK")


@pytest.mark.parametrize("work", [nothing, a_change_that_fails, a_change_of_another_that_is_taken_back])
def test_a_mark_stays_where_nothing_was_committed(store: Store, work: Callable[[Store], None]) -> None:
    before = store.mark()
    work(store)
    assert store.mark() == before


def test_what_another_writes_and_has_not_committed_is_waited_for_by_nobody(store: Store) -> None:
    before = store.mark()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as db, Recording():
        db.execute("BEGIN EXCLUSIVE")
        put(db)
        assert store.mark() == before
        db.execute("COMMIT")
    assert store.mark() != before


def test_no_mark_is_that_of_the_library_that_lay_there_before(store: Store) -> None:
    seen = {store.mark()}
    for _ in range(3):
        store.give_up()
        assert store.mark() is None
        store.open()
        assert store.mark() not in seen
        seen.add(store.mark())
    store.close()
    assert store.mark() is None
    store.open()
    assert store.mark() not in seen


def test_without_shared_memory_nothing_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db", write_ahead_log=False)
    store.open()
    assert store.mark() is None
    store.close()


def test_what_takes_the_place_of_the_open_file_is_not_taken_for_it(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "castmind.db"), Store(tmp_path / "other.db")
    store.open()
    other.open()
    other.write(put)
    other.close()
    for side in ("-wal", "-shm"):
        (tmp_path / f"castmind.db{side}").unlink()
    (tmp_path / "other.db").rename(store.path)
    before = store.mark()
    assert before is not None
    by_another_connection(store)
    assert store.mark() == before
    store.close()


def test_of_a_file_that_cannot_be_opened_nothing_is_known(tmp_path: Path) -> None:
    for content in (None, b"", b"no database" * 1000):
        path = tmp_path / "castmind.db"
        if content is not None:
            path.write_bytes(content)
        changes = Changes(path)
        assert changes.mark() is None or content == b""
        changes.close()
        changes.close()
        assert changes.mark() is None


@pytest.fixture
def switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.long
def test_threads_that_ask_while_others_write_and_close_get_a_mark_or_none(store: Store, switching: None) -> None:
    ending = threading.Event()

    def ask() -> int:
        asked = 0
        while not ending.is_set():
            before = store.mark()
            count = episodes.count(store.read())
            if before is not None and store.mark() == before:
                # Nothing was committed in between: a second read gives the same.
                assert episodes.count(store.read()) >= count
                asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for _ in range(100):
                store.write(put)
        finally:
            ending.set()
        assert sum(each.result() for each in asking) > 0
    assert episodes.count(store.read()) == 100


# --- marks of a kind --------------------------------------------------------------------------------------

# One column of each kind, changed by the writer and by another program.
COLUMNS = {
    TouchedKind.PLACE: "reading_states.position",
    TouchedKind.WORK: "episodes.state",
    TouchedKind.LIBRARY: "episodes.title",
}


def change_of(column: str, value: object = "?") -> str:
    """Return the statement that sets a column of COLUMNS in all rows."""
    table, name = column.split(".")
    return f"UPDATE {table} SET {name} = {value}"


def value_of(column: str) -> str:
    """Return the statement that reads the column."""
    table, name = column.split(".")
    return f"SELECT {name} FROM {table}"


def test_a_mark_of_a_kind_stays_while_another_kind_changes(store: Store) -> None:
    number = store.write(put)
    store.write(partial(jobs.enqueue, episode_id=number, priority=0, now=0.0))
    for _ in range(3):
        for kind, column in COLUMNS.items():
            before = {each: store.mark(each) for each in (*EVERYTHING, EVERYTHING, TouchedKind.WORK | TouchedKind.LIBRARY)}
            store.write(lambda db, column=column: db.execute(change_of(column, "random()")))
            assert {each for each in before if store.mark(each) != before[each]} == {each for each in before if kind in each}


@pytest.mark.parametrize("foreign", [by_another_connection, by_another_program, by_another_program_that_works_its_log_in])
def test_what_another_changes_is_of_every_kind_whenever_it_comes(store: Store, foreign: Callable[[Store], None]) -> None:
    number = store.write(put)
    place = partial(reading_states.set_position, user_id=1, episode_id=number, position=1.0, now=1.0)

    def asked(db: Database) -> None:
        store.mark()
        place(db)

    ways: list[list[Callable[[], object]]] = [
        [lambda: foreign(store)],
        [lambda: foreign(store), lambda: store.write(place)],
        [lambda: store.write(place), lambda: foreign(store)],
        [lambda: store.write(asked), lambda: foreign(store), lambda: store.write(asked)],
        [lambda: foreign(store), store.try_writing, lambda: store.write(asked)],
    ]
    for way in ways:
        before = {kind: store.mark(kind) for kind in EVERYTHING}
        for step in way:
            step()
        assert all(store.mark(kind) != before[kind] for kind in EVERYTHING)


class Orders:
    """A writer that commits step by step, another connection that commits between the steps, and a reader of marks.

    A look takes the marks and then reads, as a request handler does. `looks` are those that had a mark."""

    def __init__(self, path: Path) -> None:
        self.writer, self.other, self.reader = (sqlite3.connect(path, isolation_level=None) for _ in range(3))
        self.changes = Changes(path)
        self.commits = Commits(self.writer, lambda: self.changes)
        self.looks: list[tuple[TouchedKind, object, object]] = []

    def close(self) -> None:
        self.changes.close()
        for each in (self.writer, self.other, self.reader):
            each.close()

    def look(self) -> None:
        for kind, column in COLUMNS.items():
            mark = self.changes.mark(kind)
            if mark is not None:
                self.looks.append((kind, mark, self.value(column)))

    def value(self, column: str) -> object:
        return self.reader.execute(value_of(column)).fetchone()[0]

    def foreign(self, number: int) -> None:
        with self.other:
            self.other.execute("BEGIN")
            for column in COLUMNS.values():
                self.other.execute(change_of(column), [number if column.endswith("position") else f"other {number}"])

    def run(self, column: str, commits: set[str], looks: set[str]) -> None:
        numbers = itertools.count(1000)

        def at(point: str) -> None:
            for when in ("a", "b"):
                if point + when in looks:
                    self.look()
                if when == "a" and point in commits:
                    self.foreign(next(numbers))

        ask = self.commits._commits_of_others

        def ask_between() -> int:
            # After the data version was read, and before another commit is detected.
            if not self.writer.in_transaction:
                at("between")
                found = ask()
                at("asked")
                return found
            return ask()

        self.commits._commits_of_others = ask_between  # type: ignore[method-assign]
        self.look()
        at("before")
        self.commits.prepare()
        at("prepared")
        self.writer.execute("BEGIN IMMEDIATE")
        self.commits.begun()
        self.writer.execute(change_of(column, next(numbers)))
        with self.commits.committing():
            self.writer.execute("COMMIT")
            at("committed")
        at("after")
        self.look()
        self.look()

    def check(self) -> None:
        """Check that looks with equal marks read equal content, and that the last look had all marks."""
        read: dict[tuple[TouchedKind, object], set[object]] = {}
        for kind, mark, value in self.looks:
            read.setdefault((kind, mark), set()).add(value)
        assert all(len(values) == 1 for values in read.values()), read
        now = {kind: self.changes.mark(kind) for kind in COLUMNS}
        for kind, column in COLUMNS.items():
            last = [value for of, mark, value in self.looks if of == kind and mark == now[kind]]
            assert last
            assert set(last) == {self.value(column)}


POINTS = ("before", "prepared", "committed", "between", "asked", "after")


@pytest.mark.parametrize(
    "column",
    [
        first := next(iter(COLUMNS.values())),
        *(pytest.param(one, marks=pytest.mark.long) for one in COLUMNS.values() if one != first),
    ],
)
def test_in_every_order_of_events_the_same_mark_means_the_same_content(store: Store, column: str) -> None:
    """Every choice of commit points of the other connection, with looks before, after, both or none, for each kind of change."""
    store.write(put)
    every_look = {point + when for point in POINTS for when in "ab"}
    runs = 0
    for chosen in itertools.product((False, True), repeat=len(POINTS)):
        commits = {point for point, is_chosen in zip(POINTS, chosen, strict=True) if is_chosen}
        for looks in (set(), every_look, {point + "a" for point in POINTS}, {point + "b" for point in POINTS}):
            orders = Orders(store.path)
            try:
                orders.run(column, commits, looks)
                orders.check()
            finally:
                orders.close()
            runs += 1
    assert runs == 2 ** len(POINTS) * 4


def test_while_it_is_not_known_who_committed_nobody_gets_a_mark(store: Store) -> None:
    store.write(put)
    orders = Orders(store.path)
    try:
        orders.look()
        before = len(orders.looks)
        orders.commits.prepare()
        orders.writer.execute("BEGIN IMMEDIATE")
        orders.commits.begun()
        orders.writer.execute("UPDATE reading_states SET position = 8")
        assert orders.changes.mark(TouchedKind.PLACE) == orders.looks[0][1]
        with orders.commits.committing():
            assert orders.changes.mark(TouchedKind.PLACE) == orders.looks[0][1]
            orders.writer.execute("COMMIT")
            orders.look()
            assert len(orders.looks) == before
        assert orders.changes.mark(TouchedKind.PLACE) not in (None, orders.looks[0][1])
        assert orders.changes.mark(TouchedKind.LIBRARY) == orders.looks[2][1]
    finally:
        orders.close()


def test_what_a_failed_commit_left_is_known_afterwards(store: Store) -> None:
    store.write(put)
    orders = Orders(store.path)
    try:
        orders.look()
        for committed in (False, True):
            before = {kind: orders.changes.mark(kind) for kind in EVERYTHING}
            orders.commits.prepare()
            orders.writer.execute("BEGIN IMMEDIATE")
            orders.commits.begun()
            orders.writer.execute(f"UPDATE reading_states SET position = {50 + committed}")
            with pytest.raises(sqlite3.OperationalError), orders.commits.committing():
                if committed:
                    orders.writer.execute("COMMIT")
                raise sqlite3.OperationalError("disk I/O error")
            if orders.writer.in_transaction:
                orders.writer.execute("ROLLBACK")
            after = {kind: orders.changes.mark(kind) for kind in EVERYTHING}
            assert (after[TouchedKind.PLACE] != before[TouchedKind.PLACE]) is committed
            assert after[TouchedKind.LIBRARY] == before[TouchedKind.LIBRARY]
    finally:
        orders.close()


def test_where_the_writer_cannot_ask_whether_others_committed_all_marks_change(store: Store) -> None:
    store.write(put)
    orders = Orders(store.path)
    try:
        before = {kind: orders.changes.mark(kind) for kind in EVERYTHING}
        orders.commits.prepare()
        orders.writer.execute("BEGIN IMMEDIATE")
        orders.commits.begun()
        orders.writer.execute("UPDATE reading_states SET position = 9")
        with orders.commits.committing():
            orders.writer.execute("COMMIT")
            orders.writer.close()
        with pytest.raises(sqlite3.ProgrammingError):
            orders.writer.execute("SELECT 1")
        assert all(orders.changes.mark(kind) not in (None, before[kind]) for kind in EVERYTHING)
    finally:
        orders.close()


@pytest.mark.long
def test_who_is_told_of_a_change_gets_no_mark_of_before_it_in_many_threads(store: Store, switching: None) -> None:
    """Each thread remembers reads by mark; one saves positions, one renames, and another program does both."""
    store.write(partial(put, title="0"))
    place, title = COLUMNS[TouchedKind.PLACE], COLUMNS[TouchedKind.LIBRARY]
    told = {place: 0, title: 0}
    ending = threading.Event()
    foreign = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False, timeout=30.0)

    def ask(column: str, kind: TouchedKind) -> int:
        kept: dict[object, int] = {}
        given = 0
        while not ending.is_set():
            least = told[column]
            mark = store.mark(kind)
            if mark is None:
                continue
            if mark in kept:
                given += 1
            else:
                kept[mark] = int(store.read().execute(value_of(column)).fetchone()[0])
            assert kept[mark] >= least
        return given

    with ThreadPoolExecutor(4) as pool:
        asking = [
            pool.submit(ask, column, kind) for column, kind in ((place, TouchedKind.PLACE), (title, TouchedKind.LIBRARY)) * 2
        ]
        try:
            for count in range(1, 400):
                column = (place, place, title)[count % 3]
                if count % 7 == 0:
                    foreign.execute(change_of(column), [count])
                else:
                    store.write(lambda db, column=column, count=count: db.execute(change_of(column), [count]))
                told[column] = count
        finally:
            ending.set()
            foreign.close()
        assert all(each.result() > 0 for each in asking)
