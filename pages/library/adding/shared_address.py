"""The address in what another app shares: in its own field, or somewhere in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
# Signs that end a sentence rather than an address.
_AFTER = ".,;:!?)]}'’。，；：！？）】》"


def address_in(words: Iterable[str]) -> str:
    """Return the first address in these texts; empty if there is none."""
    found = (_ADDRESS.search(text) for text in words)
    return next((match[0].rstrip(_AFTER) for match in found if match), "")
