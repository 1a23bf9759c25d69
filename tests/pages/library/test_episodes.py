"""The rows of the library's list."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.library import episodes


def test_a_row_says_what_the_reader_needs(castmind: CastMind, seven: list[int]) -> None:
    castmind.library.set_position(OWNER, seven[0], 25.0)
    castmind.bulk_actions.star(OWNER, seven[:1])
    castmind.bulk_actions.tag(OWNER, seven[:1], "work")
    row = episodes.row(castmind.library.episode(OWNER, seven[0]))
    assert (row["title"], row["href"], row["initial"]) == ("Talk 6", f"/episode?id={seven[0]}", "T")
    assert (row["starred"], row["unread"], row["tags"], row["heard"]) == (True, True, ["work"], 0.25)
    assert row["acts"] == ["transcribe"] and row["facts"][-1] == "1:40"


def test_a_row_in_the_trash_says_until_when(castmind: CastMind, seven: list[int]) -> None:
    castmind.trash.delete(OWNER, seven[:1])
    row = episodes.row(castmind.library.episode(OWNER, seven[0]))
    assert row["acts"] == ["restore", "purge"] and row["said"].startswith("Kept until") and not row["unread"]
