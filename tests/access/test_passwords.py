from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher

from core.access.password_rules import MOST
from core.access.passwords import MOST_WAITING, Passwords
from core.errors import SignInBusy
from tests.accounts_fixture import CHEAP


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(CHEAP)


def test_the_right_password_alone_is_right(passwords: Passwords) -> None:
    stored = passwords.hash("a long enough one")
    assert stored.startswith("$argon2id$") and "long" not in stored
    assert passwords.verify(stored, "a long enough one")
    assert not passwords.verify(stored, "a long enough One")
    assert not passwords.verify(stored, "")
    assert passwords.hash("a long enough one") != stored, "each hash has its own salt"


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken", "plain text"])
def test_without_a_usable_hash_nothing_is_right(passwords: Passwords, stored: str | None) -> None:
    assert not passwords.verify(stored, "a long enough one")
    assert not passwords.verify(stored, "")


def test_who_has_no_password_costs_one_hash_like_anybody(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, work = passwords.hash("a long enough one"), []
    plain = PasswordHasher.verify

    def counted(hasher: PasswordHasher, encoded: str, password: str) -> bool:
        work.append(encoded.split("$")[3])
        return plain(hasher, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for each in (stored, None):
        passwords.verify(each, "a wrong one")
    assert work == ["m=8,t=1,p=1"] * 2


def test_a_password_beyond_the_limit_is_wrong_and_is_never_hashed(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    longest = "x" * MOST
    stored = passwords.hash(longest)
    assert passwords.verify(stored, longest)
    seen: list[int] = []
    plain = PasswordHasher.verify

    def noted(hasher: PasswordHasher, encoded: str, password: str) -> bool:
        seen.append(len(password))
        return plain(hasher, encoded, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    assert not passwords.verify(stored, longest + "x")
    assert not passwords.verify(CHEAP.hash(longest + "x"), longest + "x")
    assert seen == [0, 0]


def test_verifications_are_bounded_in_number() -> None:
    entered, leave = threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            entered.set()
            leave.wait(30)
            return CHEAP.hash(password)

    passwords = Passwords(Slow(), at_once=1, wait=0.0)
    first = threading.Thread(target=passwords.hash, args=("a long enough one",))
    first.start()
    assert entered.wait(30)
    with pytest.raises(SignInBusy):
        passwords.verify(CHEAP.hash("x"), "x")
    leave.set()
    first.join()
    assert passwords.verify(CHEAP.hash("x"), "x"), "the slot is free again"


def test_a_failure_frees_its_slot() -> None:
    class Broken(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            raise MemoryError

    passwords = Passwords(Broken(), at_once=1, wait=0.0)
    for _ in range(2):
        with pytest.raises(MemoryError):
            passwords.hash("a long enough one")


def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    assert not passwords.outdated(passwords.hash("a long enough one"))
    assert passwords.outdated(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("a long enough one"))


def test_the_parameters_in_use_are_those_of_the_rfc() -> None:
    """RFC 9106, second recommended option: 3 passes over 64 MiB."""
    used = Passwords().hash("a long enough one").split("$")
    assert used[1:4] == ["argon2id", "v=19", "m=65536,t=3,p=4"]


def test_a_password_is_the_same_from_every_keyboard() -> None:
    passwords = Passwords(CHEAP)
    composed, decomposed = "caf\u00e9 au lait \u00fc", "cafe\u0301 au lait u\u0308"
    assert passwords.verify(passwords.hash(composed), decomposed)
    assert not passwords.verify(passwords.hash(composed), "cafe au lait u")


def test_every_text_is_a_wrong_password_at_most() -> None:
    passwords = Passwords(CHEAP)
    stored = passwords.hash("a\x00pass word")
    for other in ("\ud800", "a", "a\x00", "", "\U0010ffff" * 1024):
        assert not passwords.verify(stored, other)
    assert passwords.verify(stored, "a\x00pass word")


def test_of_a_flood_few_wait_and_the_others_are_told_at_once() -> None:
    passwords = Passwords(CHEAP, at_once=1, wait=30.0)
    stored = passwords.hash("a pass phrase")
    for _ in range(1 + MOST_WAITING):
        assert passwords._places.acquire(blocking=False)
    with pytest.raises(SignInBusy):
        passwords.verify(stored, "a pass phrase")
    passwords._places.release()
    assert passwords.verify(stored, "a pass phrase") and passwords.verify(stored, "a pass phrase"), "a place is given back"
