"""Waits for the same condition are one card."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from tests.pages.conditions import FETCH, put, unreachable
from tests.pages.conftest import given, open_page


def test_the_queue_folds_what_waits_for_the_same(away: CastMind) -> None:
    waiting = [put(away, "done done waiting done", unreachable(), readable=True) for _ in range(3)]
    fetching = [put(away, "waiting queued queued queued", FETCH["refused"](), readable=False) for _ in range(2)]
    alone = put(away, "waiting queued queued queued", FETCH["disk low"](), readable=False)
    page = open_page("queue/page.py")
    cards = lambda: [card["id"] for card in given(page, "castmind_queue")["cards"]]  # noqa: E731
    assert cards() == [alone]
    heads = [each.value.partition("**  ")[0] for each in page.markdown if "wait" in each.value]
    assert heads == ["**3 episodes are waiting for better notes", "**2 episodes are waiting for the same thing"]
    name = "ollama_unreachable.summarise"
    page.button(key=f"held.turn.{name}").click().run()
    assert cards() == [alone, *waiting]
    page.button(key=f"held.turn.{name}").click().run()
    assert cards() == [alone]
    page.button(key=f"held.cancel.{name}").click().run()
    assert [away.library.episode(OWNER, number).state for number in waiting] == [State.DONE] * 3
    page.button(key="held.retry.connection_refused pods.example.fetch").click().run()
    assert [away.library.episode(OWNER, number).state for number in fetching] == [State.QUEUED] * 2
    assert sorted(cards()) == sorted([alone, *fetching])
