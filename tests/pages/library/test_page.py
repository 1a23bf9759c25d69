"""The library page: its rows, its filters, and requests from the browser's list."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.library import fill
from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.errors import DiskFull
from core.services.library.bulk_actions import Done
from core.sources.media import web_page
from pages.library import episode_list, episodes
from pages.shared import background_tasks
from tests.pages.conftest import Open


def test_what_was_stopped_or_failed_says_what_is_done() -> None:
    begun = Task(1, "bulk", what="read", total=1200, done=400)
    stopped = replace(begun, state=State.CANCELLED, detail={"changed": 390})
    assert background_tasks.outcome(stopped) == (
        "Stopped. Done for 390 episodes. 10 were left as they were: there was nothing to do. "
        "800 were not reached; what is done stays done."
    )
    failed = replace(begun, state=State.FAILED, error=DiskFull("Full.").to_dict())
    assert background_tasks.outcome(failed).endswith("400 of 1,200 were gone through; what is done stays done.")
    assert background_tasks.outcome(failed).startswith("Full")


def test_a_task_is_shown_with_a_way_to_stop_it_and_then_told(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(actor: Actor, action: str, which: Sequence[int]) -> Done:
        begun.set()
        assert go_on.wait(60)
        return Done(len(which), 0)

    monkeypatch.setattr(castmind.bulk_actions, "act", slowly)
    task = castmind.bulk_tasks.begin(OWNER, "retry", seven, batch=3)
    assert begun.wait(60)
    page = opened()
    page.button(key=f"task.stop.{task.id}").click().run()
    go_on.set()
    assert castmind._tasks.wait(task.id).state is State.CANCELLED
    page.run()
    assert [toast.value for toast in page.toast] == ["Stopped. Done for 3 episodes. 4 were not reached; what is done stays done."]


def test_all_that_failed_is_tried_again_with_one_button(castmind: CastMind, seven: list[int], opened: Open) -> None:
    castmind.queue.pause(OWNER)
    castmind.bulk_actions.transcribe(OWNER, seven)
    castmind.library._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < 5"))
    page = opened(state="failed")
    button = page.button(key="library.retry_failed")
    assert button.label == "Try all failed again (4)"
    button.click().run()
    assert castmind.library.count(OWNER, Filter(state=State.FAILED)) == 0


def test_the_library_of_thousands_asks_for_a_page_of_it(
    castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(castmind.data, 120)
    given: list[dict[str, object]] = []
    monkeypatch.setattr(episode_list, "mount", lambda data, asked: given.append(data))
    opened()
    assert len(given[-1]["rows"]) == episodes.PAGE and given[-1]["more"] and given[-1]["count"] == 120  # type: ignore[arg-type]
    assert given[-1]["going_on"]


@pytest.mark.parametrize(("there", "says"), [(True, "of a page"), (False, "video file")])
def test_pages_are_asked_for_only_where_they_can_be_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch, there: bool, says: str
) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: there)
    (field,) = [each for each in opened().text_input if each.key == "library.address"]
    assert says in field.label
    assert ("of a page" in field.label) is there
