"""Find the episodes that a feed does not list any more, from one reading of it.

    all of it was read          ─▶ episodes without an entry are gone
    the first pages of several  ─▶ only missing ones dated within these pages; older ones stand on a later page
    it was cut off              ─▶ nothing is gone

A page whose dates are out of order (an old trailer that is pinned to the top, episodes in another order) would report most of the
library as missing: then it is not believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.matching import Known


def gone(known: Iterable[Known], seen: Collection[int], entries: Sequence[FeedEntry], *, whole: bool) -> list[int]:
    """Return ids of the `known` episodes that are not among the `seen` ones and would be, if they were still listed.

    `entries`: all that were read; `whole`: those are all that there are.
    """
    missing = [episode for episode in known if episode.episode_id not in seen]
    if whole:
        return [episode.episode_id for episode in missing]
    dates = [entry.published_at for entry in entries if entry.published_at is not None]
    if not dates:
        return []
    first, last = min(dates), max(dates)
    # Some episodes of the oldest day may stand on the next page.
    within = [k.episode_id for k in missing if k.published_at is not None and first < k.published_at <= last]
    # As many may have new guids: a publisher may issue all of them anew.
    strange = len(entries) - len(seen)
    return within if len(within) <= max(len(entries) // 2, strange) else []
