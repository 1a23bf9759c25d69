"""Count the feeds and tags of the episodes that a search has found, to narrow it by one of them.

episode ids ─▶ (name, number of episodes), the most frequent first
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.store.db.sqlite import Database

MOST = 8
Facet = tuple[tuple[str, int], ...]
_FEEDS = """
    SELECT feeds.title, count(*) FROM episodes JOIN feeds ON feeds.id = episodes.feed_id
    WHERE episodes.id IN (SELECT value FROM json_each(?)) AND feeds.title != ''
    GROUP BY feeds.title ORDER BY count(*) DESC, feeds.title LIMIT ?
"""
_TAGS = """
    SELECT tags.name, count(*) FROM episode_tags JOIN tags ON tags.id = episode_tags.tag_id
    WHERE episode_tags.episode_id IN (SELECT value FROM json_each(?))
    GROUP BY tags.id ORDER BY count(*) DESC, tags.name LIMIT ?
"""


def of(db: Database, episode_ids: Iterable[int]) -> tuple[Facet, Facet]:
    """Return the feeds and the tags of the episodes, at most MOST of each."""
    chosen = json.dumps(list(episode_ids))
    feeds, tags = (db.execute(select, [chosen, MOST]).fetchall() for select in (_FEEDS, _TAGS))
    return tuple((row[0], row[1]) for row in feeds), tuple((row[0], row[1]) for row in tags)
