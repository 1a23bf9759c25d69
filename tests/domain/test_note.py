from __future__ import annotations

from core.domain.note import Notes, Point, compare


def notes(*points: Point, tldr: str = "Gist") -> Notes:
    return Notes(tldr, points)


def test_points_are_the_same_changed_added_or_removed() -> None:
    same, gone, new = Point("Cats sleep.", "q1"), Point("Dogs bark at night.", "q2"), Point("Birds migrate south.", "q3")
    reworded = (Point("The talk covers cat food.", "cat food"), Point("Food for cats is discussed at length.", "cat food"))
    alike = (Point("Inflation rose to four percent in May.", "a"), Point("Inflation rose to 4 percent in May.", "b"))
    found = compare(notes(same, gone, reworded[0], alike[0]), notes(new, alike[1], reworded[1], same))
    assert (found.same, found.added, found.removed) == (1, (new,), (gone,))
    assert set(found.changed) == {reworded, alike}
    assert found.tldr is None


def test_a_gist_that_differs_is_shown_in_both_wordings() -> None:
    assert compare(notes(tldr="猫"), notes(tldr="狗")).tldr == ("猫", "狗")


def test_each_point_is_paired_once() -> None:
    twice = notes(Point("Cats sleep.", ""), Point("Cats sleep.", ""))
    found = compare(notes(Point("Cats sleep.", "")), twice)
    assert (found.same, len(found.added), found.removed, found.changed) == (1, 1, (), ())
