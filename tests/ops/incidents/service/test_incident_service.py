"""Incidents for pages and routes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from core.domain.accounts.actor import OWNER
from core.domain.incident import Cause, Incident
from core.ops.incidents.service.incident_service import IncidentService
from core.store.db.database import Store
from core.store.incidents import incidents
from tests.new_database import new_database


def test_the_newest_comes_first_and_each_has_its_report(tmp_path: Path) -> None:
    store = Store(new_database(tmp_path))
    store.open()
    for at in (10.0, 20.0):
        store.write(partial(incidents.put, incident=Incident(0, at, at + 5, (Cause("disk", "low", at, at + 5),)), log=["line"]))
    service = IncidentService(store)
    newest, oldest = service.listing(OWNER)
    assert (newest.opened_at, oldest.opened_at) == (20.0, 10.0)
    assert "    line" in service.report(OWNER, newest.id, "en") and "故障报告" in service.report(OWNER, oldest.id, "zh")
    store.close()
