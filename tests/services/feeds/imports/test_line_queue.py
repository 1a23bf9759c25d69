"""Lines handed out: typed addresses first, a few at once and fewer a host, each once until it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import LineState
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.line_queue import LineQueue
from core.services.feeds.polls import Check
from core.store.feeds import imports as rows
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.services.feeds.imports.conftest import FEED, Desk, at
from tests.subscriptions_fixture import House


def test_sixteen_at_once_and_two_a_host(desk: Desk, host: PodcastHost) -> None:
    desk.add(*(at(host, n) for n in range(9)))
    desk.given(2)
    with Desk(desk.house) as other:
        other.add(*(f"https://{n % 20}.invalid/{n}" for n in range(60)))
        other.given(16)


def test_an_address_typed_by_hand_comes_before_a_long_file_and_fails_at_once(desk: Desk, host: PodcastHost) -> None:
    assert desk.tasks.stop()
    desk.add(*(f"https://{n}.invalid/" for n in range(100)))
    host.play(FEED, Mode.ERROR)
    one = desk.imports.add_address(OWNER, host.feed_url)
    desk.tasks.start()
    desk.run(1)
    assert desk.states(one) == [LineState.FAILED]
    with pytest.raises(errors.BadAddress):
        desk.imports.add_address(OWNER, "file:///etc/passwd")


def test_what_was_handed_out_before_a_stop_is_handed_out_again(desk: Desk, host: PodcastHost) -> None:
    begun = desk.add(host.feed_url)
    desk.given(1)
    desk.handed.clear()
    desk.queue.hand_out()
    assert not desk.handed
    assert desk.tasks.stop()
    desk.imports.start()
    desk.tasks.start()
    desk.run()
    assert desk.states(begun) == [LineState.ADDED]


class Slips:
    """A queue of its own whose runs stay with the test: (address, run) in the order in which they were handed out."""

    def __init__(self, house: House) -> None:
        self.handed: list[tuple[str, str]] = []
        self.runs: list[Callable[[], None]] = []
        self.check: Check = lambda: None
        lines = LineImporter(house.store, house.subscriptions, discover=lambda _actor, _url, _check: (), clock=lambda: house.now)
        self.queue = LineQueue(house.store, lines, hand_out=self._take, clock=lambda: house.now)
        self.store = house.store

    def _take(self, name: str, run: Callable[[Check], None], *, url: str) -> None:
        self.handed.append((name, url))
        self.runs.append(lambda: run(self.check))

    def add(self, *urls: str, kind: str = "opml") -> int:
        values = {"kind": kind, "name": "Mine", "auto_transcribe": False, "backlog": 0}
        lines = [(url, "", "", None) for url in urls]
        return self.store.write(lambda db: rows.add(db, values, lines, now=1.0))

    def urls(self) -> list[str]:
        return [url for _, url in self.handed]

    def states(self, import_id: int) -> list[LineState]:
        return [line.state for line in rows.lines(self.store.read(), import_id)]


@pytest.fixture
def slips(house: House) -> Slips:
    return Slips(house)


def test_typed_addresses_go_first_and_a_line_goes_once(slips: Slips) -> None:
    slips.add("https://a.invalid/1", "https://b.invalid/2")
    slips.add("https://c.invalid/3", kind="address")
    for _ in range(2):
        slips.queue.hand_out()
    assert slips.urls() == ["https://c.invalid/3", "https://a.invalid/1", "https://b.invalid/2"]
    assert len({name for name, _ in slips.handed}) == 3


def test_the_limit_a_host_holds_over_all_imports_and_however_an_address_is_written(slips: Slips) -> None:
    slips.add("https://a.invalid/1", "feed://A.invalid/2", "https://a.invalid:8443/3")
    slips.add("https://a.invalid/4", "https://b.invalid/5")
    slips.queue.hand_out()
    assert slips.urls() == ["https://a.invalid/1", "feed://A.invalid/2", "https://b.invalid/5"]


def test_an_address_that_names_no_host_is_handed_out_too(slips: Slips) -> None:
    import_id = slips.add("http://[broken", "not an address")
    slips.queue.hand_out()
    for run in slips.runs:
        run()
    assert slips.states(import_id) == [LineState.FAILED] * 2


@pytest.mark.parametrize("ends", [errors.ShuttingDown(), errors.Restoring("A backup is being restored.")])
def test_a_line_that_is_interrupted_stays_as_it_is_and_is_handed_out_again(slips: Slips, ends: Exception) -> None:
    def end() -> None:
        raise ends

    import_id, slips.check = slips.add("https://a.invalid/1"), end
    slips.queue.hand_out()
    slips.runs[0]()
    assert (slips.states(import_id), slips.queue.ended(import_id)) == ([LineState.WAITING], 0)
    slips.queue.hand_out()
    (first, _), (second, _) = slips.handed
    assert first != second, "else the scheduler takes it for the one that it has not put away yet"


def test_a_line_whose_import_was_deleted_ends_without_a_word(slips: Slips) -> None:
    import_id = slips.add("https://a.invalid/1")
    slips.queue.hand_out()
    slips.store.write(lambda db: rows.delete(db, import_id))
    slips.runs[0]()
    assert slips.queue.ended(import_id) == 0


def test_whoever_waits_for_an_import_hears_of_its_lines_alone(slips: Slips) -> None:
    mine, other = slips.add("file:///a"), slips.add("file:///b")
    seen = slips.queue.ended(mine)
    came: list[int] = []
    waiting = threading.Thread(target=lambda: came.append(slips.queue.wait(mine, seen, 30.0)))
    waiting.start()
    slips.queue.tell(other)
    slips.queue.hand_out()
    slips.runs[0]()
    waiting.join(timeout=30.0)
    assert (came, slips.queue.ended(other)) == ([seen + 1], 1)
    assert slips.queue.wait(mine, seen, 0.0) == seen + 1, "what has ended already is not waited for"
    assert slips.queue.wait(mine, seen + 1, 0.0) == seen + 1
