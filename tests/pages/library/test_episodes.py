"""The rows of the library's list."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.library import episode_list, episodes
from tests.fixtures.many_episodes import fill
from tests.pages.conftest import Open


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


def test_the_library_of_thousands_asks_for_a_page_of_it(
    castmind: CastMind, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(castmind.data, 120)
    given: list[dict[str, object]] = []
    monkeypatch.setattr(episode_list, "mount", lambda data, asked: given.append(data))
    opened()
    assert len(given[-1]["rows"]) == episodes.PAGE and given[-1]["more"] and given[-1]["count"] == 120  # type: ignore[arg-type]
    assert given[-1]["going_on"]
