"""The rows of the library's list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.notes.note import Notes
from core.store.text import notes as store_notes
from pages.library import episode_list, episodes
from tests.fixtures.many_episodes import fill
from tests.pages.conftest import Open, given


def test_a_row_says_what_the_reader_needs(castmind: CastMind, seven: list[int]) -> None:
    castmind.library.set_position(OWNER, seven[0], 25.0)
    castmind.bulk_actions.star(OWNER, seven[:1])
    castmind.bulk_actions.tag(OWNER, seven[:1], "work")
    row = episodes.row(castmind.library.episode(OWNER, seven[0]))
    assert (row["title"], row["href"], row["initial"]) == ("Talk 6", f"/episode?id={seven[0]}", "T")
    assert (row["starred"], row["unread"], row["tags"], row["heard"]) == (True, True, ["work"], 0.25)
    assert row["acts"] == ["transcribe"] and row["facts"][-1] == "1:40"
    assert (row["said"], row["gist"], row["audio"]) == ("Not transcribed", "", None)


def test_a_finished_row_says_its_gist_in_the_place_of_its_state(castmind: CastMind, talks: list[int]) -> None:
    item = castmind.library.episode(OWNER, talks[0])
    row = episodes.row(item, "About cats.")
    assert (row["state"], row["said"], row["gist"]) == ("done", "", "About cats.")
    assert (row["audio"], row["feed"], row["position"]) == (f"/api/v1/episodes/{talks[0]}/audio", "F", 0.0)
    described = replace(item, episode=replace(item.episode, description="<p>What <b>cats</b> do.</p><p>More.</p>"))
    assert episodes.row(described)["gist"] == "What cats do."


def test_the_gists_of_a_page_are_asked_for_at_once(castmind: CastMind, talks: list[int], opened: Open) -> None:
    notes = Notes(tldr="A talk about cats.", engine="extractive", coverage=1.0)
    castmind.library._store.write(lambda db: store_notes.add(db, talks[1], notes, now=1.0))
    rows = {row["id"]: row["gist"] for row in given(opened(), "castmind_episodes")["rows"]}
    assert rows == {talks[0]: "", talks[1]: "A talk about cats."}


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
