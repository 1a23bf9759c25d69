"""Two hundred publishers over real HTTP, in simulated time: they publish and edit, and their servers have outages.

    GET /<feed>/<generation>.xml ─▶ apply events until `now()` ─▶ the present feed ─▶ one of these answers:

    200, 304, the same bytes without an ETag │ 500, 503, 429 with Retry-After │ a web page, nothing, broken XML, half of the body,
    silence │ 301 to the next generation, permanently │ 410 for some hours, then back

One seed decides everything. `heal()` ends all outages. Every item carries its true number in its link.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

HOUR = 3600.0
DAY = 24 * HOUR
BAD_DAYS = ("error", "unavailable", "busy", "page", "empty", "broken", "half", "silent")


@dataclass
class Item:
    number: int
    guid: str
    place: str
    title: str
    published: float
    duration: int


@dataclass
class Show:
    """One feed. `every`: seconds between its episodes. `generation` counts its moves."""

    number: int
    every: float
    random: random.Random
    items: list[Item] = field(default_factory=list)
    generation: int = 0
    gone_until: float = 0.0
    published_at: float = 0.0

    def live_until(self, now: float) -> None:
        """Publish due episodes, and now and then edit one sign of one item."""
        while self.published_at + self.every <= now:
            self.published_at += self.every
            self._publish(self.published_at)
        if self.items and self.random.random() < 0.2:
            item = self.random.choice(self.items)
            change = self.random.choice(("title", "guid", "place"))
            setattr(item, change, f"{getattr(item, change)}-{self.random.randrange(1000)}")

    def _publish(self, at: float) -> None:
        number = len(self.items)
        place = f"media-{self.number}.example/{number}"
        self.items.append(Item(number, f"{self.number}-{number}", place, f"Episode {number}", at, 600 + number))

    def body(self) -> bytes:
        rows = "".join(
            f"<item><title>{escape(i.title)}</title><guid isPermaLink='false'>{i.guid}</guid>"
            f"<link>https://true.example/{self.number}/{i.number}</link><pubDate>{email.utils.formatdate(i.published)}</pubDate>"
            f"<enclosure url='https://{i.place}.mp3' type='audio/mpeg'/><itunes:duration>{i.duration}</itunes:duration></item>"
            for i in reversed(self.items)
        )
        head = "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>Show"
        return f"{head} {self.number}</title>{rows}</channel></rss>".encode()


class FlakyFeeds:
    """The server; use it as a context manager. It answers on every address of this computer."""

    def __init__(self, feeds: int, now: Callable[[], float], *, seed: int = 5, trouble: float = 0.3) -> None:
        self._now = now
        self._random = random.Random(seed)
        self._trouble = trouble
        rhythms = (2 * HOUR, 8 * HOUR, DAY, DAY, 7 * DAY)
        self.shows = [Show(n, rhythms[n % 5], random.Random(f"{seed} {n}")) for n in range(feeds)]
        for show in self.shows:
            show.published_at = now() - 10 * show.every
        self.answers: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="flaky feeds", daemon=True)
        self.port = 0

    def __enter__(self) -> FlakyFeeds:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def url(self, feed: int) -> str:
        return f"http://127.0.0.{feed % 100 + 1}:{self.port}/{feed}/0.xml"

    def heal(self) -> None:
        self._trouble = 0.0
        for show in self.shows:
            show.gone_until = 0.0

    def true_links(self) -> list[str]:
        return [f"https://true.example/{show.number}/{item.number}" for show in self.shows for item in show.items]

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._client, "0.0.0.0", 0))
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                more = await self._answer(head.decode("latin-1"), writer)
                await writer.drain()
                if not more:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        asked = re.match(r"GET /(\d+)/(\d+)\.xml", head)
        assert asked, head
        show = self.shows[int(asked[1])]
        show.live_until(self._now())
        kind = self._kind(show, int(asked[2]))
        self.answers[kind] = self.answers.get(kind, 0) + 1
        if kind == "silent":
            await asyncio.sleep(30.0)
            return False
        known = re.search(r"^if-none-match: (\S+)\r$", head, re.IGNORECASE | re.MULTILINE)
        writer.write(self._response(kind, show, known[1] if known else ""))
        return kind != "half"

    def _kind(self, show: Show, generation: int) -> str:
        if generation < show.generation:
            return "moved"
        if self._now() < show.gone_until:
            return "gone"
        if self._random.random() >= self._trouble:
            return "fine" if self._random.random() < 0.9 else "no etag"
        drawn = self._random.choice((*BAD_DAYS, "moved", "gone"))
        if drawn == "moved":
            show.generation += 1
        if drawn == "gone":
            show.gone_until = self._now() + self._random.randrange(1, 6) * HOUR
        return drawn

    def _response(self, kind: str, show: Show, known: str) -> bytes:
        body = show.body()
        etag = f'"{show.generation}-{hash(body)}"'
        match kind:
            case "fine" if known == etag:
                return _http(304, b"", ETag=etag)
            case "fine":
                return _http(200, body, ETag=etag)
            case "no etag":
                return _http(200, body, Cache_Control="max-age=60")
            case "error" | "unavailable" | "gone":
                return _http({"error": 500, "unavailable": 503, "gone": 410}[kind], b"no")
            case "busy":
                return _http(429, b"later", Retry_After="2700")
            case "page":
                return _http(200, b"<!DOCTYPE html><title>Sign in</title><p>Please sign in.", Content_Type="text/html")
            case "empty":
                return _http(200, b"")
            case "broken":
                return _http(200, b"<rss version='2.0'><channel></rss" + body[:20])
            case "half":
                return _http(200, body)[: -len(body) // 2]
            case _:
                return _http(301, b"", Location=f"/{show.number}/{show.generation}.xml")


def _http(status: int, body: bytes, **headers: str) -> bytes:
    rows = {"Content-Type": "application/rss+xml"} | {k.replace("_", "-"): v for k, v in headers.items()}
    length = "" if status == 304 else f"Content-Length: {len(body)}\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
    return f"HTTP/1.1 {status} X\r\n{lines}{length}\r\n".encode() + body
