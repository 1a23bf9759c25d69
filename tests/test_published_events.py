"""Every kind of event, seen from the action that publishes it.

A new kind needs a test here that is marked with it: `of(NewKind)`; test_no_kind_is_left_out fails without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from core import errors, events
from core.access.passwords import Passwords
from core.background.task_kind import TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.accounts.visit import Visit
from core.domain.feeds.imports import Outline
from core.domain.jobs.job import State
from core.events import Event
from core.llm.ollama import find
from core.notes.language_model import LanguageModel
from core.ops.backup.backups import Backups
from core.ops.healing.supervisor import Mended, Supervisor
from core.services.accounts.audit import Audit
from core.services.accounts.front_door import FrontDoor
from core.services.accounts.sessions import Sessions
from core.services.accounts.sign_in import SignIn
from core.sources import opml
from core.store.db.database import Store
from core.store.jobs import fetches, leases
from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.ops.backup import library
from tests.runner_fixture import RESULTS, Background, Gate, Rig
from tests.services.library.test_library import received
from tests.sources.conftest import host
from tests.subscriptions_fixture import House, ImportDesk

__all__ = ["host"]

# Enough of argon2 for a test.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FETCH, TRANSCRIBE, SUMMARISE, PUBLISH = RESULTS
KINDS = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind.kind}
_seen: set[type[Event]] = set()


def of(*kinds: type[Event]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Says which kinds the test is about."""
    _seen.update(kinds)
    return lambda test: test


class Heard:
    """The bus's events of the requested kinds since the last look."""

    def __init__(self, bus: events.Bus) -> None:
        self._bus = bus
        self._events: list[Event] = []
        bus.listen("test", self._events.append, Event)

    def __call__(self, *kinds: type[Event]) -> list[Event]:
        assert self._bus.settle()
        found = [event for event in self._events if isinstance(event, kinds or Event)]
        self._events.clear()
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    store = Store(tmp_path / "castmind.db")
    store.open()
    made = Rig(store, tmp_path)
    yield made
    made.fetcher.close()
    store.close()


@pytest.fixture
def heard(rig: Rig) -> Heard:
    return Heard(rig.store.events)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def step_of(rig: Rig, episode_id: int, stage: Any) -> dict[str, Any]:
    return {"job_id": rig.job(episode_id, stage).id, "episode_id": episode_id, "step": stage.value}


def test_no_kind_is_left_out() -> None:
    assert KINDS - _seen == set()


# --- the library ----------------------------------------------------------------------------------------


@of(events.EpisodeAdded, events.JobsQueued)
def test_an_upload_is_added_and_queued(rig: Rig, heard: Heard) -> None:
    episode_id = rig.ingest.keep_upload(OWNER, received(rig))[0].episode.id
    assert heard() == [events.EpisodeAdded(episode_id=episode_id, source="upload"), events.JobsQueued()]


@of(events.EpisodeTrashed, events.EpisodeRestored, events.EpisodeDeleted)
def test_an_episode_goes_to_the_trash_and_back_and_for_good(rig: Rig, heard: Heard) -> None:
    episode_id = rig.add()
    rig.run_all()
    heard()
    rig.trash.delete(OWNER, [episode_id, episode_id + 1])
    assert heard() == [events.EpisodeTrashed(episode_id=episode_id)]
    rig.trash.restore(OWNER, [episode_id])
    assert heard() == [events.JobsQueued(), events.EpisodeRestored(episode_id=episode_id)]
    rig.trash.purge(OWNER, [episode_id])
    assert heard() == [events.EpisodeDeleted(episode_id=episode_id)]


# --- feeds ----------------------------------------------------------------------------------------------


@of(events.FeedAdded, events.FeedPolled, events.FeedRemoved)
def test_a_feed_is_added_polled_and_removed(house: House, host: PodcastHost) -> None:
    heard = Heard(house.store.events)
    feed_id = house.subscriptions.add(OWNER, host.feed_url).feed.id
    told = heard()
    assert told[0] == events.FeedAdded(feed_id=feed_id)
    added = [event for event in told if isinstance(event, events.EpisodeAdded)]
    assert {event.episode_id for event in added} == {e.id for e in house.episodes(feed_id).values()}
    assert {(event.feed_id, event.source) for event in added} == {(feed_id, "feed")}
    host.publish("en_talk.mp3", "The newest")
    house.subscriptions.poll(feed_id)
    kinds = [type(event) for event in heard()]
    assert kinds == [events.EpisodeAdded, events.JobsQueued, events.FeedPolled]
    house.unsubscribe.remove(OWNER, feed_id)
    assert heard() == [events.FeedRemoved(feed_id=feed_id)]
    house.unsubscribe.restore(OWNER, feed_id)
    assert heard() == [events.FeedAdded(feed_id=feed_id)]


def test_a_poll_says_what_it_brought_or_why_it_brought_nothing(house: House, host: PodcastHost) -> None:
    feed_id = house.subscriptions.add(OWNER, host.feed_url).feed.id
    heard = Heard(house.store.events)
    house.subscriptions.poll(feed_id)
    assert heard() == [events.FeedPolled(feed_id=feed_id)]
    host.publish("en_talk.mp3", "The newest")
    house.subscriptions.poll(feed_id)
    assert heard(events.FeedPolled) == [events.FeedPolled(feed_id=feed_id, new=1, queued=1)]
    host.serve_feed("<html>Closed.</html>")
    house.subscriptions.poll(feed_id)
    assert heard() == [events.FeedPolled(feed_id=feed_id, error=errors.NotAFeed.code)]


@of(events.ImportFinished)
def test_an_import_tells_its_end(house: House, host: PodcastHost) -> None:
    heard = Heard(house.store.events)
    body = opml.write([Outline(f"{host.feed_url}?n={n}", f"Feed {n}") for n in range(2)], title="Mine", now=0.0)
    with ImportDesk(house.store, house.subscriptions, clock=lambda: house.now) as desk:
        made = desk.imports.add_opml(OWNER, body)
        desk.run()
    assert heard(events.FeedAdded, events.ImportFinished)[-1] == events.ImportFinished(import_id=made.id)


# --- the queue ------------------------------------------------------------------------------------------


@of(events.StepStarted, events.StepFinished)
def test_a_step_starts_and_finishes(rig: Rig, heard: Heard) -> None:
    episode_id = rig.add()
    heard()
    rig.step(FETCH)
    fetch = step_of(rig, episode_id, FETCH)
    assert heard() == [events.StepStarted(**fetch), events.StepFinished(**fetch)]


@of(events.StepFailed)
def test_a_step_fails(rig: Rig, heard: Heard) -> None:
    rig.fail(FETCH, errors.NotAudio("That is no audio."))
    episode_id = rig.add()
    rig.step(FETCH)
    failed = events.StepFailed(**step_of(rig, episode_id, FETCH), code=errors.NotAudio.code, detail="That is no audio.")
    assert heard(events.StepFailed) == [failed]


def test_a_step_that_the_server_ended_with_too_often_fails(rig: Rig, heard: Heard) -> None:
    episode_id = rig.add()
    rig.store.write(lambda db: db.execute("UPDATE jobs SET faults = 2, crashes = 2"))
    rig.store.write(lambda db: leases.claim(db, FETCH, now=rig.now))
    rig.store.write(lambda db: leases.take_back_crashed(db, now=rig.now, fault=True))
    told = heard(events.StepFailed)
    assert [event.to_json()["code"] for event in told] == [errors.ServerKeepsEnding.code]
    assert rig.state(episode_id, FETCH) is State.FAILED


@of(events.StepWaiting)
def test_a_step_waits(rig: Rig, heard: Heard) -> None:
    rig.fail(SUMMARISE, errors.OllamaUnreachable("Nobody answers."))
    episode_id = rig.add()
    rig.step(FETCH, TRANSCRIBE, SUMMARISE)
    due = rig.job(episode_id, SUMMARISE).not_before
    step = step_of(rig, episode_id, SUMMARISE)
    code = errors.OllamaUnreachable.code
    assert heard(events.StepWaiting) == [events.StepWaiting(**step, code=code, detail="Nobody answers.", until=due)]
    assert due > rig.now


@of(events.StepRequeued)
def test_a_step_that_is_to_be_tried_again_is_queued(rig: Rig, heard: Heard) -> None:
    rig.fail(FETCH, errors.Transient("Broken off."))
    episode_id = rig.add()
    rig.step(FETCH)
    assert heard(events.StepRequeued) == [events.StepRequeued(**step_of(rig, episode_id, FETCH))]


@of(events.CancelRequested, events.StepCancelled)
def test_a_step_is_cancelled(rig: Rig, heard: Heard) -> None:
    gate = rig.stages[FETCH] = Gate(RESULTS[FETCH])
    episode_id = rig.add()
    heard()
    with Background(rig, FETCH):
        assert gate.entered.wait(30.0)
        rig.queue.cancel(OWNER, rig.job(episode_id, FETCH).id)
        rig.runner.keep()
    fetch = step_of(rig, episode_id, FETCH)
    assert heard() == [events.StepStarted(**fetch), events.CancelRequested(**fetch), events.StepCancelled(**fetch)]
    rig.queue.cancel(OWNER, rig.job(episode_id, PUBLISH).id)
    assert heard() == [events.StepCancelled(**step_of(rig, episode_id, PUBLISH))]


@of(events.QueuePaused, events.QueueResumed)
def test_the_queue_is_paused_and_resumed(rig: Rig, heard: Heard) -> None:
    episode_id = rig.add()
    rig.store.write(lambda db: leases.claim(db, FETCH, now=rig.now))
    heard()
    rig.queue.pause(OWNER)
    assert heard() == [events.QueuePaused(), events.StepRequeued(**step_of(rig, episode_id, FETCH))]
    rig.queue.resume(OWNER)
    assert heard() == [events.QueueResumed()]


def test_jobs_whose_holder_is_gone_are_queued_again(rig: Rig, heard: Heard) -> None:
    episode_id = rig.add()
    rig.store.write(lambda db: leases.claim(db, FETCH, now=rig.now))
    heard()
    rig.store.write(leases.requeue_running)
    assert heard() == [events.StepRequeued(**step_of(rig, episode_id, FETCH))]


@pytest.mark.parametrize("change", ["title", "retry", "transcribe", "audio"])
def test_what_queues_work_says_so(rig: Rig, heard: Heard, change: str) -> None:
    episode_id = rig.ingest.keep_upload(OWNER, received(rig))[0].episode.id
    rig.run_all()
    heard()
    match change:
        case "title":
            rig.library.update(OWNER, episode_id, title="Another")
        case "retry":
            rig.library.retry(OWNER, episode_id, PUBLISH)
        case "transcribe":
            rig.library.transcribe(OWNER, episode_id, language="zh")
        case "audio":
            rig.store.write(lambda db: fetches.fetch_again(db, episode_id))
    assert events.JobsQueued() in heard()


# --- work in the background -----------------------------------------------------------------------------


class Errand(TaskKind):
    """Goes as its arguments say."""

    name = "errand"

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        if arguments["ends"] == "badly":
            raise errors.DiskFull("The disk is full.")
        if arguments["ends"] == "early":
            ctx.cancelled.set()
        ctx.check()


@of(events.TaskStarted, events.TaskFinished, events.TaskFailed, events.TaskCancelled)
def test_a_task_starts_and_ends(rig: Rig, heard: Heard) -> None:
    tasks = Tasks(rig.store)
    tasks.register(Errand())
    tasks.start()
    ids = [tasks.wait(tasks.begin("errand", {"ends": how}).id).id for how in ("well", "badly", "early")]
    assert tasks.stop()
    well, badly, early = ({"task_id": task_id, "task": "errand"} for task_id in ids)
    assert heard() == [
        events.TaskStarted(**well),
        events.TaskFinished(**well),
        events.TaskStarted(**badly),
        events.TaskFailed(**badly, code=errors.DiskFull.code, detail="The disk is full."),
        events.TaskStarted(**early),
        events.TaskCancelled(**early),
    ]


# --- the computer ---------------------------------------------------------------------------------------


@of(events.SettingChanged)
def test_a_setting_is_told_once_it_is_in_force(rig: Rig, heard: Heard) -> None:
    in_force: list[int] = []
    rig.store.events.listen("reads", lambda _: in_force.append(rig.settings.values.backlog), events.SettingChanged)
    rig.settings.save(OWNER, "backlog", 7)
    assert heard() == [events.SettingChanged(name="backlog")]
    rig.settings.forget(OWNER, "backlog")
    assert heard() == [events.SettingChanged(name="backlog")]
    assert in_force == [7, 3]


# --- accounts -------------------------------------------------------------------------------------------


@of(events.SignedIn, events.SessionsEnded, events.Audited)
def test_an_account_tells_who_came_and_went(rig: Rig, heard: Heard) -> None:
    audit = Audit(rig.store, rig.store.events.publish)
    door = FrontDoor(rig.store, rig.settings, container=False)
    sign_in = SignIn(rig.store, door, sessions := Sessions(rig.store), audit, passwords=Passwords(QUICK))
    token = sign_in.set_up(door.set_up_code(), "Anna", "some long words", Visit("10.0.0.7", "a browser"))
    who = sessions.who(token)
    assert who is not None
    signed_in = events.SignedIn(user_id=1, address="10.0.0.7", browser="a browser")
    assert heard(events.SignedIn, events.SessionsEnded) == [events.SessionsEnded(sessions=()), signed_in]
    sign_in.sign_out(token, Visit("10.0.0.7"))
    ended, told = heard()
    assert ended == events.SessionsEnded(sessions=(who.session_id,))
    assert isinstance(told, events.Audited) and (told.action, told.outcome, told.user_name) == ("sign_out", "done", "Anna")


@of(events.BackupMade)
def test_a_backup_is_told_with_its_name(tmp_path: Path) -> None:
    library.fill(tmp_path / "data")
    bus = events.Bus()
    bus.start()
    heard = Heard(bus)
    values = library.settings_of(tmp_path / "data")
    made = Backups(tmp_path / "data", lambda: values, publish=bus.publish).create(media=False)
    assert heard() == [events.BackupMade(backup=made.name, reason="manual", bytes=made.bytes)]
    bus.stop()


@of(events.PartRestarted)
def test_a_part_that_was_restarted_is_told(rig: Rig) -> None:
    told: list[Event] = []
    rig.store.events.listen("test", told.append, events.PartRestarted)
    supervisor = Supervisor([Mended("lanes", lambda: True, lambda: ["lane"])], publish=rig.store.events.publish)
    supervisor.step(0.0, 0.0)
    assert rig.store.events.settle()
    assert told == [events.PartRestarted(part="lanes", count=1)]


@of(events.ModelAsked)
def test_a_question_to_the_model_is_told(rig: Rig) -> None:
    told: list[Event] = []
    rig.store.events.listen("test", told.append, events.ModelAsked)
    with FakeOllama() as ollama:
        model = LanguageModel(lambda: rig.settings.values, publish=rig.store.events.publish, locate=lambda _: find([ollama.url]))
        with pytest.raises(errors.OllamaModelMissing):
            model.client().chat("missing", [], None, num_ctx=2048, num_predict=5, wall_clock_seconds=30.0)
        assert rig.store.events.settle()
    assert [(type(event), getattr(event, "error", "")) for event in told] == [(events.ModelAsked, errors.OllamaModelMissing.code)]


@of(events.ModelPulled)
def test_a_pulled_model_is_told(rig: Rig) -> None:
    told: list[Event] = []
    rig.store.events.listen("test", told.append, events.ModelPulled)
    with FakeOllama() as ollama:
        model = LanguageModel(lambda: rig.settings.values, publish=rig.store.events.publish, locate=lambda _: find([ollama.url]))
        model.pull("llama3", lambda *_: None)
        assert rig.store.events.settle()
    assert told == [events.ModelPulled(model="llama3")]
