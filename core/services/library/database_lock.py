"""How a request waits for a lock that another program holds on the database."""

from __future__ import annotations

from core.store.db import database
from core.store.db.transaction import waiting_at_most

__all__ = ["LockError", "held", "waiting_at_most"]

# Raised if the lock was not released in time, and for some other faults; `held` tells them apart.
LockError = database.OperationalError


def held(error: BaseException) -> bool:
    """Return whether the error means that another program held the lock for too long."""
    return database.is_busy(error)
