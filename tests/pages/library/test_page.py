"""The library page: its rows, its filters, and requests from the browser's list."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from core.sources.media import web_page
from tests.pages.conftest import Open


def test_all_that_failed_is_tried_again_with_one_button(castmind: CastMind, seven: list[int], opened: Open) -> None:
    castmind.queue.pause(OWNER)
    castmind.bulk_actions.transcribe(OWNER, seven)
    castmind.library._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < 5"))
    page = opened(state="failed")
    button = page.button(key="library.retry_failed")
    assert button.label == "Retry all failed (4)"
    button.click().run()
    assert castmind.library.count(OWNER, Filter(state=State.FAILED)) == 0


@pytest.mark.parametrize(("there", "says"), [(True, "of a page"), (False, "video file")])
def test_pages_are_asked_for_only_where_they_can_be_read(
    opened: Open, monkeypatch: pytest.MonkeyPatch, there: bool, says: str
) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: there)
    (field,) = [each for each in opened().text_input if each.key == "library.address"]
    assert says in field.label
    assert ("of a page" in field.label) is there
