"""Threads of a running CastMind that die are started again, and its work goes on."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.app import CastMind
from core.app.mended import mended
from core.domain.accounts.actor import OWNER
from tests.runner_fixture import until


@pytest.fixture
def running(castmind: CastMind) -> Iterator[CastMind]:
    castmind.start()
    yield castmind
    castmind.stop()


def kill(name: str) -> threading.Thread:
    """Raise SystemExit in the thread, and wait until it has ended."""
    thread = next(each for each in threading.enumerate() if each.name == name)
    for _ in range(2):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    until(lambda: not thread.is_alive())
    return thread


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("name", "part"), [("scheduler", "scheduler"), ("pipeline-keeper", "pipeline"), ("pipeline-publish-0", "pipeline")]
)
def test_a_dead_thread_is_told_counted_and_started_again(running: CastMind, name: str, part: str) -> None:
    running._supervisor.stop()
    dead = kill(name)
    assert running.health()["checks"][part]["status"] == "fail"
    running._supervisor.step(time.monotonic(), time.time())
    assert running._supervisor.counts()[part] == 1
    checks = running.health()["checks"]
    assert checks[part]["status"] == "pass" and checks["healing"]["params"]["parts"] == part
    assert f'castmind_restarts_total{{part="{part}"}} 1.0' in running.metrics.text().decode()
    assert any(each.name == name and each is not dead for each in threading.enumerate())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_writer_of_the_database_is_started_again(running: CastMind) -> None:
    running._supervisor.stop()
    kill("store-writer")
    assert running.health()["checks"]["writes"]["status"] == "fail"
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(running.settings.save, OWNER, "min_free_gb", 2.5)
        running._supervisor.step(time.monotonic(), time.time())
        waits.result(30.0)
    assert running.settings.values.min_free_gb == 2.5 and running._supervisor.counts()["database"] == 1
    assert running.health()["checks"]["writes"]["status"] == "pass"


def test_a_stop_is_not_mended(running: CastMind) -> None:
    running._end_work()
    assert [part.name for part in mended(running) if part.ill()] == []
    running._start_work()
