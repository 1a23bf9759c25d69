"""Segments are sentences."""

from __future__ import annotations

import pytest

from tests.real import thresholds
from tests.real.conftest import Ears, recording

pytestmark = pytest.mark.real

ENDS = ".?!。？！…"
CLOSING = "\"'”’」』)）》 "


@pytest.mark.parametrize(
    "name",
    [
        *("long-en", "long-en-close", "long-zh", "long-zh-close", "zh-gaps", "mix-blocks", "mix-hidden"),
        *(pytest.param(name, marks=pytest.mark.short) for name in ("mix-quote", "made-en")),
    ],
)
def test_most_segments_end_with_a_sentence(base: Ears, name: str) -> None:
    texts = [s.text for s in base.hear(recording(name)).segments]
    broken = [text for text in texts if not text.rstrip(CLOSING).endswith(tuple(ENDS))]
    assert texts
    share = 1 - len(broken) / len(texts)
    assert share >= thresholds.SENTENCES, f"{share:.0%} of {len(texts)}; not: {broken[:10]}"
