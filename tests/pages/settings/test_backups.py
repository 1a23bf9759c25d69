"""Backups in the settings: the empty state, making, verifying, deleting, restoring."""

from __future__ import annotations

import json
import threading
import zipfile
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import BackupDamaged
from core.ops.backup.service import verify_task
from pages.text import texts
from tests.ops.backup.service.held import Held
from tests.pages.conftest import Open
from tests.running import wait_for


@pytest.fixture
def page(opened: Open) -> AppTest:
    shown = opened("settings/page.py")
    shown.segmented_control(key="group").set_value("backup").run()
    assert not shown.exception
    return shown


def made(castmind: CastMind) -> str:
    return castmind._backups.create("manual", media=False).name


def said(page: AppTest) -> str:
    elements = [*page.markdown, *page.caption, *page.info, *page.success, *page.error, *page.warning]
    return "\n".join(str(element.value) for element in elements)


def test_without_a_backup_the_page_says_what_one_is_good_for(page: AppTest) -> None:
    assert texts("en")["backup.none"] in said(page)
    assert texts("en")["backup.nightly.never"] in said(page)


def test_one_is_made_and_verified_and_deleted_only_after_a_question(castmind: CastMind, page: AppTest) -> None:
    page.button(key="backup.make").click().run()
    wait_for(lambda: (state := castmind.backups.state(OWNER)) and not state.running)
    (row,) = castmind._backups.listing()
    page.run()
    assert row.name in said(page).replace("\\", "") and texts("en")["backup.none"] not in said(page)
    page.button(key=f"backup.verify.{row.name}").click().run()
    wait_for(lambda: not castmind.backups.verifying(OWNER))
    if not page.toast:  # it was quicker than the page otherwise
        page.run()
    assert [toast.value for toast in page.toast] == [texts("en")["task.done.verify"]]
    page.button(key=f"backup.delete.{row.name}").click().run()
    assert page.button(key=f"backup.delete.yes.{row.name}") and not page.exception


def test_one_that_is_made_can_be_watched_and_stopped(
    castmind: CastMind, page: AppTest, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    page.button(key="backup.make").click().run()
    assert held.reached.wait(60)
    (task,) = castmind._tasks.listing("backup")
    for shown in (page.run(), opened("status/page.py")):
        assert texts("en")["task.doing.backup.database"] in [bar.proto.text for bar in shown.get("progress")]
        assert not shown.exception
    page.button(key=f"task.stop.{task.id}").click().run()
    held.go_on.set()
    assert castmind._tasks.wait(task.id).state is State.CANCELLED
    assert [toast.value for toast in page.run().toast] == [texts("en")["task.cancelled.backup"]]
    assert castmind.backups.listing(OWNER) == [] and not page.error and not page.exception


@pytest.mark.long
def test_a_restore_says_before_what_happens_and_after_how_to_undo_it(castmind: CastMind, page: AppTest) -> None:
    castmind.ingest.add_sample(OWNER)
    wait_for(lambda: all(row.job.finished_at for row in castmind.queue.jobs(OWNER)))
    name = made(castmind)
    castmind.trash.purge(OWNER, [row.episode.id for row in castmind.library.listing(OWNER).items])
    page.run()
    page.button(key=f"backup.restore.{name}").click().run()
    assert texts("en")["backup.restore.undo"] in said(page)
    assert page.button(key=f"backup.restore.yes.{name}")
    castmind.backups.restore(OWNER, name)
    state = wait_for(lambda: (found := castmind.backups.restore_state(OWNER)) and not found.running and found)
    assert state and state.result and state.result.restore_point, state
    page.run()
    (success,) = page.success
    assert "1 episode," in success.value and state.result.restore_point in success.value.replace("\\", "")
    assert castmind.library.count(OWNER) == 1
    page.button(key="restoring.seen").click().run()
    assert not page.success and not page.exception


def test_one_that_cannot_be_read_is_listed_with_the_reason_and_not_restored(castmind: CastMind, page: AppTest) -> None:
    name = made(castmind)
    path = castmind._backups.path(name)
    path.write_bytes(path.read_bytes()[:-100])
    page.run()
    (error,) = page.error
    assert "incomplete" in error.value and page.button(key=f"backup.restore.{name}").disabled
    assert not page.button(key=f"backup.delete.{name}").disabled


def test_what_is_broken_stays_to_be_seen_in_every_window(castmind: CastMind, page: AppTest) -> None:
    name = made(castmind)
    path = castmind._backups.path(name)
    with zipfile.ZipFile(path) as zipped:
        largest = max(zipped.infolist(), key=lambda entry: entry.compress_size)
    body = bytearray(path.read_bytes())
    middle = largest.header_offset + largest.compress_size // 2
    body[middle : middle + 50] = bytes(50)
    path.write_bytes(body)
    castmind._tasks.wait(castmind.backups.start_verification(OWNER, name).id)
    for _ in range(2):
        page.run()
        (error,) = page.error
        assert "The backup is incomplete" in error.value and name in error.value.replace("\\", "")


def test_what_was_broken_can_be_closed(castmind: CastMind, page: AppTest) -> None:
    task = castmind.backups.start_verification(OWNER, made(castmind))
    castmind._tasks.wait(task.id)
    castmind.library._store.write(
        lambda db: db.execute("UPDATE tasks SET state = 'failed', error = ?", [json.dumps(BackupDamaged("Damaged.").to_dict())])
    )
    page.run()
    page.button(key=f"task.close.{task.id}").click().run()
    assert not page.error and not page.exception and castmind._tasks.listing("verify") == []


def test_that_one_is_whole_is_told_where_its_bar_was(castmind: CastMind, page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    name = made(castmind)
    reached, go_on, real = threading.Event(), threading.Event(), verify_task.verified

    def held(*given: Any, **named: Any) -> Any:
        reached.set()
        assert go_on.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(verify_task, "verified", held)
    task = castmind.backups.start_verification(OWNER, name)
    assert reached.wait(60)
    page.run()
    assert page.button(key=f"task.stop.{task.id}") and page.button(key=f"backup.verify.{name}").disabled
    go_on.set()
    castmind._tasks.wait(task.id)
    assert [toast.value for toast in page.run().toast] == [texts("en")["task.done.verify"]]
    assert not page.button(key=f"backup.verify.{name}").disabled
    assert not page.run().toast


def test_one_that_cannot_be_read_is_told_of_in_chinese_to_who_reads_chinese(castmind: CastMind, opened: Open) -> None:
    path = castmind._backups.path(made(castmind))
    path.write_bytes(path.read_bytes()[:-100])
    castmind.settings.save(OWNER, "language", "zh")
    shown = opened("settings/page.py")
    (error,) = shown.segmented_control(key="group").set_value("backup").run().error
    assert "备份不完整" in error.value and "incomplete" not in error.value
