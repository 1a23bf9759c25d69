from __future__ import annotations

import pytest

from core.domain.episodes.show_notes import lines


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("", []),
        ("<p>One <b>bold</b>  word</p>\n<p>Two</p>", ["One bold word", "Two"]),
        ("<ul><li>a</li><li>b<br>c</li></ul>", ["a", "b", "c"]),
        ('<a href="https://e.example/?x>y">the link</a> &amp; more', ["the link & more"]),
        ("1 < 2 and 3 > 2", ["1 < 2 and 3 > 2"]),
        ("&lt;script&gt; is text", ["<script> is text"]),
        ("显存\r\n机器", ["显存", "机器"]),
    ],
)
def test_lines(description: str, expected: list[str]) -> None:
    assert lines(description) == expected
