from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.job import Stage
from core.domain.note import Notes, Point
from core.errors import Conflict, NotFound
from tests.pipeline.rig import NOTES, Rig

F, T, S, P = Stage


@pytest.fixture
def episode(rig: Rig) -> int:
    number = rig.add()
    rig.run_all()
    return number


def written(rig: Rig, notes: Notes) -> None:
    rig.stages[S] = rig._plain(notes)


def test_new_notes_stand_beside_the_old_ones_and_any_can_be_chosen(rig: Rig, episode: int) -> None:
    written(rig, replace(NOTES, tldr="Katzen.", language="de"))
    after = rig.notebook.regenerate(episode, model="other", language="de")
    assert (after.episode.notes_model, after.episode.notes_language) == ("other", "de")
    rig.run_all()
    new, old = rig.notebook.versions(episode)
    assert (new.notes.tldr, old.notes.tldr) == ("Katzen.", "Cats.")
    assert rig.notebook.current(episode) == new
    rig.ran.clear()
    assert rig.notebook.choose(episode, old.id) == old
    assert rig.library.notes(episode) == old
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [P]
    assert rig.library.episode(episode).notes_engine == "ollama"
    rig.notebook.regenerate(episode, model="", language="")
    rig.run_all()
    assert rig.library.episode(episode).episode.notes_model is None
    newest = rig.notebook.versions(episode)[0]
    assert rig.notebook.current(episode) == newest


def test_notes_about_a_replaced_transcript_are_kept_to_look_up(rig: Rig, episode: int) -> None:
    (old,) = rig.notebook.versions(episode)
    rig.library.retry(episode, T)
    rig.step(T)
    assert rig.notebook.current(episode) is None
    with pytest.raises(Conflict):
        rig.notebook.choose(episode, old.id)
    rig.run_all()
    assert [v.outdated for v in rig.notebook.versions(episode)] == [False, True]
    assert rig.notebook.version(episode, old.id).notes == old.notes


def test_a_version_belongs_to_its_episode(rig: Rig, episode: int) -> None:
    (mine,) = rig.notebook.versions(episode)
    other = rig.add()
    for ask in (rig.notebook.version, rig.notebook.choose):
        with pytest.raises(NotFound):
            ask(other, mine.id)


def test_two_versions_are_compared(rig: Rig, episode: int) -> None:
    written(rig, replace(NOTES, points=(Point("Cats sleep a lot.", "sleep"),)))
    rig.notebook.regenerate(episode)
    rig.run_all()
    new, old = rig.notebook.versions(episode)
    found = rig.notebook.compare(episode, old.id, new.id)
    assert [row.new.text for row in found.points if row.old is None and row.new] == ["Cats sleep a lot."]
    assert found.tldr == (NOTES.tldr, NOTES.tldr)
