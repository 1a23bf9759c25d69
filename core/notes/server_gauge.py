"""Learn how a server reads: how many tokens its model makes of a text, and whether it read all of one.

first count of a whole prompt → share of the high guess → sizes of the later chunks, room for the answers
wrong check code → a little too long: is it refused? → yes, and as many tokens as are likely: `refuses`, kept
                                                     → else, longer by PADDING: is the count? → no: the code alone proves it
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from core.notes.text.chunking import LIKELY, most_tokens

# A share outside is invalid: the server counted something else, such as the tokens that it had not cached.
SHARES = (0.3, 4.0)
# The share that no tokenizer in use stays much under; below it a count needs another proof.
LEAST_SHARE = 0.36

Server = tuple[str, str, str, int]
# Servers that have proven to refuse prompts that do not fit: (host, version, model, context length). As long as this process
# runs.
_REFUSING: set[Server] = set()
_GUARD = threading.Lock()


@dataclass(slots=True)
class Gauge:
    """For one run with one model. `share`: tokens for each one of the high guess, None until a count is known. `cuts`: whether
    the server has accepted a prompt that cannot fit."""

    share: float | None = None
    cuts: bool = False

    def learn(self, text: str, count: int | None) -> None:
        """Take the share from the count of a prompt that was read in full; the first one stays."""
        guess = most_tokens(text)
        if self.share is None and count and guess and SHARES[0] <= count / guess <= SHARES[1]:
            self.share = round(count / guess, 4)

    def tokens(self, text: str) -> int:
        """Return the likely number of tokens; a little more than the share says, for no two texts are alike."""
        return math.ceil(most_tokens(text) * (LIKELY if self.share is None else self.share) * 1.03)

    def guess(self, tokens: int) -> int:
        """Return how much of the high guess makes so many tokens; the inverse of `tokens`."""
        return int(tokens / (1.03 * (LIKELY if self.share is None else self.share)))

    def plausible(self, text: str, count: int) -> bool:
        """Return whether a count is about the expected one, not that of a prompt without its front or of its uncached part."""
        return count >= (LEAST_SHARE if self.share is None else 0.8 * self.share) * most_tokens(text)

    def likely(self, text: str, count: int) -> bool:
        """Return whether a count is one that most models would give, so that a part of the text would not do."""
        return count >= 0.8 * (LIKELY if self.share is None else self.share) * most_tokens(text)


def refuses(server: Server) -> bool:
    """Return whether the server has proven to refuse prompts that do not fit."""
    with _GUARD:
        return server in _REFUSING


def remember(server: Server) -> None:
    with _GUARD:
        _REFUSING.add(server)


def forget_all() -> None:
    """Make every server prove itself again."""
    with _GUARD:
        _REFUSING.clear()


def grew(before: int | None, after: int | None, words: int) -> bool:
    """Return whether the count rose by just the `words` of one token that were added; that of a cut prompt does not."""
    return before is not None and after is not None and 0.9 * words <= after - before <= 2 * words


def joined(messages: Sequence[dict[str, str]]) -> str:
    return "\n".join(m["content"] for m in messages)
