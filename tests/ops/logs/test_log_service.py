from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.errors import UserError
from core.ops.logs.levels import ModuleLevel
from core.ops.logs.log_files import ARCHIVE
from core.ops.logs.log_service import LogService
from tests.pages.conftest import castmind
from tests.running import wait_for

__all__ = ["castmind"]


@pytest.fixture
def service(castmind: CastMind) -> Iterator[LogService]:
    yield castmind.logs
    castmind.logs.reset_level(OWNER, "test.service")


def level() -> int:
    return logging.getLogger("test.service").level


def test_a_level_holds_for_a_while_or_is_kept_or_reset(service: LogService, castmind: CastMind) -> None:
    service.set_level(OWNER, "test.service", "DEBUG", seconds=3600)
    (row,) = service.levels(OWNER)
    assert level() == logging.DEBUG and row.until is not None and castmind.settings.values.log_levels == ()
    service.set_level(OWNER, "test.service", "ERROR")
    assert castmind.settings.values.log_levels == ("test.service=ERROR",)
    assert service.levels(OWNER) == [ModuleLevel("test.service", "ERROR")] and level() == logging.ERROR
    service.set_level(OWNER, "test.service", "DEBUG", seconds=3600)
    service.reset_level(OWNER, "test.service")
    assert castmind.settings.values.log_levels == () and level() == logging.NOTSET


def test_what_is_no_level_is_refused(service: LogService) -> None:
    with pytest.raises(UserError):
        service.set_level(OWNER, "test service", "DEBUG")


def test_a_level_of_the_settings_is_in_force_at_once(service: LogService, castmind: CastMind) -> None:
    castmind.settings.save(OWNER, "log_levels", ["test.service=WARNING"])
    wait_for(lambda: level() == logging.WARNING)
    castmind.settings.save(OWNER, "log_level", "ERROR")
    wait_for(lambda: logging.getLogger().level == logging.ERROR)
    assert service.levels(OWNER) == [ModuleLevel("test.service", "WARNING")]


def test_a_step_turns_over_what_is_a_day_old_and_packs_it(castmind: CastMind) -> None:
    folder = castmind.data / "logs"
    (folder / "audit.log").write_text('{"timestamp": "2026-11-01T00:00:00.000000Z", "level": "info", "event": "x"}\n')
    castmind.logs.start()
    castmind.logs.step()
    assert sorted(p.suffix for p in (folder / ARCHIVE).glob("audit-*")) == [".gz", ".idx"]


def test_lines_of_a_run_name_their_job(castmind: CastMind, tmp_path: Path) -> None:
    recording = tmp_path / "talk.wav"
    recording.write_bytes((Path(__file__).parents[3] / "demo" / "samples" / "en_short.wav").read_bytes())
    episode = castmind.ingest.take_file(recording, ()).episode
    log = castmind.data / "logs" / "application.log"
    wait_for(lambda: log.is_file() and "fetch is done" in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (done,) = [line for line in lines if line["event"] == "fetch is done"]
    assert (done["stage"], done["episode_id"]) == ("fetch", episode.id) and done["job_id"]
