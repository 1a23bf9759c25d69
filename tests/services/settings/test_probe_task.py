from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.services.settings.probe_task import Probes, ProbeTask
from core.store.db.database import Store
from tests.runner_fixture import until


class Device:
    """A device whose trial lasts until `answers` is set."""

    def __init__(self) -> None:
        self.trials = 0
        self.answers = threading.Event()

    def try_out(self, check: Callable[[], None]) -> None:
        self.trials += 1
        while not self.answers.wait(0.01):
            check()


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def tasks(store: Store, device: Device) -> Iterator[Tasks]:
    made = Tasks(store)
    made.register(ProbeTask(device.try_out))
    made.start()
    yield made
    assert made.stop()


def test_one_probe_runs_however_many_ask_and_the_next_begins_after_it(tasks: Tasks, device: Device) -> None:
    probes = Probes(tasks)
    asking = [threading.Thread(target=probes.begin) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    (task,) = tasks.listing("probe")
    device.answers.set()
    assert tasks.wait(task.id).state is State.DONE
    probes.begin()
    assert [tasks.wait(each.id).state for each in tasks.listing("probe")] == [State.DONE] * 2
    assert device.trials == 2


def test_a_cancel_ends_a_probe(tasks: Tasks, device: Device) -> None:
    Probes(tasks).begin()
    (task,) = tasks.listing("probe")
    tasks.cancel(task.id)
    assert tasks.wait(task.id).state is State.CANCELLED


def test_a_stop_ends_a_probe_and_the_next_start_repeats_it(tasks: Tasks, device: Device) -> None:
    probes = Probes(tasks)
    probes.begin()
    until(lambda: device.trials == 1)
    assert tasks.stop()
    probes.begin()
    assert [task.state for task in tasks.listing("probe")] == [State.QUEUED]
    tasks.start()
    probes.begin()
    device.answers.set()
    (task,) = tasks.listing("probe")
    assert tasks.wait(task.id).state is State.DONE and device.trials == 2


def test_a_probe_that_cannot_be_stored_is_begun_by_a_later_call(
    store: Store, tasks: Tasks, device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    store.give_up()
    Probes(tasks).begin()
    assert "cannot be tried out yet" in caplog.text
    store.open()
    assert tasks.listing("probe") == []
    device.answers.set()
    Probes(tasks).begin()
    assert tasks.wait(tasks.listing("probe")[0].id).state is State.DONE and device.trials == 1
