"""Plain text with times in it."""

from __future__ import annotations

import pytest

from core.sources.publisher.transcript import parse

SAID = [(1.0, 62.0, "Hello there.", "Ann Lee"), (62.0, 3700.0, "Hi, Ann.", "Bob"), (3700.0, 3700.0, "Bye. Take care.", "Ann Lee")]


@pytest.mark.parametrize(
    "text",
    [
        "[00:00:01] Ann Lee: Hello there.\n[00:01:02] Bob: Hi, Ann.\n[01:01:40] Ann Lee: Bye.\nTake care.\n",
        "Ann Lee  0:01  \nHello there.\n\nBob  1:02\nHi, Ann.\n\nAnn Lee  1:01:40\nBye.\nTake care.",
        "Ann Lee (00:01):\nHello there.\n\nBob (01:02):\nHi, Ann.\n\nAnn Lee (01:01:40):\nBye.\n\nTake care.",
        "[00:00:01.00] - Ann Lee\nHello there.\n\n[00:01:02.00] - Bob\nHi, Ann.\n\n[01:01:40.00] - Ann Lee\nBye. Take care.",
        "<html><head><title>X</title></head><body><p>[0:01] <b>Ann Lee:</b> Hello there.</p><p>[1:02] <b>Bob:</b> Hi, Ann.</p>"
        "<p>[1:01:40] <b>Ann Lee:</b> Bye.<br>Take care.</p></body></html>",
        '[{"speaker":"Ann Lee","start":"00:00:01","end":"00:01:02","text":"Hello there."},{"speaker":"Bob",'
        '"start":"00:01:02.000","end":"01:01:40","text":"Hi, Ann."},'
        '{"speaker":"Ann Lee","start":"01:01:40,000","end":"3700","text":"Bye. Take care."}]',
    ],
)
def test_times_and_names_in_the_forms_of_transcribing_programs(text: str) -> None:
    bob_is_named = {"Bob"}
    found = parse(text.encode(), None, None, bob_is_named)
    assert [(s.start, s.end, s.text, s.speaker) for s in found.segments] == SAID
    assert found.timed


@pytest.mark.parametrize(
    "text",
    [
        "10:30 we start, she said.\n\nAnd then nothing.\n\nFor hours.\n\nAt last, an answer.\n\n11:00 it was.",
        "We met twice.\n12:30 was one.\n\n10:15 the other.",
        "John 3:16 is read.\n\nIt is short.",
    ],
)
def test_prose_with_times_in_it_is_not_stamped(text: str) -> None:
    found = parse(text.encode())
    assert not found.timed
    assert " ".join(s.text for s in found.segments).split() == text.split()
