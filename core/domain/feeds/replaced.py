"""Detect audio that a publisher replaced, from the feed.

episode as it was known, its entry now ─▶ another file by its address? ─▶ another length at the same one? ─▶ replaced
of one poll ─▶ too many of them at once ─▶ the whole feed moved, or counts its lengths anew: none
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from core.domain.feeds.enclosure_name import another_file
from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.matching import Known

# New cover art or tags inside a file change less of its size.
LEAST_SHARE = 0.005
LEAST_BYTES = 64 * 1024
# Publishers correct an episode or two at a time.
FEW = 2
MOST_SHARE = 0.3

T = TypeVar("T")


def replaced(episode: Known, entry: FeedEntry) -> bool:
    if not episode.enclosure_url or not entry.enclosure_url:
        return False
    if episode.guid == entry.guid and another_file(episode.enclosure_url, entry.enclosure_url):
        return True
    return not another_file(episode.enclosure_url, entry.enclosure_url) and _other_length(
        episode.enclosure_bytes, entry.enclosure_bytes
    )


def believed(found: Sequence[T], *, seen: int) -> Sequence[T]:
    """Return the credible findings of one poll that has `seen` so many episodes."""
    return found if len(found) <= max(FEW, int(seen * MOST_SHARE)) else ()


def _other_length(before: int | None, after: int | None) -> bool:
    """Return whether the lengths differ. Feeds that know no length write 0 or 1, or none."""
    if not before or not after or min(before, after) < 1000:
        return False
    apart = abs(before - after)
    return apart >= LEAST_BYTES or apart >= LEAST_SHARE * before
