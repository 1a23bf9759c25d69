"""What stops without a part: from the checks of /health to what is left."""

from __future__ import annotations

import pytest

from core.app.checks import CHECKS
from core.domain import dependencies
from core.domain.dependencies import SIGNS, WITHOUT, Ability, Dependency, DependencyState, Effect

HEALTHY = {
    "database": ("pass", "readable"),
    "writes": ("pass", "saved"),
    "disk": ("pass", "enough"),
    "pipeline": ("pass", "running"),
    "speech": ("pass", "ready"),
    "ollama": ("pass", "present"),
}


def test_every_part_takes_something_with_it() -> None:
    assert set(WITHOUT) == set(Dependency)
    assert [part for part, lost in WITHOUT.items() if not lost] == []


def test_every_part_has_a_check_that_tells_of_it() -> None:
    assert {sign.part for sign in SIGNS} == set(Dependency)
    assert {"database", "writes", "disk", "pipeline", "speech", "ollama"} <= CHECKS.keys() & {sign.check for sign in SIGNS}


def test_a_healthy_server_has_nothing_away() -> None:
    assert dependencies.away(HEALTHY) == frozenset()
    assert dependencies.effects(()) == {}
    assert dependencies.still_works(()) == tuple(Ability)


@pytest.mark.parametrize(
    ("check", "result", "part"),
    [
        ("database", ("fail", "deleted"), Dependency.DATABASE),
        ("writes", ("fail", "held"), Dependency.SAVING),
        ("disk", ("warn", "low"), Dependency.DISK),
        ("pipeline", ("fail", "ended"), Dependency.PIPELINE),
        ("scheduler", ("fail", "ended"), Dependency.SCHEDULER),
        ("speech", ("warn", "untried"), Dependency.WORKER),
        ("speech", ("warn", "fallback"), Dependency.CARD),
        ("gpu", ("warn", "set_aside"), Dependency.CARD),
        ("ollama", ("warn", "absent"), Dependency.OLLAMA),
    ],
)
def test_a_failing_check_says_which_part_is_away(check: str, result: tuple[str, str], part: Dependency) -> None:
    assert dependencies.away(HEALTHY | {check: result}) == {part}


@pytest.mark.parametrize(
    ("check", "result"), [("writes", ("warn", "slow")), ("ollama", ("warn", "context")), ("speech", ("warn", "model_absent"))]
)
def test_a_warning_about_something_else_leaves_the_part_here(check: str, result: tuple[str, str]) -> None:
    assert dependencies.away(HEALTHY | {check: result}) == frozenset()


def test_a_few_failing_feeds_are_their_hosts_and_most_of_them_are_the_way_out() -> None:
    few, most = HEALTHY | {"feeds": ("pass", "some")}, HEALTHY | {"feeds": ("warn", "most")}
    assert dependencies.away(few) == frozenset()
    assert dependencies.state_of(Dependency.FEED_HOST, few) is DependencyState.PARTLY
    assert dependencies.state_of(Dependency.INTERNET, few) is DependencyState.HERE
    assert dependencies.away(most) == {Dependency.INTERNET, Dependency.FEED_HOST}


def test_what_nobody_looked_at_is_unknown_and_what_is_off_is_unused() -> None:
    assert dependencies.state_of(Dependency.INTERNET, HEALTHY) is DependencyState.UNKNOWN
    assert dependencies.state_of(Dependency.OLLAMA, {"ollama": ("pass", "off")}) is DependencyState.UNUSED
    assert dependencies.state_of(Dependency.CARD, {"gpu": ("pass", "none")}) is DependencyState.UNUSED
    assert (
        dependencies.state_of(Dependency.CARD, {"gpu": ("pass", "none"), "speech": ("warn", "fallback")}) is DependencyState.AWAY
    )
    assert dependencies.state_of(Dependency.OLLAMA, HEALTHY) is DependencyState.HERE


def test_the_worst_effect_counts_whatever_the_order() -> None:
    for parts in ((Dependency.CARD, Dependency.WORKER), (Dependency.WORKER, Dependency.CARD)):
        assert dependencies.effects(parts) == {Ability.TRANSCRIBE: Effect.WAITS, Ability.NOTES: Effect.LESS}
    assert set(dependencies.effects((Dependency.DATABASE, Dependency.SAVING)).values()) == {Effect.STOPS}


def test_reading_goes_on_while_nothing_can_be_saved() -> None:
    left = dependencies.still_works((Dependency.SAVING, Dependency.OLLAMA))
    assert {Ability.READ, Ability.LISTEN, Ability.SEARCH, Ability.EXPORT} <= set(left)
    assert not {Ability.EDIT, Ability.UPLOAD, Ability.NOTES} & set(left)


def test_notes_are_left_without_ollama_in_a_plainer_way() -> None:
    assert Ability.NOTES in dependencies.still_works((Dependency.OLLAMA,))
    assert dependencies.effects((Dependency.OLLAMA,)) == {Ability.NOTES: Effect.LESS}


def test_nothing_is_left_without_the_database() -> None:
    assert dependencies.still_works((Dependency.DATABASE,)) == ()
