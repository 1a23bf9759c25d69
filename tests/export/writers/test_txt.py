"""Plain text."""

from __future__ import annotations

from core.domain.transcripts.transcript import Transcript
from core.export.writers.txt import txt


def test_plain_text_is_a_line_a_segment(spoken: Transcript) -> None:
    assert txt(spoken).splitlines()[0] == "Tom & Jerry <b>say</b> a --> b"
    assert txt(spoken).splitlines()[1].startswith("A <x> B: 今天")
    assert len(txt(spoken).splitlines()) == 2
