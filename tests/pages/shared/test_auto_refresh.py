"""A refreshing fragment never keeps showing work that has ended as running."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind


@dataclass
class World:
    """The observed work. `behind_look` and `behind_draw`: its state right after the nth look, or the nth draw."""

    moves: bool = False
    behind_look: dict[int, bool] = field(default_factory=dict)
    behind_draw: dict[int, bool] = field(default_factory=dict)
    looks: int = 0
    draws: int = 0

    def interval(self) -> float | None:
        said = 1.0 if self.moves else None
        self.moves = self.behind_look.get(self.looks, self.moves)
        self.looks += 1
        return said

    def seen(self) -> str:
        said = "moving" if self.moves else "at rest"
        self.moves = self.behind_draw.get(self.draws, self.moves)
        self.draws += 1
        return said


def _page() -> None:
    import streamlit as st

    from pages.shared import auto_refresh

    world = st.session_state["world"]
    auto_refresh.follow(lambda: st.text(world.seen()), world.interval)


@pytest.mark.parametrize(
    "world",
    [
        World(),
        World(moves=True, behind_draw={0: False}),
        World(moves=True, behind_look={0: False}),
        World(behind_look={0: True}, behind_draw={0: False}),
        World(behind_look={0: True}, behind_draw={1: False}),
        World(behind_draw={0: True, 1: False}),
    ],
    ids=["nothing", "ends in a draw", "ends before a draw", "begins and ends beside a draw", "two draws", "begins in a draw"],
)
def test_a_part_is_drawn_until_it_shows_how_things_are(world: World) -> None:
    page = AppTest.from_function(_page)
    page.session_state["world"] = world
    page.run()
    assert not page.exception
    assert [each.value for each in page.text] == ["at rest"]
    assert not world.moves


def _refused() -> None:
    from core.errors import NotAllowed
    from pages.shared import auto_refresh

    def draw() -> None:
        raise NotAllowed()

    auto_refresh.follow(draw, lambda: None)


def test_what_is_refused_in_a_live_part_is_a_sentence(castmind: CastMind) -> None:
    page = AppTest.from_function(_refused).run()
    assert not page.exception
    assert "isn’t allowed to do this" in page.error[0].value
