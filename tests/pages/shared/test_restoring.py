"""A restore on the pages: its phases, its result with the way back, and every page while the library is away."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.text_places import fill
from core.errors import BackupDamaged
from core.ops.backup.restore_state import RestoreResult, RestoreState
from pages.shared import restoring
from pages.shared.escape_markdown import plain
from pages.text import texts
from tests.pages.conftest import Open

PHASES = ("checking", "unpacking", "migrating", "stopping", "restore_point", "swapping", "starting")


def told(*states: RestoreState | None) -> AppTest:
    def page(*states: object) -> None:
        from pages.shared import restoring

        for state in states:
            restoring.tell(state)  # type: ignore[arg-type]

    test = AppTest.from_function(page, args=states).run()
    assert not test.exception
    return test


def test_every_phase_has_a_bar_and_only_the_unpacking_counts(resting: CastMind) -> None:
    bars = told(*(RestoreState(name="x.zip", phase=phase, done=1_000_000, total=2_000_000) for phase in PHASES)).get("progress")
    assert [bar.proto.value for bar in bars] == [0, 50, 100, 100, 100, 100, 100]
    counted = {"unpacking": " · 1.0 MB / 2.0 MB"}
    assert [bar.proto.text for bar in bars] == [texts("en")[f"restoring.phase.{each}"] + counted.get(each, "") for each in PHASES]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_result_says_what_came_back_and_how_to_undo_it(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    result = RestoreResult("x.zip", "before.zip", {"episodes": 7, "feeds": 2}, kept="old", fetched_again=3)
    test = told(RestoreState(name="x.zip", result=result, finished_at=time.time()))
    words = texts(language)
    assert [each.value.replace("\\", "") for each in test.success] == [
        " ".join(
            [
                fill(words["restoring.done"], {"episodes": 7, "feeds": 2}),
                fill(words["restoring.fetched_again"], {"n": 3}),
                words["restoring.undo"].format(name="before.zip"),
                words["restoring.kept"].format(name="old"),
            ]
        )
    ]
    bare = RestoreResult("x.zip", None, {"episodes": 7, "feeds": 2})
    (said,) = told(RestoreState(name="x.zip", result=bare, finished_at=time.time())).success
    assert said.value == fill(words["restoring.done"], {"episodes": 7, "feeds": 2})


def test_a_failure_is_told_until_it_is_dismissed(resting: CastMind) -> None:
    test = told(RestoreState(name="x.zip", error=BackupDamaged("The *file* is damaged."), finished_at=time.time()))
    assert [each.value for each in test.error] == [
        texts("en")["restoring.failed"].format(error=plain(texts("en")["error.backup_damaged"]))
    ]
    assert not test.button(key="restoring.seen").click().run().error


def test_what_is_over_for_an_hour_is_no_news(resting: CastMind) -> None:
    ended = time.time() - restoring.SHOWN_SECONDS
    assert not told(RestoreState(name="x.zip", error=BackupDamaged(), finished_at=ended)).error
    assert not list(told(None).main.children.values())


def test_every_page_waits_while_the_library_is_away(castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    castmind._store.give_up()
    castmind._started.clear()
    with monkeypatch.context() as patch:
        patch.setattr(castmind.backups, "restore_state", lambda _: RestoreState(name="x.zip", phase="swapping"))
        pages = [opened(f"{name}/page.py") for name in ("library", "queue", "feeds", "settings", "status")]
        for page in pages:
            assert [head.value for head in page.header] == [texts("en")["restoring.title"]] and not page.error
    castmind._store.open()
    castmind._started.set()
    for page in pages:
        assert page.run().title[0].value and not page.exception
