"""Count the words that speech recognition got wrong, as the standard word error rate does: edits per reference word.

Words are lower-cased; each Chinese character is a word of its own (the character error rate); punctuation is ignored.
"""

from __future__ import annotations

import re

_UNIT = re.compile(r"[a-zà-öø-ÿ']+|[0-9]+|[\u3400-\u9fff]")


def word_errors(reference: str, heard: str) -> tuple[int, int]:
    """Return (insertions + deletions + substitutions, words of the reference)."""
    said, got = _UNIT.findall(reference.lower()), _UNIT.findall(heard.lower())
    row = list(range(len(got) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1], len(said)
