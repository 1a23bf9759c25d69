from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.ops.doctor import replication
from core.store.db import journal
from tests.ops.doctor.conftest import MakePatient, codes
from tests.ops.replica.fake_litestream import fake_litestream


def test_without_a_replica_there_is_nothing_to_say_of_it(make: MakePatient) -> None:
    assert codes(replication.replica, make())["replica.none"].status == "pass"


def test_one_that_nobody_watches_is_found(make: MakePatient) -> None:
    patient = make()
    with fake_litestream(patient.database):
        assert codes(replication.replica, patient)["replica.unwatched"].status == "warn"


def test_a_litestream_that_does_not_answer_is_found(make: MakePatient) -> None:
    found = codes(replication.replica, make(replica=True))["replica.silent"]
    assert found.status == "warn" and "litestream.sock" in str(found.params["error"])


@pytest.mark.parametrize(("age", "code", "status"), [(2, "replica.current", "pass"), (90, "replica.behind", "warn")])
def test_its_age_is_told(make: MakePatient, age: int, code: str, status: str) -> None:
    patient = make(replica=True)
    with fake_litestream(patient.database) as server:
        at = datetime.fromtimestamp(patient.now - age, UTC).isoformat()
        server.listed["last_sync_at"], server.copied["updated_at"] = at, at
        assert codes(replication.replica, patient)[code].status == status


def test_where_there_is_no_write_ahead_log_it_says_that_litestream_cannot_work(
    make: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "is_foreign", lambda _: True)
    assert codes(replication.replica, make(replica=True))["replica.no_log"].status == "warn"
