"""The table of chores."""

from __future__ import annotations

from core.app.chores import CHORES


def test_what_deletes_by_itself_is_careful() -> None:
    careful = {name for _, name, _, careful in CHORES if careful}
    assert careful == {"make room of the trash while the disk is short"}
    assert len({name for _, name, _, _ in CHORES}) == len(CHORES)
