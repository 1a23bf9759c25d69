from __future__ import annotations

import csv
import io
import threading

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import LineState, Outline
from core.domain.jobs.job import State
from core.sources import opml
from core.store.feeds import imports as rows
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.runner_fixture import until
from tests.services.feeds.imports.conftest import FEED, Desk, at
from tests.subscriptions_fixture import House


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
