"""Incidents are kept: Ollama gone, disk low, database locked, worker killed, server killed, a job given up."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.dependencies import Ability, Effect
from core.domain.incident import CALM_SECONDS, Incident
from core.errors import DatabaseBusy, NotFound
from core.events import PartRestarted, StepFailed
from core.ops.incidents.keeper import IncidentKeeper, last_sign_of_life
from core.ops.incidents.service.incident_service import IncidentService
from core.ops.last_run import End
from core.store.db.database import Store
from core.store.incidents import incidents
from tests.ops.backup import library

PASSES = {"database": "readable", "writes": "saved", "disk": "enough", "ollama": "present", "worker": "off", "access": "local"}


def failed(job_id: int, code: str) -> StepFailed:
    return StepFailed(job_id=job_id, episode_id=1, step="transcribe", code=code, detail="")


class Rig:
    """A keeper over a real store, with a clock and checks of the test's."""

    def __init__(self, data: Path) -> None:
        self.data, self.now = data, 1_760_000_000.0
        self.checks: dict[str, tuple[str, str]] = {name: ("pass", code) for name, code in PASSES.items()}
        self.ends: list[float] = []
        self.store = Store(data / "castmind.db")
        self.store.open()
        self.keeper = self.fresh()

    def fresh(self) -> IncidentKeeper:
        return IncidentKeeper(
            self.store, self.data, self.health, lambda: self.ends, language=lambda: "en", clock=lambda: self.now
        )

    def health(self) -> dict[str, Any]:
        return {"checks": {name: {"status": status, "code": code} for name, (status, code) in self.checks.items()}}

    def step(self, seconds: float = 10.0) -> None:
        self.now += seconds
        self.keeper.step()

    def all_well(self) -> None:
        self.checks = {name: ("pass", code) for name, code in PASSES.items()}
        self.step()
        self.step(CALM_SECONDS + 1)

    def only(self) -> Incident:
        (found,) = incidents.listing(self.store.read())
        return found

    def reports(self) -> list[str]:
        return [path.read_text(encoding="utf-8") for path in sorted((self.data / "reports").glob("incident-*.md"))]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    library.fill(tmp_path / "data")
    made = Rig(tmp_path / "data")
    made.step()
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("check", "result", "said"),
    [
        ("ollama", ("warn", "absent"), "Slower or plainer: "),
        ("disk", ("warn", "low"), "Downloads and new jobs were paused"),
        ("worker", ("warn", "ends"), "Waited: "),
    ],
)
def test_a_part_that_goes_away_is_reported_once_it_is_back(rig: Rig, check: str, result: tuple[str, str], said: str) -> None:
    rig.checks[check] = result
    rig.step()
    assert rig.only().closed_at is None and rig.reports() == []
    rig.all_well()
    assert rig.only().closed_at is not None
    (report,) = rig.reports()
    assert said in report


def test_a_locked_database_is_written_down_when_it_is_free(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.checks["writes"] = ("fail", "held")
    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "write", lambda _: pytest.fail("nothing can be saved now"))
        rig.step()
    assert incidents.listing(rig.store.read()) == []
    rig.all_well()
    found = rig.only()
    assert found.effects[Ability.EDIT] is Effect.STOPS and found.causes[0].since < (found.closed_at or 0.0)
    assert len(rig.reports()) == 1


def test_a_change_that_fails_is_tried_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_change: object) -> None:
        raise DatabaseBusy("held")

    rig.checks["ollama"] = ("warn", "absent")
    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "write", busy)
        rig.step()
    rig.step()
    assert rig.only().causes[0].what == "ollama"


def test_a_killed_worker_is_an_incident_of_its_own(rig: Rig) -> None:
    rig.ends.append(rig.now + 5)
    rig.step()
    rig.step()
    found = rig.only()
    assert [(cause.what, cause.times) for cause in found.causes] == [("worker_ended", 1)]
    rig.ends.append(rig.now + 5)
    rig.step()
    assert rig.only().causes[0].times == 2
    rig.all_well()
    assert "speech worker ended unexpectedly" in rig.reports()[0]


def test_a_killed_server_is_reported_by_the_next(rig: Rig) -> None:
    keeper = rig.keeper = rig.fresh()
    keeper.crashed(End.UNTOLD, rig.now - 300)
    rig.all_well()
    found = rig.only()
    (crash,) = found.causes
    assert (crash.code, (crash.until or 0.0) - crash.since) == ("untold", 300.0)
    assert set(found.effects.values()) == {Effect.STOPS}
    assert "CastMind was killed" in rig.reports()[0]


def test_a_job_that_was_tried_often_enough_counts(rig: Rig) -> None:
    with closing(sqlite3.connect(rig.data / "castmind.db")) as db, db:
        db.execute("UPDATE jobs SET tries = 3 WHERE id = 1")
        db.execute("UPDATE jobs SET tries = 1 WHERE id = 2")
    rig.keeper.hear(failed(2, "no_audio"))
    rig.keeper.hear(failed(999, "gone"))
    rig.step()
    assert incidents.listing(rig.store.read()) == []
    rig.keeper.hear(failed(1, "worker_died"))
    rig.step()
    assert (rig.only().causes[0].what, rig.only().causes[0].code) == ("job", "worker_died")


def test_a_part_that_was_started_again_counts(rig: Rig) -> None:
    for count in (1, 2):
        rig.keeper.hear(PartRestarted(part="scheduler", count=count))
        rig.step()
    (cause,) = rig.only().causes
    assert (cause.what, cause.code, cause.times) == ("part", "scheduler", 2)
    rig.all_well()
    assert "A part of CastMind had stopped" in rig.reports()[0] and "was started again" in rig.reports()[0]


def test_flapping_writes_one_report(rig: Rig) -> None:
    for _ in range(5):
        rig.checks["ollama"] = ("warn", "absent")
        rig.step()
        rig.all_well()
    assert rig.only().causes[0].times == 5 and len(rig.reports()) == 1 and "(×5)" in rig.reports()[0]


def test_conditions_that_a_person_chose_are_none(rig: Rig) -> None:
    rig.checks["access"] = ("warn", "network")
    rig.step()
    assert incidents.listing(rig.store.read()) == []


def test_an_incident_goes_on_after_a_restart(rig: Rig) -> None:
    rig.checks["ollama"] = ("warn", "absent")
    rig.step()
    rig.keeper = rig.fresh()
    rig.step()
    rig.all_well()
    assert rig.only().closed_at is not None and len(rig.reports()) == 1


def test_the_first_lines_of_the_log_are_in_it(rig: Rig) -> None:
    (rig.data / "logs").mkdir()
    (rig.data / "logs" / "application.log").write_text(
        '{"timestamp": "2025-10-09T08:53:32Z", "level": "warning", "logger": "core.llm", "event": "Ollama is gone"}\n'
    )
    rig.checks["ollama"] = ("warn", "absent")
    rig.step()
    assert "Ollama is gone" in IncidentService(rig.store).report(OWNER, rig.only().id, "en")


def test_the_last_sign_of_life_is_the_newest_file(tmp_path: Path) -> None:
    assert last_sign_of_life(tmp_path) is None
    (tmp_path / "logs").mkdir()
    for name, at in (("castmind.db", 50), ("logs/application.log", 70), (".running", 60), ("secret.key", 900)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (at, at))
    assert last_sign_of_life(tmp_path) == 70


def test_a_report_of_none_is_not_found(rig: Rig) -> None:
    with pytest.raises(NotFound):
        IncidentService(rig.store).report(OWNER, 5, "en")
