"""Selection of points for the notes: spread over the episode, nothing twice."""

from __future__ import annotations

from core.domain.notes.note import Action, Chapter, Point, Term
from core.notes import selection
from core.notes.selection import PointCandidate


def candidates(count: int, *, verified: bool = True) -> list[PointCandidate]:
    return [PointCandidate(Point(f"statement {i}", f"quote {i}", i * 10.0, verified=verified), i * 10.0) for i in range(count)]


def test_few_points_are_all_kept() -> None:
    assert selection.spread(candidates(4), frozenset({2}), 5) == (0, 1, 2, 3)
    assert selection.spread([], frozenset(), 5) == ()


def test_picks_win_but_leave_no_stretch_out() -> None:
    chosen = selection.spread(candidates(100), frozenset(range(10)), 10)
    assert len(chosen) == 10
    assert {i // 20 for i in chosen} == {0, 1, 2, 3, 4}
    assert 55 in selection.spread(candidates(100), frozenset({55}), 10)


def test_what_is_verified_goes_before_what_is_not() -> None:
    mixed = [PointCandidate(Point(f"s {i}", "", verified=i % 2 == 1), i * 1.0) for i in range(40)]
    assert all(mixed[i].point.verified for i in selection.spread(mixed, frozenset(), 6))


def test_the_same_statement_or_proof_appears_once() -> None:
    points = [
        Point("A b c", "x y z"),
        Point("a, B c!", "other"),
        Point("different", "X y z."),
        Point("third", ""),
        Point("fourth", ""),
    ]
    kept = selection.distinct_points(PointCandidate(p, 0.0) for p in points)
    assert [c.point.text for c in kept] == ["A b c", "third", "fourth"]


def test_chapters_are_in_order_and_keep_their_distance() -> None:
    given = [Chapter(f"c{t}", float(t)) for t in (500, 0, 10, 300, 310, 900)]
    assert [c.start for c in selection.chapters(given, 1000.0, 4)] == [0.0, 300.0, 500.0, 900.0]
    assert len(selection.chapters([Chapter(f"c{t}", float(t)) for t in range(1000)], 1000.0, 4)) == 4


def test_terms_and_actions_appear_once() -> None:
    terms = [
        Term("Berlin", start=5.0, verified=True),
        Term("Rome", start=1.0, verified=True),
        Term("berlin", verified=True),
        Term("Oz"),
    ]
    assert [t.text for t in selection.terms(terms, 5)] == ["Berlin", "Rome", "Oz"]
    actions = [Action("Call Bob", start=9.0), Action("Write", start=None), Action("call bob."), Action("Buy", start=3.0)]
    assert [a.text for a in selection.actions(actions, 5)] == ["Buy", "Call Bob", "Write"]


def test_chapters_of_one_name_are_one_and_no_summary_repeats_its_title() -> None:
    given = [
        Chapter("Cats", 0.0, "cats."),
        Chapter("cats", 50.0, "More."),
        Chapter("Dogs", 90.0, "Dogs bark."),
        Chapter("猫", 140.0, "猫。"),
    ]
    found = selection.chapters(given, 200.0, 9)
    assert [(c.title, c.start, c.summary) for c in found] == [("Cats", 0.0, ""), ("Dogs", 90.0, "Dogs bark."), ("猫", 140.0, "")]
