from __future__ import annotations

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import Stage, State
from core.errors import Conflict, NotFound, UserError
from core.services.library.bulk_actions import Done
from core.services.library.trash import AT_ONCE
from tests.runner_fixture import Rig

F, T, S, P = Stage


def bare(rig: Rig, **columns: object) -> int:
    """An episode of which nothing was asked."""
    number = rig.add(**columns)
    rig.store.write(lambda db: db.execute("DELETE FROM jobs WHERE episode_id = ?", [number]))
    return number


@pytest.mark.long
def test_more_than_a_batch_is_done_and_what_does_not_fit_is_counted(rig: Rig) -> None:
    numbers = [bare(rig) for _ in range(AT_ONCE + 5)]
    rig.trash.delete(OWNER, numbers[:2])
    assert rig.bulk_actions.transcribe(OWNER, [*numbers, 10_000, numbers[5]]) == Done(AT_ONCE + 3, 3)
    assert {rig.states(n) for n in numbers[2:]} == {"qqqq"}
    assert rig.bulk_actions.cancel(OWNER, Filter(state=State.QUEUED)) == Done(AT_ONCE + 3, 0)
    assert rig.bulk_actions.cancel(OWNER, numbers[2:4]) == Done(0, 2)
    assert rig.bulk_actions.retry(OWNER, Filter(state=State.CANCELLED)).changed == AT_ONCE + 3


def test_transcribing_a_selection_does_nothing_again_that_is_done(rig: Rig) -> None:
    done, failed = rig.add(), rig.add()
    rig.run_all()
    rig.library.retry(OWNER, failed, S)
    rig.library.cancel(OWNER, failed, S)
    rig.ran.clear()
    assert rig.bulk_actions.transcribe(OWNER, [done, failed]) == Done(1, 1)
    rig.run_all()
    assert {number for number, _ in rig.ran} == {failed}


def test_stars_and_read_marks_are_set_and_taken_away(rig: Rig) -> None:
    one, two = bare(rig), bare(rig)
    assert rig.bulk_actions.star(OWNER, [one, two]) == Done(2, 0)
    assert rig.bulk_actions.star(OWNER, [one]) == Done(0, 1)
    assert rig.library.count(OWNER, Filter(starred=True)) == 2
    rig.bulk_actions.star(OWNER, [one], False)
    assert rig.library.count(OWNER, Filter(starred=False)) == 1
    rig.library.set_position(OWNER, two, 12.0)
    rig.bulk_actions.mark_read(OWNER, [two])
    assert (rig.library.count(OWNER, Filter(unread=True)), rig.library.episode(OWNER, two).reading.position) == (1, 0.0)
    rig.bulk_actions.mark_read(OWNER, [two], False)
    assert rig.library.count(OWNER, Filter(unread=True)) == 2


def test_a_tag_is_one_whatever_its_case_and_goes_with_its_name(rig: Rig) -> None:
    one, two = bare(rig), bare(rig)
    assert rig.bulk_actions.tag(OWNER, [one], "  Über   Katzen ") == Done(1, 0)
    assert rig.bulk_actions.tag(OWNER, [one, two], "#über katzen") == Done(1, 1)
    (tag,) = rig.bulk_actions.tags(OWNER)
    assert (tag.name, tag.episodes) == ("Über Katzen", 2)
    assert [t.name for t in rig.library.episode(OWNER, two).tags] == ["Über Katzen"]
    assert rig.library.count(OWNER, Filter(tag=tag.id)) == 2
    other = rig.bulk_actions.create_tag(OWNER, "Dogs")
    with pytest.raises(Conflict):
        rig.bulk_actions.rename_tag(OWNER, other.id, "ÜBER KATZEN")
    assert rig.bulk_actions.rename_tag(OWNER, tag.id, "ÜBER KATZEN").name == "ÜBER KATZEN"
    assert rig.bulk_actions.untag(OWNER, [one, two], other.id) == Done(0, 2)
    assert rig.bulk_actions.untag(OWNER, [one], tag.id) == Done(1, 0)
    rig.trash.delete(OWNER, [two])
    assert [t.episodes for t in rig.bulk_actions.tags(OWNER)] == [0, 0]
    rig.trash.restore(OWNER, [two])
    rig.bulk_actions.remove_tag(OWNER, tag.id)
    assert rig.library.episode(OWNER, two).tags == ()
    for wrong in ("", " # ", "x" * 101):
        with pytest.raises(UserError):
            rig.bulk_actions.create_tag(OWNER, wrong)
    for ask in (rig.bulk_actions.remove_tag, lambda actor, n: rig.bulk_actions.untag(actor, [one], n)):
        with pytest.raises(NotFound):
            ask(OWNER, tag.id)


def test_tags_are_published(rig: Rig) -> None:
    episode = rig.add()
    rig.run_all()
    for act in (
        lambda: rig.bulk_actions.tag(OWNER, [episode], "A"),
        lambda: rig.bulk_actions.rename_tag(OWNER, 1, "B"),
        lambda: rig.bulk_actions.remove_tag(OWNER, 1),
    ):
        rig.ran.clear()
        act()
        rig.run_all()
        assert rig.ran == [(episode, P)]


def test_a_selection_goes_to_the_trash_and_comes_back(rig: Rig) -> None:
    cats, dogs = bare(rig, title="Cats"), bare(rig, title="Dogs")
    assert rig.bulk_actions.delete(OWNER, Filter(text="cats")) == Done(1, 0)
    assert rig.bulk_actions.delete(OWNER, [cats, dogs]) == Done(1, 1)
    assert rig.bulk_actions.restore(OWNER, Filter(deleted=True)) == Done(2, 0)
    assert rig.library.count(OWNER) == 2
    rig.bulk_actions.delete(OWNER, [cats])
    assert rig.bulk_actions.purge(OWNER, [cats, dogs]) == Done(1, 1)
    assert (rig.library.count(OWNER), rig.library.count(OWNER, Filter(deleted=True))) == (1, 0)
