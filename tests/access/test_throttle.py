from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from core.access.throttle import MOST_KNOWN, Throttle
from core.errors import TooManyAttempts


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the clock of the limiter on by so many seconds."""
    plain, passed = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: plain() + passed[0])

    def move(seconds: float) -> None:
        passed[0] += seconds

    return move


def refused(throttle: Throttle, address: str, name: str) -> float | None:
    """Return the seconds to wait; None for an attempt that is let through."""
    try:
        throttle.attempt(address, name)
    except TooManyAttempts as error:
        return error.retry_after
    return None


def test_a_guesser_waits_and_nobody_else_does(later: Callable[[float], None]) -> None:
    throttle = Throttle()
    assert [refused(throttle, "a", "anna") for _ in range(5)] == [None] * 5
    wait = refused(throttle, "a", "anna")
    assert wait and 50 <= wait <= 60
    assert refused(throttle, "b", "anna") is None, "the user signs in from elsewhere"
    assert refused(throttle, "a", "ben") is None, "another user of the same house signs in"
    later(wait + 1)
    assert refused(throttle, "a", "anna") is None


def test_attempts_while_one_has_to_wait_do_not_lengthen_it(later: Callable[[float], None]) -> None:
    throttle = Throttle(pair="5/minute")
    for _ in range(50):
        refused(throttle, "a", "anna")
    later(61)
    assert refused(throttle, "a", "anna") is None


def test_patience_does_not_help_for_long(later: Callable[[float], None]) -> None:
    throttle = Throttle()
    let_through = 0
    for _ in range(30):
        let_through += refused(throttle, "a", "anna") is None
        later(61)
    assert let_through == 20
    wait = refused(throttle, "a", "anna")
    assert wait and wait > 60


def test_many_names_from_one_address_are_bounded() -> None:
    throttle = Throttle()
    assert sum(refused(throttle, "a", str(number)) is None for number in range(100)) == 30
    assert refused(throttle, "b", "1") is None


def test_many_addresses_at_one_name_are_bounded() -> None:
    throttle = Throttle()
    assert sum(refused(throttle, str(number), "anna") is None for number in range(150)) == 100
    assert refused(throttle, "1", "ben") is None


def test_a_success_gives_the_own_attempts_back() -> None:
    throttle = Throttle()
    for _ in range(20):
        assert refused(throttle, "a", "anna") is None
        throttle.succeeded("a", "anna")


def test_attempts_at_the_same_moment_are_counted_each() -> None:
    throttle, begin, let_through = Throttle(pair="5/minute"), threading.Barrier(16), []

    def guess() -> None:
        begin.wait()
        if refused(throttle, "a", "anna") is None:
            let_through.append(1)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(let_through) == 5


def test_who_has_signed_in_from_an_address_is_not_locked_out_by_strangers() -> None:
    throttle = Throttle()
    throttle.succeeded("home", "anna")
    for number in range(20):
        for _ in range(5):
            assert refused(throttle, f"stranger {number}", "anna") is None
    assert refused(throttle, "stranger 20", "anna") is not None
    assert refused(throttle, "home", "anna") is None
    assert [refused(throttle, "home", "anna") for _ in range(4)] == [None] * 4
    assert refused(throttle, "home", "anna") is not None, "its own window holds"


def test_the_addresses_that_are_known_are_bounded() -> None:
    throttle = Throttle()
    for number in range(MOST_KNOWN + 1):
        throttle.succeeded(str(number), "anna")
    assert len(throttle._known) == MOST_KNOWN and ("0", "anna") not in throttle._known
