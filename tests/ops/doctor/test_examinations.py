"""The table of examinations: each is bounded, and none can break the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.errors import Cancelled
from core.ops.doctor import examinations, told
from core.ops.doctor.examinations import EXAMINATIONS, Examination, examine
from core.ops.doctor.finding import Finding, Patient, fine, odd


def broken(_patient: Patient) -> Iterator[Finding]:
    yield fine("port.free", port=1)
    raise OSError("the disk is gone")


def test_one_that_raises_is_a_finding_and_the_others_still_run(patient: Patient) -> None:
    table = [
        Examination("first", "files", broken),
        Examination("second", "files", lambda _: [odd("feeds.failing", count=1, days=7)]),
    ]
    found = examine(patient, examinations=table)
    assert [(each.examination, each.code) for each in found] == [
        ("first", "port.free"),
        ("first", "examination.broke"),
        ("second", "feeds.failing"),
    ]
    assert "the disk is gone" in str(found[1].params["error"])


def test_one_that_hangs_is_left(patient: Patient) -> None:
    ends = threading.Event()

    def hangs(_patient: Patient) -> Iterator[Finding]:
        yield fine("port.free", port=1)
        ends.wait()

    found = examine(patient, examinations=[Examination("slow", "files", hangs, 0.05)])
    ends.set()
    assert [each.code for each in found] == ["port.free", "examination.slow"]


def test_progress_is_told_and_a_cancel_ends_it(patient: Patient) -> None:
    steps: list[tuple[int, int, str]] = []

    def cancelled() -> None:
        if steps:
            raise Cancelled()

    table = [Examination(name, "files", lambda _: []) for name in ("a", "b")]
    with pytest.raises(Cancelled):
        examine(patient, examinations=table, on_progress=lambda *step: steps.append(step), check=cancelled)
    assert steps == [(0, 2, "a")]


def test_all_examinations_of_a_library_end_with_sentences_in_both_languages(filled: Patient) -> None:
    found = examine(filled)
    assert {each.examination for each in found} == {each.name for each in EXAMINATIONS}
    assert [each for each in found if each.code in ("examination.broke", "examination.slow")] == []
    for language in ("en", "zh"):
        assert all(told.said(each, language) for each in found)
    assert set(examinations.GROUP_OF.values()) == set(examinations.GROUPS)
