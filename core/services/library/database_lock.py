"""What a request sees of a lock that another program holds on the database."""

from __future__ import annotations

from core.store.db import database, transaction

# What is raised when the lock was not given up in time, and for some faults besides: `held` tells them apart.
LockError = database.OperationalError


def wait_at_most(seconds: float) -> None:
    """From here on this context, and the threads that work for it, wait no longer than that for the lock."""
    transaction.patience.set(seconds)


def held(error: BaseException) -> bool:
    """Whether another program held the lock for too long."""
    return database.is_busy(error)
