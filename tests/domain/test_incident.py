"""Incidents: when they open, grow, close, and open again."""

from __future__ import annotations

import json

import pytest

from core.domain.dependencies import Ability, Effect
from core.domain.incident import AGAIN_SECONDS, CALM_SECONDS, Happening, Incident, IncidentWatch, Look

WELL: Look = {"ollama": ("pass", "present"), "disk": ("pass", "enough"), "writes": ("pass", "saved")}
NO_OLLAMA: Look = {**WELL, "ollama": ("warn", "absent")}
HELD: Look = {**WELL, "writes": ("fail", "held")}
LOW: Look = {**WELL, "disk": ("warn", "low")}


def stored(watch: IncidentWatch, number: int = 1) -> Incident:
    """Give the incident its id, as the keeper does."""
    assert watch.incident is not None
    body = json.loads(json.dumps(watch.incident.to_dict()))
    watch.incident = Incident.from_dict(number, watch.incident.opened_at, watch.incident.closed_at, body)
    return watch.incident


def test_a_check_that_stops_passing_opens_one_and_calm_closes_it() -> None:
    watch = IncidentWatch()
    assert watch.look(WELL, (), 0.0) is None
    opened = watch.look(NO_OLLAMA, (), 10.0)
    assert opened is not None and opened.opened_at == 10.0 and opened.closed_at is None
    assert opened.effects == {Ability.NOTES: Effect.LESS}
    assert watch.look(NO_OLLAMA, (), 20.0) is None, "nothing is new"
    watch.look(WELL, (), 30.0)
    assert watch.look(WELL, (), 30.0 + CALM_SECONDS - 1) is None
    closed = watch.look(WELL, (), 30.0 + CALM_SECONDS)
    assert closed is not None and closed.closed_at == 30.0
    (cause,) = closed.causes
    assert (cause.what, cause.code, cause.since, cause.until, cause.times) == ("ollama", "absent", 10.0, 30.0, 1)


def test_what_never_passed_is_a_condition_and_no_incident() -> None:
    watch = IncidentWatch()
    assert watch.look(NO_OLLAMA, (), 0.0) is None and watch.look(NO_OLLAMA, (), 10.0) is None
    assert watch.look(WELL, (), 20.0) is None and watch.look(NO_OLLAMA, (), 30.0) is not None


def test_one_that_was_open_at_the_end_of_a_process_goes_on_in_the_next() -> None:
    before = IncidentWatch()
    before.look(WELL, (), 0.0)
    before.look(NO_OLLAMA, (), 10.0)
    after = IncidentWatch(stored(before, 7))
    after.look(NO_OLLAMA, (), 100.0)
    after.look(WELL, (), 110.0)
    closed = after.look(WELL, (), 110.0 + CALM_SECONDS)
    assert closed is not None and (closed.id, closed.opened_at, closed.closed_at) == (7, 10.0, 110.0)


def test_causes_at_the_same_time_are_one_incident_with_the_worst_effects() -> None:
    watch = IncidentWatch()
    watch.look(WELL, (), 0.0)
    watch.look(NO_OLLAMA, (), 10.0)
    grown = watch.look({**NO_OLLAMA, "writes": ("fail", "held")}, (), 20.0)
    assert grown is not None and [cause.what for cause in grown.causes] == ["ollama", "writes"]
    assert grown.effects[Ability.EDIT] is Effect.STOPS and grown.effects[Ability.NOTES] is Effect.WAITS
    watch.look(NO_OLLAMA, (), 30.0)
    assert watch.look(NO_OLLAMA, (), 30.0 + 2 * CALM_SECONDS) is None, "one cause lasts"


def test_flapping_opens_the_same_one_again_and_is_counted() -> None:
    watch = IncidentWatch()
    now = 0.0
    watch.look(WELL, (), now)
    for number in range(100):
        watch.look(NO_OLLAMA, (), now + 10)
        watch.look(WELL, (), now + 20)
        watch.look(WELL, (), now + 20 + CALM_SECONDS)
        assert stored(watch).causes[0].times == number + 1
        now += 20 + CALM_SECONDS + 60
    assert watch.incident is not None and (watch.incident.id, watch.incident.opened_at) == (1, 10.0)


@pytest.mark.parametrize(("later", "again"), [(AGAIN_SECONDS - 1, True), (AGAIN_SECONDS, False)])
def test_after_a_while_it_is_another_one(later: float, again: bool) -> None:
    watch = IncidentWatch()
    watch.look(WELL, (), 0.0)
    watch.look(NO_OLLAMA, (), 10.0)
    watch.look(WELL, (), 20.0)
    watch.look(WELL, (), 20.0 + CALM_SECONDS)
    stored(watch)
    changed = watch.look(NO_OLLAMA, (), 20.0 + later)
    assert changed is not None and (changed.id == 1) is again


def test_another_cause_soon_after_is_another_one() -> None:
    watch = IncidentWatch()
    watch.look(WELL, (), 0.0)
    watch.look(NO_OLLAMA, (), 10.0)
    watch.look(WELL, (), 20.0)
    watch.look(WELL, (), 20.0 + CALM_SECONDS)
    stored(watch)
    changed = watch.look(HELD, (), 200.0)
    assert changed is not None and changed.id == 0 and [cause.what for cause in changed.causes] == ["writes"]


def test_low_disk_says_what_was_done() -> None:
    watch = IncidentWatch()
    watch.look(WELL, (), 0.0)
    opened = watch.look(LOW, (), 10.0)
    assert opened is not None and [(deed.code, deed.at) for deed in opened.deeds] == [("intake_paused", 10.0)]


def test_a_crash_is_an_incident_from_the_last_sign_of_life_to_the_start() -> None:
    watch = IncidentWatch()
    crash = Happening("crash", "untold", 50.0, 80.0, "restarted", dict.fromkeys(Ability, Effect.STOPS))
    opened = watch.look(WELL, [crash], 81.0)
    assert opened is not None and (opened.opened_at, opened.closed_at) == (50.0, None)
    assert set(opened.effects.values()) == {Effect.STOPS} and opened.deeds[0].code == "restarted"
    closed = watch.look(WELL, (), 80.0 + CALM_SECONDS)
    assert closed is not None and closed.closed_at == 80.0


def test_dead_workers_are_counted_in_one() -> None:
    watch = IncidentWatch()
    for at in (10.0, 20.0, 30.0):
        watch.look(WELL, [Happening("worker_ended", "ended", at, deed="worker_restarted")], at + 1)
    found = stored(watch)
    assert [(cause.times, cause.since, cause.until) for cause in found.causes] == [(3, 10.0, 30.0)]
    assert [(deed.code, deed.times) for deed in found.deeds] == [("worker_restarted", 3)]


def test_a_happening_without_a_deed_names_none() -> None:
    watch = IncidentWatch()
    opened = watch.look(WELL, [Happening("job", "stuck", 10.0)], 11.0)
    assert opened is not None and opened.deeds == () and opened.effects == {}
