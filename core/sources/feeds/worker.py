"""The confined process of `reading`: parse one large feed.

one line of JSON {url, content_type}, then the body ─▶ limits ─▶ quick_parse, else parse ─▶ JSON ─▶ stdout
                                                                          or exit status 3: not a feed
"""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

from core.domain.feeds.feed import ParsedFeed
from core.errors import NotAFeed
from core.sandbox.child import enter
from core.sources.feeds.parse import parse, quickly

MEMORY_LIMIT = 1 << 30
CPU_SECONDS = 60
MOST_WRITTEN = 128 << 20
NO_FEED = 3


def to_json(parsed: ParsedFeed) -> str:
    def plain(entry: object) -> object:
        return {name: getattr(entry, name) for name in entry.__slots__}  # type: ignore[attr-defined]

    return json.dumps(plain(parsed), default=plain, ensure_ascii=False)


def _parsed(given: BinaryIO, url: str, content_type: str) -> ParsedFeed:
    """Parse the body from stdin with the quick parser, else with feedparser; hold it in memory only once."""
    start = given.tell()
    found = quickly(given.read(), url, content_type)
    if found is None:
        given.seek(start)
    return found or parse(given, url, content_type)


def main() -> int:
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, written=MOST_WRITTEN)
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        parsed = _parsed(sys.stdin.buffer, asked["url"], asked["content_type"])
    except NotAFeed:
        return NO_FEED
    sys.stdout.buffer.write(to_json(parsed).encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
