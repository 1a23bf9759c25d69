"""A long text cut around its hits."""

from __future__ import annotations

from core.store.search import snippet


def test_a_long_text_is_cut_around_the_hit() -> None:
    text = "word " * 100 + "显存 here " + "more " * 100
    at = text.index("显存")
    shown, marks = snippet.cut(text, [(at, at + 2), (len(text) - 3, len(text) - 1)])
    assert len(shown) <= snippet.SNIPPET + 2
    assert shown.startswith("…word") and shown.endswith("…")
    assert [shown[a:b] for a, b in marks] == ["显存"]
    assert snippet.cut("short", [(0, 5)]) == ("short", [(0, 5)])
    assert len(snippet.cut("长" * 1000, [(500, 900)])[0]) <= snippet.SNIPPET + 2
