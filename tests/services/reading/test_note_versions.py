from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage
from core.domain.notes.note import Notes, Point, Verdict
from core.errors import Conflict, NotFound
from tests.runner_fixture import NOTES, Rig

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
    after = rig.note_versions.regenerate(OWNER, episode, model="other", language="de")
    assert (after.episode.notes_model, after.episode.notes_language) == ("other", "de")
    rig.run_all()
    new, old = rig.note_versions.versions(OWNER, episode)
    assert (new.notes.tldr, old.notes.tldr) == ("Katzen.", "Cats.")
    assert rig.note_versions.current(OWNER, episode) == new
    rig.ran.clear()
    assert rig.note_versions.choose(OWNER, episode, old.id) == old
    assert rig.library.notes(OWNER, episode) == old
    rig.run_all()
    assert [stage for _, stage in rig.ran] == [P]
    assert rig.library.episode(OWNER, episode).notes_engine == "ollama"
    rig.note_versions.regenerate(OWNER, episode, model="", language="")
    rig.run_all()
    assert rig.library.episode(OWNER, episode).episode.notes_model is None
    newest = rig.note_versions.versions(OWNER, episode)[0]
    assert rig.note_versions.current(OWNER, episode) == newest


def test_notes_about_a_replaced_transcript_are_kept_to_look_up(rig: Rig, episode: int) -> None:
    (old,) = rig.note_versions.versions(OWNER, episode)
    rig.library.retry(OWNER, episode, T)
    rig.step(T)
    assert rig.note_versions.current(OWNER, episode) is None
    with pytest.raises(Conflict):
        rig.note_versions.choose(OWNER, episode, old.id)
    rig.run_all()
    assert [v.outdated for v in rig.note_versions.versions(OWNER, episode)] == [False, True]
    assert rig.note_versions.version(OWNER, episode, old.id).notes == old.notes


def test_a_version_belongs_to_its_episode(rig: Rig, episode: int) -> None:
    (mine,) = rig.note_versions.versions(OWNER, episode)
    other = rig.add()
    for ask in (rig.note_versions.version, rig.note_versions.choose):
        with pytest.raises(NotFound):
            ask(OWNER, other, mine.id)


def test_two_versions_are_compared(rig: Rig, episode: int) -> None:
    written(rig, replace(NOTES, points=(Point("Cats sleep a lot.", "sleep"),)))
    rig.note_versions.regenerate(OWNER, episode)
    rig.run_all()
    new, old = rig.note_versions.versions(OWNER, episode)
    found = rig.note_versions.compare(OWNER, episode, old.id, new.id)
    assert [row.new.text for row in found.points if row.old is None and row.new] == ["Cats sleep a lot."]
    assert found.tldr == (NOTES.tldr, NOTES.tldr)


def test_weak_notes_become_a_version_and_it_is_said_why(rig: Rig, episode: int) -> None:
    proven = tuple(Point(f"Cats sleep on day {n}.", f"cats sleep on day {n}", float(n), n + 1.0, 0, True) for n in range(6))
    good = replace(NOTES, tldr="Cats sleep every day.", points=proven, model="qwen2.5:7b")
    weak = replace(good, points=(proven[0], *(Point(f"Dogs fly {n}.", "no dog") for n in range(5))), model="smollm2:135m")
    small = replace(good, points=proven[:5], model="llama3.2:1b")
    half = replace(good, coverage=0.5)
    for notes, verdict in [
        (good, None),
        (weak, Verdict.TOO_WEAK),
        (small, Verdict.OUTDONE),
        (half, Verdict.READ_LESS),
        (good, None),
    ]:
        written(rig, notes)
        rig.note_versions.regenerate(OWNER, episode)
        rig.run_all()
        held, current = rig.note_versions.held_back(OWNER, episode), rig.note_versions.current(OWNER, episode)
        assert current and current.notes == good
        assert (held.verdict if held else None) == verdict
        assert rig.note_versions.versions(OWNER, episode)[0].notes == notes
        if verdict is Verdict.TOO_WEAK:
            assert held and (held.backed, held.statements) == (1, 6)
    # Whoever wants them can have them.
    first = next(v for v in rig.note_versions.versions(OWNER, episode) if v.notes == weak)
    rig.note_versions.choose(OWNER, episode, first.id)
    now = rig.note_versions.current(OWNER, episode)
    assert now and now.notes == weak
