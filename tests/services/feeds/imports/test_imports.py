from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator

import pytest

from core import errors
from core.background.scheduler import Scheduler
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import FeedCandidate, Import, LineState, Outline
from core.domain.jobs.job import State
from core.services.feeds.imports.import_task import ImportTask
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import LineQueue
from core.services.feeds.imports.line_work import LineWork
from core.sources import opml
from core.store.feeds import imports as rows
from core.store.jobs import tasks as task_rows
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.subscriptions_fixture import House, ImportDesk

FEED = "/feed.xml"


class Desk(ImportDesk):
    def __init__(self, house: House) -> None:
        super().__init__(house.store, house.subscriptions, clock=lambda: house.now)
        self.house = house

    def add(self, *urls: str, **wishes: bool | int) -> Import:
        body = opml.write([Outline(url, f"Title {n}") for n, url in enumerate(urls)], title="Mine", now=0.0)
        return self.imports.add_opml(OWNER, body, **wishes)  # type: ignore[arg-type]

    def given(self, count: int) -> None:
        """Wait until so many lines are handed out; another look hands out no more."""
        until(lambda: len(self.handed) >= count)
        self.queue.hand_out()
        assert len(self.handed) == count


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    with Desk(house) as made:
        yield made


def at(host: PodcastHost, n: int) -> str:
    return f"{host.feed_url}?n={n}"


def test_a_file_is_worked_off_and_says_what_came_of_each_line(desk: Desk, house: House, host: PodcastHost) -> None:
    house.subscriptions.add(OWNER, at(host, 0), backlog=0)
    begun = desk.add(at(host, 0), at(host, 1), host.audio_url("en_short.wav"), "ftp://a.example/feed", f"{host.url}/nowhere")
    assert (begun.name, begun.running, begun.total, begun.done) == ("Mine", True, 5, 0)
    desk.run()
    done = desk.imports.get(OWNER, begun.id)
    assert (done.running, done.done, done.finished_at) == (False, 5, house.now)
    assert desk.states(done) == [LineState.KNOWN, LineState.ADDED, *[LineState.FAILED] * 3]
    lines = desk.imports.lines(OWNER, done.id)
    assert [line.error["code"] for line in lines[2:] if line.error] == ["not_a_feed", "bad_address", "feed_not_added"]
    assert {row.feed.id for row in house.subscriptions.listing(OWNER)} == {line.feed_id for line in lines[:2]}


def test_nothing_is_transcribed_that_was_not_asked_for(desk: Desk, house: House, host: PodcastHost) -> None:
    desk.add(at(host, 1))
    desk.run()
    assert house.queued() == []
    desk.add(at(host, 2), backlog=2, auto_transcribe=False)
    desk.run()
    assert len(house.queued()) == 2
    assert not next(row.feed for row in house.subscriptions.listing(OWNER) if row.feed.url == at(host, 2)).auto_transcribe
    with pytest.raises(errors.UserError):
        desk.add(at(host, 3), backlog=-1)


def test_sixteen_at_once_and_two_a_host(desk: Desk, host: PodcastHost) -> None:
    desk.add(*(at(host, n) for n in range(9)))
    desk.given(2)
    with Desk(desk.house) as other:
        other.add(*(f"https://{n % 20}.invalid/{n}" for n in range(60)))
        other.given(16)


def test_an_import_goes_on_after_a_restart_and_nothing_comes_twice(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(*(at(host, n) for n in range(6)))
    desk.run(3)
    assert desk.imports.get(OWNER, begun.id).done == 3
    assert desk.tasks.stop()
    assert (desk.task_of(begun).state, desk.task_of(begun).done) == (State.QUEUED, 3)
    with Desk(house) as after:
        after.run()
        task = after.tasks.wait(after.task_of(begun).id)
        assert after.states(begun) == [LineState.ADDED] * 6
    assert len(house.subscriptions.listing(OWNER)) == 6
    assert not after.imports.get(OWNER, begun.id).running
    assert [(each.state, each.done) for each in after.tasks.listing()] == [(State.DONE, 6)] == [(task.state, task.done)]


def test_a_cancel_leaves_what_was_subscribed_and_ends_what_is_being_fetched(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(*(at(host, n) for n in range(5)))
    desk.run(2)
    host.play(FEED, Mode.SILENT)
    fetching = threading.Thread(target=desk.run, args=(1,))
    fetching.start()
    until(lambda: len(host.requests()) == 3)
    cancelled = desk.imports.cancel(OWNER, begun.id)
    fetching.join(timeout=30)
    assert not fetching.is_alive()
    assert (cancelled.running, cancelled.cancelled_at) == (False, house.now)
    task = desk.tasks.wait(desk.task_of(begun).id)
    assert (task.state, task.detail["added"], task.detail["cancelled"]) == (State.CANCELLED, 2, 3)
    desk.handed.clear()
    desk.queue.start()
    assert desk.states(begun) == [LineState.ADDED] * 2 + [LineState.CANCELLED] * 3
    assert len(house.subscriptions.listing(OWNER)) == 2
    with pytest.raises(errors.Conflict):
        desk.imports.cancel(OWNER, begun.id)
    desk.imports.retry(OWNER, begun.id)
    desk.run()
    assert desk.states(begun) == [LineState.ADDED] * 5


def test_a_server_that_is_down_is_asked_again_later_and_not_for_ever(desk: Desk, house: House, host: PodcastHost) -> None:
    host.play(FEED, Mode.BUSY, Mode.BREAK)
    begun = desk.add(host.feed_url)
    desk.run()
    assert desk.states(begun) == [LineState.WAITING]
    desk.queue.hand_out()
    assert not desk.handed
    for _ in range(2):
        house.now += 200.0
        desk.run()
    assert desk.states(begun) == [LineState.ADDED]
    assert desk.imports.lines(OWNER, begun.id)[0].error is None
    gone = desk.add(f"{host.url}/as/unavailable/feed.xml")
    for _ in range(3):
        desk.run()
        house.now += 200.0
    assert desk.states(gone) == [LineState.FAILED]
    assert not desk.handed and desk.tasks.wait(desk.task_of(gone).id).state is State.DONE


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


def test_a_page_that_offers_one_feed_is_that_feed(desk: Desk, house: House, host: PodcastHost) -> None:
    desk.discovered = [FeedCandidate(host.feed_url, "Found")]
    one = desk.imports.add_address(OWNER, host.audio_url("en_short.wav"), backlog=1)
    desk.run()
    assert desk.states(one) == [LineState.ADDED]
    assert house.subscriptions.listing(OWNER)[0].feed.url == host.feed_url
    assert len(house.queued()) == 1


def test_a_page_that_offers_several_asks_which(desk: Desk, house: House, host: PodcastHost) -> None:
    desk.discovered = [FeedCandidate(at(host, n), f"Show {n}", episodes=n) for n in range(3)]
    one = desk.imports.add_address(OWNER, host.audio_url("en_short.wav"))
    desk.run()
    line = desk.imports.lines(OWNER, one.id)[0]
    assert (line.state, line.offers) == (LineState.CHOICE, tuple(desk.discovered))
    assert not desk.imports.get(OWNER, one.id).running
    with pytest.raises(errors.UserError):
        desk.imports.choose(OWNER, line.id, ["https://other.example/feed"])
    with pytest.raises(errors.UserError):
        desk.imports.choose(OWNER, line.id, [])
    desk.imports.choose(OWNER, line.id, [at(host, 0), at(host, 2)])
    desk.run()
    assert sorted(row.feed.url for row in house.subscriptions.listing(OWNER)) == [at(host, 0), at(host, 2)]
    with pytest.raises(errors.NotFound):
        desk.imports.choose(OWNER, line.id, [at(host, 1)])


def test_a_page_without_a_feed_says_so(desk: Desk, host: PodcastHost) -> None:
    one = desk.imports.add_address(OWNER, host.audio_url("en_short.wav"))
    desk.run()
    error = desk.imports.lines(OWNER, one.id)[0].error
    assert error and error["code"] == "not_a_feed"


def test_the_report_can_be_shown_to_others_and_opened_in_a_spreadsheet(desk: Desk, host: PodcastHost) -> None:
    body = opml.write(
        [Outline(f"{host.url}/nowhere?token=s3cret", '=HYPERLINK("x")'), Outline(host.feed_url)], title="M", now=0.0
    )
    begun = desk.imports.add_opml(OWNER, body)
    desk.run()
    text = desk.imports.report(OWNER, begun.id)
    assert "s3cret" not in text
    table = list(csv.reader(io.StringIO(text)))
    assert table[0] == ["line", "result", "title", "address", "reason"]
    assert table[1][:4] == ["1", "failed", '\'=HYPERLINK("x")', f"{host.url}/nowhere"]
    assert "status 404" in table[1][4]
    assert table[2][:3] == ["2", "added", "CastMind samples"]
    again = opml.read(desk.imports.failed_opml(OWNER, begun.id))
    assert [(f.url, f.title) for f in again.feeds] == [(f"{host.url}/nowhere?token=s3cret", '=HYPERLINK("x")')]


def test_what_is_exported_is_imported_again_and_keys_stay_at_home(desk: Desk, house: House, host: PodcastHost) -> None:
    house.subscriptions.add(OWNER, at(host, 1))
    house.subscriptions.add(OWNER, f"{host.feed_url}?token=s3cret")
    assert desk.imports.keyed(OWNER) == 1
    body, left_out = desk.imports.export(OWNER)
    assert (left_out, b"s3cret" in body) == (1, False)
    assert [(f.url, f.title, f.link) for f in opml.read(body).feeds] == [(at(host, 1), "CastMind samples", f"{host.url}/")]
    body, left_out = desk.imports.export(OWNER, keys=True)
    assert (left_out, b"s3cret" in body) == (0, True)
    again = desk.imports.add_opml(OWNER, body)
    desk.run()
    assert desk.states(again) == [LineState.KNOWN] * 2


def test_an_import_is_forgotten_when_it_is_dismissed_or_old(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(host.feed_url)
    with pytest.raises(errors.Conflict):
        desk.imports.dismiss(OWNER, begun.id)
    desk.run()
    desk.imports.dismiss(OWNER, begun.id)
    with pytest.raises(errors.NotFound):
        desk.imports.get(OWNER, begun.id)
    assert len(house.subscriptions.listing(OWNER)) == 1
    old, young = desk.add(at(host, 1)), desk.add(at(host, 2))
    desk.run()
    house.store.write(lambda db: rows.change(db, old.id, {"finished_at": house.now - 40 * 86400.0}))
    desk.imports.forget_old()
    assert [each.id for each in desk.imports.listing(OWNER)] == [young.id]


def test_the_scheduler_works_an_import_off_beside_its_polls(house: House, host: PodcastHost) -> None:
    scheduler, tasks = Scheduler(house.subscriptions), Tasks(house.store)
    lines = LineWork(house.store, house.subscriptions, discover=lambda actor, url, check: ())
    queue = LineQueue(house.store, lines, hand_out=scheduler.hand_out)
    tasks.register(ImportTask(house.store, queue))
    imports = Imports(house.store, tasks, queue)
    scheduler.start()
    tasks.start()
    try:
        begun = imports.add_opml(OWNER, opml.write([Outline(at(host, n)) for n in range(12)], title="x", now=0.0))
        task = tasks.wait(tasks.listing()[0].id)
    finally:
        tasks.stop()
        scheduler.stop()
    assert imports.get(OWNER, begun.id).counts == {LineState.ADDED: 12}
    assert (task.kind, task.key, task.what, task.state, task.done, task.total) == ("import", "1", "opml", State.DONE, 12, 12)
    assert (task.detail["name"], task.detail["added"], task.detail["failed"]) == ("x", 12, 0)


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


def test_a_cancelled_task_cancels_its_import_also_before_it_began(desk: Desk, house: House, host: PodcastHost) -> None:
    going = desk.add(*(at(host, n) for n in range(4)))
    desk.run(1)
    desk.tasks.cancel(desk.task_of(going).id)
    assert desk.tasks.wait(desk.task_of(going).id).state is State.CANCELLED
    assert desk.states(going) == [LineState.ADDED] + [LineState.CANCELLED] * 3
    assert desk.imports.get(OWNER, going.id).cancelled_at == house.now
    assert desk.tasks.stop()
    waiting = desk.add(at(host, 9))
    desk.tasks.cancel(desk.task_of(waiting).id)
    assert desk.states(waiting) == [LineState.CANCELLED] and not desk.imports.get(OWNER, waiting.id).running


def test_an_import_without_a_task_is_given_one(desk: Desk, house: House, host: PodcastHost) -> None:
    """As in a library of an older version, whose imports had no tasks, and in one that was restored."""
    assert desk.tasks.stop()
    begun = desk.add(at(host, 1))
    house.store.write(lambda db: task_rows.delete(db, [desk.task_of(begun).id]))
    for _ in range(2):
        desk.imports.start()
        assert [task.key for task in desk.tasks.listing()] == [str(begun.id)]
    desk.tasks.start()
    desk.run()
    assert desk.states(begun) == [LineState.ADDED]
    desk.imports.step()
    assert len(desk.tasks.listing()) == 1


def test_what_is_added_while_an_import_ends_has_a_task_of_its_own(desk: Desk, house: House, host: PodcastHost) -> None:
    begun = desk.add(f"{host.url}/nowhere", at(host, 1))
    desk.run(1)
    desk.imports.retry(OWNER, begun.id)
    assert [task.state for task in desk.tasks.listing()] == [State.RUNNING, State.QUEUED]
    desk.run()
    assert desk.tasks.wait(desk.task_of(begun).id).state is State.DONE
    assert desk.states(begun) == [LineState.FAILED, LineState.ADDED]
