"""An episode that can be read is done; one quiet line says when its notes get better."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from pages.text import texts
from tests.pages.conditions import SUMMARISE, put, unreachable
from tests.pages.conftest import given, open_page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_episodes_that_can_be_read_are_done_whatever_their_better_notes_wait_for(away: CastMind, language: str) -> None:
    away.settings.save(OWNER, "language", language)
    words, count = texts(language), len(SUMMARISE)
    numbers = [put(away, "done done waiting done", error(), readable=True) for error in SUMMARISE.values()]
    rows = given(open_page(), "castmind_episodes")["rows"]
    assert {(row["state"], row["reason"], row["doing"], *row["acts"]) for row in rows} == {("done", None, None)}
    assert away.library.count(OWNER, Filter(state=State.DONE)) == count
    assert away.library.count(OWNER, Filter(state=State.WAITING)) == 0
    assert away.queue.episode_counts(OWNER) == {State.DONE: count}
    page = open_page("episode/page.py", id=str(numbers[0]))
    assert not page.warning and not page.error and not [each for each in page.markdown if "-badge[" in each.value]
    one = {text for key, text in words.items() if key.startswith("better_one.")}
    assert len([each for each in page.caption if each.value in one]) == 1


def test_one_line_counts_what_gets_better_notes_and_goes_with_the_last(away: CastMind) -> None:
    for _ in range(2):
        put(away, "done done waiting done", unreachable(), readable=True)
    line = "2 episodes will get better notes once Ollama is running"
    assert [each.value for each in open_page().caption if "better notes" in each.value] == [line]
    away._store.write(lambda db: db.execute("UPDATE jobs SET state = 'done', error = NULL WHERE episode_id = 1"))
    assert [each.value for each in open_page().caption if "better notes" in each.value] == [
        "1 episode will get better notes once Ollama is running"
    ]
    away._store.write(lambda db: db.execute("UPDATE jobs SET state = 'done', error = NULL"))
    assert not [each for each in open_page().caption if "better notes" in each.value]
