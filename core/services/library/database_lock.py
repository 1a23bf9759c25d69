"""How a request waits for a lock that another program holds on the database."""

from __future__ import annotations

from core.store.db import database, transaction

# Raised if the lock was not released in time, and for some other faults; `held` tells them apart.
LockError = database.OperationalError


def wait_at_most(seconds: float) -> None:
    """Limit the wait for the lock, from now on, in this context and the threads that work for it."""
    transaction.patience.set(seconds)


def held(error: BaseException) -> bool:
    """Return whether the error means that another program held the lock for too long."""
    return database.is_busy(error)
