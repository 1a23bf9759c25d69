"""The replica of the database: does Litestream run, is it watched, and how far is it behind."""

from __future__ import annotations

from collections.abc import Iterator

from core.ops.checks import engine_checks
from core.ops.doctor.finding import Finding, Patient, fine, odd
from core.ops.replica.lag import ReplicaLag
from core.ops.replica.litestream import FOLDER, SOCKET, Litestream
from core.store.db import journal


def replica(patient: Patient) -> Iterator[Finding]:
    """Ask Litestream once."""
    runs = (patient.data / FOLDER / SOCKET).is_socket()
    if not patient.settings.replica:
        yield odd("replica.unwatched") if runs else fine("replica.none")
        return
    if journal.is_foreign(patient.database):
        yield odd("replica.no_log")
        return
    # Nothing was seen before: what does not answer now counts as never having answered.
    lag = ReplicaLag(Litestream(patient.database).ask, 0.0).look(patient.now)
    if lag.seconds >= patient.now:
        yield odd("replica.silent", error=lag.error)
        return
    yield Finding.of("replica", engine_checks.replica(lag))
