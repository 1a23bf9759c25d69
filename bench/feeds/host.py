"""Serve many feeds, to measure pollers: `python -m bench.feeds.host` prints its port.

    /<n>/<items>.xml      feed n with its newest items; the same bytes and ETag on every request
    POST /publish         one more item in every feed from now on: /<n>/50.xml then has 51

It answers on every address of 127.0.0.0/8, keeps connections open, answers 304, and builds each body once.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
from functools import cache

NEWEST = 1_750_000_000.0
DAY = 86400.0
_WORDS = [
    "a",
    "talk",
    "about",
    "music",
    "history",
    "science",
    "and",
    "the",
    "people",
    "who",
    "make",
    "them",
    "from",
    "early",
    "instruments",
    "to",
    "what",
    "is",
    "played",
    "today",
    "with",
    "guests",
    "letters",
    "answers",
    "to",
    "listeners",
    "news",
    "of",
    "the",
    "week",
    "and",
    "a",
    "long",
    "look",
    "at",
    "one",
    "question",
    "that",
    "nobody",
    "had",
    "asked",
    "before",
]


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize()


def _item(feed: int, number: int) -> str:
    rng = random.Random(feed << 32 | number)
    paragraphs = "".join(
        f'<p>{_text(rng, 25)}: <a href="https://example.org/{feed}/{number}/{n}">{_text(rng, 4)}</a>.</p>' for n in range(4)
    )
    address = f"https://media.example.org/{feed}/{number}.mp3"
    return (
        f"<item><title>{_text(rng, 6)} {number}</title><guid isPermaLink='false'>{feed}-{number}</guid>"
        f"<link>https://example.org/{feed}/{number}</link><pubDate>{email.utils.formatdate(NEWEST + number * DAY)}</pubDate>"
        f"<enclosure url='{address}' length='{rng.randrange(10**7, 10**8)}' type='audio/mpeg'/>"
        f"<itunes:duration>{rng.randrange(600, 7200)}</itunes:duration><itunes:episodeType>full</itunes:episodeType>"
        f"<description><![CDATA[{paragraphs}]]></description><content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>\n"
    )


@cache
def body(feed: int, items: int) -> bytes:
    """Return a feed of about 1.5 kB per item, newest first."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Feed {feed}</title><link>https://example.org/{feed}</link><description>What it is about</description>"
        f"<language>en</language><itunes:author>Author {feed}</itunes:author>"
    )
    return (head + "".join(_item(feed, n) for n in range(items, 0, -1)) + "</channel></rss>").encode()


class Host:
    def __init__(self) -> None:
        self._published = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(head.decode("latin-1")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: str) -> bytes:
        if head.startswith("POST /publish"):
            self._published += 1
            return _response(200, b"")
        asked = re.match(r"GET /(\d+)/(\d+)\.xml", head)
        if asked is None:
            return _response(404, b"")
        feed, items = int(asked[1]), int(asked[2]) + self._published
        etag = f'"{feed}-{items}"'
        if re.search(rf"^if-none-match: {etag}\r$", head, re.IGNORECASE | re.MULTILINE):
            return _response(304, b"", etag)
        return _response(200, body(feed, items), etag)


def _response(status: int, content: bytes, etag: str = '""') -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/rss+xml\r\nETag: {etag}\r\n"
    length = "" if status == 304 else f"Content-Length: {len(content)}\r\n"
    return f"{head}{length}\r\n".encode() + content


async def main() -> None:
    server = await asyncio.start_server(Host().serve, "0.0.0.0", 0, limit=1 << 16)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
