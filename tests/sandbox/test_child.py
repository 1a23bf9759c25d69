"""The limits that a confined process puts on itself."""

from __future__ import annotations

from tests.sandbox.attempted import attempt


def test_it_cannot_lift_its_limits() -> None:
    assert attempt("lift").output in (b"PermissionError", b"ValueError")


def test_memory_is_limited() -> None:
    assert attempt("grow").output == b"MemoryError"


def test_time_on_the_processor_is_limited_and_counts_as_a_crash() -> None:
    ended = attempt("spin")
    assert ended.crashed and not ended.late


def test_an_endless_answer_ends() -> None:
    ended = attempt("flood")
    assert len(ended.output) == 100_000
