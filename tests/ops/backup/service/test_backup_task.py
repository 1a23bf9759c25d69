"""A backup that is made as a task: watched, ended, begun anew after a stop and after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from core.background.tasks import Tasks
from core.domain.jobs.job import State
from core.ops.backup.backups import Backups
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.service.backup_task import BackupTask
from core.store.db.database import Store
from tests.ops.backup.service.held import Held

PROJECT = Path(__file__).resolve().parents[4]


def begin(tasks: Tasks, kind: str = "manual", *, media: bool = True) -> int:
    return tasks.begin(BackupTask.name, {"kind": kind, "media": media}, key=kind, what="database").id


def parts(backups: Backups) -> list[Path]:
    return [path for path in backups.folder.iterdir() if path.suffix == ".part"]


def test_its_row_tells_how_far_it_is_and_names_the_file(tasks: Tasks, backups: Backups) -> None:
    task = tasks.wait(begin(tasks))
    (made,) = backups.listing()
    assert (task.state, task.key, task.what, task.detail) == (State.DONE, "manual", "finishing", {"name": made.name})
    assert task.done == task.total == backups.verify(made.name).bytes > 0


def test_the_nightly_one_takes_old_ones_away(tasks: Tasks, backups: Backups) -> None:
    task = tasks.wait(begin(tasks, "nightly"))
    (made,) = backups.listing()
    assert (task.state, made.kind) == (State.DONE, "nightly") and not backups.nightly_is_due()


def test_a_cancelled_one_leaves_nothing(tasks: Tasks, backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    task_id = begin(tasks)
    assert held.reached.wait(60)
    tasks.cancel(task_id)
    held.go_on.set()
    assert tasks.wait(task_id).state is State.CANCELLED
    assert list(backups.folder.iterdir()) == []


def test_one_that_a_stop_has_ended_is_begun_anew(tasks: Tasks, backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    task_id = begin(tasks)
    assert held.reached.wait(60)
    stopping = threading.Thread(target=tasks.stop)
    stopping.start()
    tasks._stopping.wait()
    held.go_on.set()
    stopping.join()
    assert tasks.get(task_id).state is State.QUEUED and list(backups.folder.iterdir()) == []
    tasks.start()
    assert tasks.wait(task_id).state is State.DONE and len(backups.listing()) == 1


def test_a_backup_that_is_restored_does_not_speak_of_its_own_making(
    tasks: Tasks, store: Store, backups: Backups, data: Path
) -> None:
    """In the copy of the database that a backup holds, the task that makes it is under way."""
    task = tasks.wait(begin(tasks))
    server = Server(stop=store.give_up, start=store.open)
    Restorer(data, backups, server).restore(task.detail["name"])
    assert tasks.listing() == []


# --- a kill -----------------------------------------------------------------------------------------

MAKER = """
import sys
from pathlib import Path

from core.background.tasks import Tasks
from core.ops.backup import upgrade
from core.ops.backup.archive import Writer
from core.ops.backup.service.backup_task import BackupTask
from core.store.db.database import Store
from tests.ops.backup.library import backups_of

data = Path(sys.argv[1])
backups = backups_of(data)
upgrade.make_ready(data, backups)
print("parts", len([path for path in backups.folder.iterdir() if path.suffix == ".part"]), flush=True)
store = Store(data / "castmind.db")
store.open()
tasks = Tasks(store)
tasks.register(BackupTask(backups))
if not tasks.listing():
    blocks = Writer._blocks

    def told(writer, file):
        for number, block in enumerate(blocks(writer, file)):
            yield block
            if len(writer.done) == 2:
                print("in the midst of it", flush=True)
                sys.stdin.readline()

    Writer._blocks = told
    tasks.begin("backup", {"kind": "manual", "media": True}, key="manual")
tasks.start()
print(tasks.wait(tasks.listing()[0].id).state.value, flush=True)
tasks.stop()
store.close()
"""


@pytest.mark.long
def test_one_that_a_kill_has_ended_is_begun_anew_and_nothing_of_the_first_stays(data: Path, backups: Backups) -> None:
    command = [sys.executable, "-c", MAKER, str(data)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        told = list(iter(first.stdout.readline, "in the midst of it\n"))
        assert len(parts(backups)) == 2
        first.kill()
    assert first.returncode == -signal.SIGKILL and told == ["parts 0\n"]
    assert len(parts(backups)) == 2 and backups.listing() == []
    second = subprocess.run(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=True
    )
    assert second.stdout.splitlines() == ["parts 0", "done"]
    (made,) = backups.listing()
    assert parts(backups) == [] and backups.verify(made.name).bytes > 0
    with zipfile.ZipFile(made.path) as zipped:
        assert zipped.testzip() is None
