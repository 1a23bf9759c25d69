"""Heavy steps rest by a rule or a button: a real runner with a turned clock; the computer is the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage, State
from core.domain.schedules.quiet_hours import IDLE_SECONDS, SILENT_SECONDS, QuietRules
from core.errors import UserError
from core.pipeline.graph import steps
from core.pipeline.runner import Runner
from core.services.schedules.computer import Computer
from core.services.schedules.quiet_hours import LONGEST_REST, QuietHours
from core.store.db.database import Store
from core.store.jobs import leases
from tests.runner_fixture import Rig

FETCH, TRANSCRIBE, SUMMARISE, PUBLISH = Stage
HOUR = 3600.0


class Seen(Computer):
    """A computer with a card and programs that the test sets."""

    def __init__(self) -> None:
        super().__init__(container=False)
        self.running: set[str] = set()
        self.use: int | None = 90
        self.card = True
        self.asked = 0

    def programs(self) -> frozenset[str]:
        self.asked += 1
        return frozenset(self.running)

    def has_card(self) -> bool:
        return self.card

    def card_use(self) -> int | None:
        self.asked += 1
        return self.use


class House(Rig):
    """A rig whose heavy steps rest in quiet hours."""

    def __init__(self, store: Store, data: Path) -> None:
        self.computer = Seen()
        super().__init__(store, data)
        self.now = 1_800_000_000.0  # Friday, 15 January 2027, 08:00 UTC
        self.quiet = QuietHours(store, lambda: self.runner.heavy(), self.computer, clock=lambda: self.now)  # noqa: PLW0108

    def new_runner(self) -> Runner:
        return Runner(self.store, self.settings, steps(), self, clock=lambda: self.now, rest=lambda: self.quiet.resting())  # noqa: PLW0108

    def work(self) -> list[str]:
        """Run what may run, by the order of stages; return the names of the steps that did."""
        before = len(self.ran)
        for stage in Stage:
            while self.runner.step(stage):
                pass
        return [name for _, name in self.ran[before:]]


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)


def test_heavy_steps_are_those_that_need_the_card(house: House) -> None:
    assert house.runner.heavy() == [TRANSCRIBE, SUMMARISE]


def test_heavy_steps_rest_until_the_time_and_the_others_go_on(house: House) -> None:
    house.add()
    house.quiet.rest_until(OWNER, house.now + HOUR)
    assert house.work() == [FETCH]
    now = house.quiet.now(OWNER)
    assert now and now.until == house.now + HOUR and now.why.key == "rest.until"
    house.now += HOUR
    assert house.work() == [], "nobody looked yet"
    house.quiet.step()
    assert house.work() == [TRANSCRIBE, SUMMARISE, PUBLISH]
    assert house.quiet.rules(OWNER) == QuietRules()


def test_resume_goes_on_at_once(house: House) -> None:
    house.add()
    house.quiet.rest_until(OWNER, house.now + HOUR)
    house.quiet.resume(OWNER)
    assert house.work() == [FETCH, TRANSCRIBE, SUMMARISE, PUBLISH]


def test_a_restart_rests_before_anything_is_claimed(house: House) -> None:
    house.quiet.rest_until(OWNER, house.now + HOUR)
    house.add()
    house.quiet = QuietHours(house.store, house.runner.heavy, house.computer, clock=lambda: house.now)
    assert house.work() == [FETCH]


def test_what_runs_ends_its_step_unless_it_is_to_stop_at_once(house: House) -> None:
    number = house.add()
    house.runner.step(FETCH)
    house.store.write(lambda db: leases.claim(db, TRANSCRIBE, now=house.now))
    house.quiet.rest_until(OWNER, house.now + HOUR)
    assert house.job(number, TRANSCRIBE).state is State.RUNNING
    house.quiet.change(OWNER, at_once=True)
    job = house.job(number, TRANSCRIBE)
    assert (job.state, job.tries) == (State.QUEUED, 0), "no try is counted"


def test_a_program_is_looked_for_only_while_there_is_a_rule(house: House) -> None:
    house.quiet.step()
    assert house.computer.asked == 0
    house.quiet.change(OWNER, processes=["Game"])
    assert not house.quiet.resting()
    house.computer.running = {"game"}
    house.quiet.step()
    now = house.quiet.now(OWNER)
    assert now and now.why == "Game is running" and now.until is None
    house.computer.running = set()
    house.quiet.step()
    assert house.quiet.now(OWNER) is None


def look(house: House, use: int | None, seconds: float) -> bool:
    """Let the time pass, with a look each five seconds; return whether heavy steps rest at the end."""
    house.computer.use = use
    for _ in range(int(seconds / 5)):
        house.now += 5.0
        house.quiet.step()
    return house.quiet.resting()


def test_until_the_card_has_been_idle_for_a_minute(house: House) -> None:
    house.quiet.rest_until_idle(OWNER)
    assert look(house, 3, 30.0), "it was busy a moment ago"
    assert look(house, 60, 5.0)
    assert look(house, 0, IDLE_SECONDS)
    assert not look(house, 0, 5.0) and house.quiet.rules(OWNER) == QuietRules()


def test_a_restart_waits_for_a_whole_minute_of_idleness(house: House) -> None:
    house.quiet.rest_until_idle(OWNER)
    house.quiet = QuietHours(house.store, house.runner.heavy, house.computer, clock=lambda: house.now)
    assert look(house, 0, 30.0)
    assert not look(house, 0, 60.0)


def test_an_answer_that_does_not_come_ends_nothing_and_a_card_that_is_gone_does(house: House) -> None:
    house.quiet.rest_until_idle(OWNER)
    assert look(house, None, 60.0)
    assert look(house, 95, 600.0), "the game goes on"
    assert look(house, None, SILENT_SECONDS)
    assert not look(house, None, 5.0)


def test_without_an_answer_of_a_card_there_is_none_to_wait_for(house: House) -> None:
    house.computer.use = None
    with pytest.raises(UserError) as refused:
        house.quiet.rest_until_idle(OWNER)
    assert refused.value.params["case"] == "quiet_no_card" and house.quiet.rules(OWNER) == QuietRules()


def test_resume_passes_over_what_holds_and_not_over_what_begins_later(house: House) -> None:
    house.quiet.change(OWNER, windows=[{"days": [4], "start": 7 * 60, "end": 12 * 60}], zone="UTC", processes=["game"])
    assert house.quiet.resting()
    house.quiet.resume(OWNER)
    assert not house.quiet.resting()
    house.computer.running = {"game.exe"}
    house.quiet.step()
    now = house.quiet.now(OWNER)
    assert now and now.why.key == "rest.process"
    house.quiet.resume(OWNER)
    assert not house.quiet.resting()


def test_a_claim_between_the_look_and_the_requeue_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    number = house.add()
    house.runner.step(FETCH)
    asked = iter((False, True, True, True))
    monkeypatch.setattr(house.quiet, "resting", lambda: next(asked))
    assert not house.runner.step(TRANSCRIBE)
    assert house.job(number, TRANSCRIBE).state is State.QUEUED


@pytest.mark.parametrize("seconds", [0.0, -5.0, LONGEST_REST + 1])
def test_a_time_that_is_past_or_far_away_is_refused(house: House, seconds: float) -> None:
    with pytest.raises(UserError):
        house.quiet.rest_until(OWNER, house.now + seconds)
    assert not house.quiet.resting()


def test_windows_are_in_the_zone_of_the_rules(house: House) -> None:
    morning = {"days": [4], "start": 9 * 60, "end": 10 * 60}
    house.quiet.change(OWNER, windows=[morning], zone="Europe/Berlin")
    now = house.quiet.now(OWNER)
    assert now and now.until == house.now + HOUR, "it is nine in Berlin"
    house.quiet.change(OWNER, zone="UTC")
    assert house.quiet.now(OWNER) is None
    with pytest.raises(UserError):
        house.quiet.change(OWNER, zone="Mars/Olympus")
    assert house.quiet.rules(OWNER).zone == "UTC"
