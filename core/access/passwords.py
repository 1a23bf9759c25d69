"""Hash and verify passwords with argon2id, a bounded number at a time.

verify ─▶ a slot? ─┬─ none within the wait ─▶ SignInBusy
                   └─▶ argon2id (about 64 MB, tens of milliseconds) ─▶ right? ─▶ parameters outdated? ─▶ a new hash

A user who does not exist, or has no password, costs the same work: a hash of a random password is verified in vain.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.access.password_rules import MOST, plain_form
from core.errors import SignInBusy

# Each takes 64 MB and a core.
AT_ONCE = 2
# More that wait would hold the threads of all other requests.
MOST_WAITING = 8
WAIT_SECONDS = 3.0


class Passwords:
    """Thread-safe. `hasher` is argon2's, for tests with less work."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE, wait: float = WAIT_SECONDS) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + MOST_WAITING)
        self._wait = wait

    def hash(self, password: str) -> str:
        """Return the encoded argon2id hash. Raises SignInBusy."""
        with self._slot():
            return self._hasher.hash(_bytes(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Return whether it is the password; a missing hash takes as long as a wrong password. Raises SignInBusy."""
        if len(password) > MOST:
            password, stored = "", None
        with self._slot():
            nobody = self._nobody
            try:
                return self._hasher.verify(stored or nobody, _bytes(password)) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Return whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise SignInBusy()
        try:
            if not self._slots.acquire(timeout=self._wait):
                raise SignInBusy()
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()


def _bytes(password: str) -> bytes:
    """Return what is hashed. Every text has bytes: a lone surrogate is a wrong password, not an error."""
    return plain_form(password).encode("utf-8", "surrogatepass")
