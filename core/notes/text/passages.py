"""Find the sentences of a transcript that may prove a statement: the one with the most telling words in common, and a neighbour.

A second question about some quotes then costs the model these alone, not the whole chunk, and it has less to search. Pure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from core.notes.text.tokens import is_unspaced, tokens

# The proof of a statement may span two sentences: a neighbour with this share of the best one's telling words comes along.
NEAR = 0.25
# Beyond this share of all, the whole text is as cheap, for a server may still have it in its cache.
MOST = 0.6


def passages(sentences: Sequence[str], statements: Sequence[str]) -> list[list[int]]:
    """Return the indexes of the sentences to look in, as runs of neighbours in order.

    Empty when no statement shares a word with any, or most are near.
    """
    features = [_features(sentence) for sentence in sentences]
    common = Counter(feature for each in features for feature in each)
    chosen: set[int] = set()
    for statement in statements:
        wanted = _features(statement)
        scores = [sum(math.log1p(len(sentences) / common[f]) for f in sorted(wanted & each)) for each in features]
        best = max(range(len(scores)), key=lambda i: (scores[i], -i), default=0)
        if scores and scores[best] > 0:
            beside = max((i for i in (best - 1, best + 1) if 0 <= i < len(scores)), key=lambda i: scores[i], default=best)
            chosen |= {best, beside} if scores[beside] >= NEAR * scores[best] else {best}
    return _runs(sorted(chosen)) if len(chosen) <= MOST * len(sentences) else []


def _runs(indexes: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for index in indexes:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _features(text: str) -> set[str]:
    """Return words, and pairs of characters where no spaces part the words."""
    run = tokens(text)
    pairs = {a + b for a, b in pairwise(run) if is_unspaced(a) and is_unspaced(b)}
    return pairs | {token for token in run if not is_unspaced(token)}
