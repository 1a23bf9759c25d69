"""One line of an import: it becomes a subscription, a choice or an error, or is left as it is."""

from __future__ import annotations

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import AGAIN, FeedCandidate, ImportLine, LineState
from core.domain.jobs.job import State
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.polls import Check
from core.store.feeds import imports as rows
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.services.feeds.imports.conftest import FEED, Desk, at
from tests.subscriptions_fixture import House


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


class Bench:
    """Lines that are settled one by one, without a task and without a queue."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.work = LineImporter(house.store, house.subscriptions, discover=self._discover, clock=lambda: house.now)
        self.searched: list[str] = []

    def _discover(self, _actor: object, url: str, _check: Check) -> tuple[FeedCandidate, ...]:
        self.searched.append(url)
        return ()

    def line(self, url: str, *, kind: str = "opml", folder: str = "") -> int:
        values = {"kind": kind, "name": "Mine", "auto_transcribe": False, "backlog": 0}
        import_id = self.house.store.write(lambda db: rows.add(db, values, [(url, "", folder, None)], now=1.0))
        return rows.lines(self.house.store.read(), import_id)[0].id

    def settled(self, line_id: int, check: Check = lambda: None) -> ImportLine:
        self.work.settle(line_id, check)
        return rows.line(self.house.store.read(), line_id)


@pytest.fixture
def bench(house: House) -> Bench:
    return Bench(house)


def test_a_feed_that_is_subscribed_already_is_sorted_in_where_the_file_has_it(bench: Bench, host: PodcastHost) -> None:
    feed_id = bench.house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    line = bench.settled(bench.line(host.feed_url, folder="News"))
    assert (line.state, line.feed_id, line.error) == (LineState.KNOWN, feed_id, None)
    assert bench.house.subscriptions.get(OWNER, feed_id).feed.folder == "News"


def test_a_show_that_is_there_elsewhere_is_a_choice_for_who_typed_and_wanted_by_a_file(bench: Bench, host: PodcastHost) -> None:
    host.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
    bench.house.subscriptions.add(OWNER, host.feed_url, backlog=0)
    typed = bench.settled(bench.line(at(host, 1), kind="address"))
    assert typed.state is LineState.CHOICE and typed.error and typed.error["code"] == "show_subscribed"
    assert [(offer.url, offer.title, offer.episodes) for offer in typed.offers] == [(at(host, 1), "CastMind samples", 5)]
    assert bench.settled(bench.line(at(host, 2))).state is LineState.ADDED


def test_a_file_s_page_is_not_searched_for_feeds(bench: Bench, host: PodcastHost) -> None:
    page = host.audio_url("en_short.wav")
    assert bench.settled(bench.line(page)).state is LineState.FAILED and not bench.searched
    bench.settled(bench.line(page, kind="address"))
    assert bench.searched == [page]


def test_a_later_try_keeps_the_error_and_its_time(bench: Bench, host: PodcastHost) -> None:
    host.play(FEED, Mode.BUSY)
    line = bench.settled(bench.line(host.feed_url))
    assert (line.state, line.tries, line.not_before) == (LineState.WAITING, 1, bench.house.now + AGAIN[0])
    assert line.error and line.error["code"] == "feed_not_added"


def test_a_defect_is_told_without_its_insides(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("token=s3cret")

    monkeypatch.setattr(bench.house.subscriptions, "add", broken)
    line = bench.settled(bench.line("https://a.invalid/feed"))
    assert line.state is LineState.FAILED and line.error and "the log says why" in line.error["detail"]
    assert "s3cret" not in str(line.error) and "s3cret" in caplog.text


def test_a_line_that_a_stop_interrupts_is_left_as_it_is(bench: Bench, host: PodcastHost) -> None:
    host.play(FEED, Mode.SILENT)
    line_id = bench.line(host.feed_url)
    before = rows.line(bench.house.store.read(), line_id)

    def check() -> None:
        if host.requests(FEED):
            raise errors.ShuttingDown()

    with pytest.raises(errors.ShuttingDown):
        bench.settled(line_id, check)
    assert rows.line(bench.house.store.read(), line_id) == before
    assert bench.house.subscriptions.listing(OWNER) == []


def test_a_line_that_is_cancelled_while_it_is_fetched_stays_cancelled(bench: Bench, host: PodcastHost) -> None:
    host.play(FEED, Mode.SILENT)
    line_id = bench.line(host.feed_url)
    import_id = rows.line(bench.house.store.read(), line_id).import_id

    def check() -> None:
        if host.requests(FEED):
            bench.house.store.write(lambda db: rows.cancel(db, import_id, now=5.0))

    with pytest.raises(errors.Cancelled):
        bench.settled(line_id, check)
    assert rows.line(bench.house.store.read(), line_id).state is LineState.CANCELLED


def test_the_last_line_ends_the_import(bench: Bench) -> None:
    line_id = bench.line("file:///etc/passwd")
    of = rows.get(bench.house.store.read(), bench.settled(line_id).import_id)
    assert (of.running, of.finished_at, of.counts) == (False, bench.house.now, {LineState.FAILED: 1})
