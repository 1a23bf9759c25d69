from __future__ import annotations

from core.domain.notes.comparison import ComparisonRow, Difference, compare
from core.domain.notes.note import Action, Chapter, Notes, Point, Term


def notes(*points: Point, tldr: str = "Gist") -> Notes:
    return Notes(tldr, points)


def test_points_are_the_same_changed_added_or_removed() -> None:
    same, gone, new = Point("Cats sleep.", "q1", 10.0), Point("Dogs bark at night.", "q2", 20.0), Point("Birds fly.", "q3", 30.0)
    reworded = Point("The talk covers cat food.", "cat food", 40.0), Point("Food for cats, at length.", "cat food", 40.0)
    alike = Point("Inflation rose to four percent in May.", "a", 50.0), Point("Inflation rose to 4 percent in May.", "b", 50.0)
    found = compare(notes(same, gone, reworded[0], alike[0]), notes(new, alike[1], reworded[1], same)).points
    assert [(row, row.difference) for row in found] == [
        (ComparisonRow(same, same), Difference.SAME),
        (ComparisonRow(gone, None), Difference.REMOVED),
        (ComparisonRow(None, new), Difference.ADDED),
        (ComparisonRow(*reworded), Difference.CHANGED),
        (ComparisonRow(*alike), Difference.CHANGED),
    ]


def test_both_gists_are_shown() -> None:
    assert compare(notes(tldr="猫"), notes(tldr="狗")).tldr == ("猫", "狗")


def test_each_point_is_paired_once() -> None:
    twice = notes(Point("Cats sleep.", ""), Point("Cats sleep.", ""))
    found = compare(notes(Point("Cats sleep.", "")), twice).points
    assert [row.difference for row in found] == [Difference.SAME, Difference.ADDED]


def test_points_in_another_language_are_paired_by_their_quotes() -> None:
    found = compare(notes(Point("Cats sleep.", "they sleep", 3.0)), notes(Point("猫在睡觉。", "they sleep", 3.0))).points
    assert [row.difference for row in found] == [Difference.CHANGED]


def test_chapters_terms_and_actions_are_compared_too() -> None:
    old = Notes(
        "Gist",
        chapters=(Chapter("Welcome", 0.0, "Who is there."), Chapter("Food", 60.0)),
        terms=(Term("GPU", "a card"),),
        actions=(Action("Call Anna."), Action("Buy food.", "we need food", 70.0)),
    )
    new = Notes(
        "Gist",
        chapters=(Chapter("Welcome", 0.0, "Who is there."), Chapter("What cats eat", 60.0), Chapter("End", 90.0)),
        terms=(Term("gpu", "a graphics card"),),
        actions=(Action("Get cat food.", "we need food", 70.0),),
    )
    found = compare(old, new)
    assert [row.difference.value for row in found.chapters] == ["same", "changed", "added"]
    assert [row.difference.value for row in found.terms] == ["changed"]
    # Entries without a time come last.
    assert [row.difference.value for row in found.actions] == ["changed", "removed"]


def test_chapters_are_paired_by_where_they_begin() -> None:
    old = Notes("Gist", chapters=(Chapter("One two three", 0.0), Chapter("Four five six", 60.0)))
    found = compare(old, Notes("Gist", chapters=(Chapter("Cats", 60.0),))).chapters
    assert [(row.old and row.old.start, row.new and row.new.start) for row in found] == [(0.0, None), (60.0, 60.0)]
