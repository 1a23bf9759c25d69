"""A podcast host over real HTTP on loopback, which can misbehave.

    /feed.xml              a feed of the demo samples, with ETag and Last-Modified
    /audio/<sample>        a sample, with ETag, Last-Modified and Range
    /as/<mode>/<path>      the same, always misbehaving that way (see Mode)

`host.play(path, Mode.BREAK, …)` makes the next requests for a path misbehave, one mode each; later ones succeed again.
`python -m tests.fakes.podcast_host --port 8600` serves it for manual tests.
"""

from __future__ import annotations

import argparse
import email.utils
import hashlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

SAMPLES = Path(__file__).resolve().parents[2] / "demo" / "samples"
TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".xml": "application/rss+xml"}
START = 1_750_000_000.0  # when the newest sample was published, Unix seconds
DAY = 86400.0


class Mode(StrEnum):
    OK = "ok"
    BREAK = "break"  # half of the body, then the connection ends
    TOO_SHORT = "too_short"  # Content-Length exceeds the body, and the connection ends cleanly
    NO_LENGTH = "no_length"  # no Content-Length: the end of the connection is the end of the file
    IGNORE_RANGE = "ignore_range"  # always 200 with the whole file
    WRONG_RANGE = "wrong_range"  # 206 for another range than requested
    CHANGED = "changed"  # another version of the file, with another ETag
    CHANGED_BREAK = "changed_break"
    WEAK = "weak"  # only a weak ETag
    HTML = "html"  # a web page with status 200 and an audio type
    PLAYLIST = "playlist"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    ERROR = "error"
    BUSY = "busy"  # 503 with Retry-After: 7
    TOO_MANY = "too_many"  # 429 with Retry-After as a date
    UNAVAILABLE = "unavailable"  # 503 without Retry-After
    STALL = "stall"  # headers, a little of the body, then silence until the host stops
    SILENT = "silent"  # not even headers
    NOT_MODIFIED = "not_modified"  # 304, whatever was asked
    DRIP = "drip"  # a byte every 50 ms
    ENDLESS = "endless"
    GZIP = "gzip"
    GZIP_BOMB = "gzip_bomb"  # 100 MB of spaces in 100 kB
    MOVED = "moved"  # 301 to the path without /as/moved
    FOUND = "found"  # 302 to the same
    TO_PRIVATE = "to_private"  # 302 to http://169.254.169.254/
    TO_FILE = "to_file"  # 302 to file:///etc/passwd
    LOOP = "loop"  # 302 to itself
    COOKIE = "cookie"  # 302 to itself until it is told the cookie that it sets


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass
class Item:
    """One item of the feed; `extra` is XML inserted unchanged."""

    guid: str | None
    title: str
    file: str
    published: float
    duration: str = ""
    description: str = ""
    url: str | None = None
    extra: str = ""


@dataclass
class _State:
    items: list[Item]
    files: dict[str, bytes]
    modified: float = START
    feed_text: bytes | None = None
    feed_headers: dict[str, str] = field(default_factory=dict)
    channel_extra: str = ""
    redirects: dict[str, str] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    wanted: tuple[str, str, int] | None = None
    modes: dict[str, deque[Mode]] = field(default_factory=lambda: defaultdict(deque))
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)


def _samples() -> list[Item]:
    rows = [
        ("en_episode.mp3", "The long English episode", "2:59"),
        ("zh_episode.mp3", "中文节目 第一期", "00:00:58"),
        ("en_meeting.m4a", "A meeting &amp; its decisions", "59"),
        ("mixed_noise.ogg", "Two languages in a noisy room", "0:59"),
        ("en_short.wav", "Five seconds", "5"),
    ]
    return [
        Item(f"castmind-demo-{name}", title, name, START - i * DAY, duration, f"<p>Sample <b>{name}</b></p>")
        for i, (name, title, duration) in enumerate(rows)
    ]


class PodcastHost:
    """The host; use it as a context manager, or call `start()` and `stop()`."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        files = {p.name: p.read_bytes() for p in SAMPLES.iterdir() if p.suffix in TYPES}
        self._state = _State(_samples(), files)
        self._server = _Server((host, port), _handler(self))
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.05), name="podcast host", daemon=True)

    def start(self) -> PodcastHost:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._state.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> PodcastHost:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    @property
    def feed_url(self) -> str:
        return f"{self.url}/feed.xml"

    def audio_url(self, name: str, mode: Mode = Mode.OK) -> str:
        return f"{self.url}/as/{mode}/audio/{name}" if mode is not Mode.OK else f"{self.url}/audio/{name}"

    @property
    def files(self) -> dict[str, bytes]:
        """The served files by name; tests add their own."""
        return self._state.files

    @property
    def items(self) -> list[Item]:
        """The feed's items, newest first. After a change call `touch()`."""
        return self._state.items

    def publish(self, file: str, title: str, *, guid: str | None = None, data: bytes | None = None, **more: Any) -> Item:
        """Add a new item at the top of the feed, a day after the last."""
        if data is not None:
            self._state.files[file] = data
        published = max((i.published for i in self._state.items), default=START) + DAY
        item = Item(guid if guid is not None else f"guid-{file}-{title}", title, file, more.pop("published", published), **more)
        self._state.items.insert(0, item)
        self.touch()
        return item

    def touch(self) -> None:
        """Set a new Last-Modified for the feed; its ETag follows the content."""
        self._state.modified += 60.0

    def serve_feed(self, body: bytes | str | None, **headers: str) -> None:
        """Serve this instead of the built feed (None: the built one again). `content_type="…"` becomes Content-Type."""
        self._state.feed_text = body.encode() if isinstance(body, str) else body
        self._state.feed_headers = {k.replace("_", "-").title(): v for k, v in headers.items()}
        self.touch()

    def channel_says(self, xml: str) -> None:
        """Insert XML into the built feed's channel, unchanged."""
        self._state.channel_extra = xml
        self.touch()

    def feed_headers(self, **headers: str) -> None:
        self._state.feed_headers = {k.replace("_", "-").title(): v for k, v in headers.items()}

    def play(self, path: str, *modes: Mode) -> None:
        """Answer the next requests for `path` (such as /audio/en_short.wav) in these modes, one each."""
        with self._state.lock:
            self._state.modes[path].extend(modes)

    @property
    def redirects(self) -> dict[str, str]:
        """Temporary redirects (302): path → target URL."""
        return self._state.redirects

    @property
    def moves(self) -> dict[str, str]:
        """Permanent redirects (301): path → target URL."""
        return self._state.moves

    def ask_for(self, header: str, value: str, *, status: int = 401) -> None:
        """From now on answer requests without this header with this status."""
        self._state.wanted = (header, value, status)

    def calm(self) -> None:
        """Forget modes that were not used yet."""
        with self._state.lock:
            self._state.modes.clear()

    def requests(self, path: str | None = None) -> list[Request]:
        """Return the received requests in order, of one path or of all."""
        with self._state.lock:
            return [r for r in self._state.requests if path in (None, r.path)]

    def feed(self) -> bytes:
        if self._state.feed_text is not None:
            return self._state.feed_text
        items = "".join(self._item(i) for i in self._state.items)
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>CastMind samples</title><link>{self.url}/</link><description>What the demo model understands</description>
<language>en</language><itunes:author>The demo grammar</itunes:author><itunes:image href="{self.url}/cover.png"/>
{self._state.channel_extra}{items}</channel></rss>""".encode()

    def _item(self, item: Item) -> str:
        url = item.url or f"{self.url}/audio/{item.file}"
        size = len(self._state.files.get(item.file, b""))
        kind = TYPES.get(Path(item.file).suffix, "audio/mpeg")
        guid = f'<guid isPermaLink="false">{escape(item.guid)}</guid>' if item.guid else ""
        return (
            f"<item><title>{item.title}</title>{guid}<pubDate>{email.utils.formatdate(item.published)}</pubDate>"
            f"<enclosure url={quoteattr(url)} length='{size}' type='{kind}'/>"
            f"<itunes:duration>{item.duration}</itunes:duration><description>{escape(item.description)}</description>"
            f"{item.extra}</item>\n"
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect: tests do that often."""


def _handler(host: PodcastHost) -> type[BaseHTTPRequestHandler]:
    state = host._state

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            path, mode = self._mode()
            if state.wanted and self.headers.get(state.wanted[0]) != state.wanted[1]:
                self._whole(state.wanted[2], b"who are you?", WWW_Authenticate='Basic realm="podcasts"')
                return
            if path in state.moves:
                self._redirect(301, state.moves[path])
                return
            if path in state.redirects:
                self._redirect(302, state.redirects[path])
                return
            special = getattr(self, f"_{mode}", None)
            if special is not None:
                special(path)
            else:
                self._serve(path, mode)

        def _mode(self) -> tuple[str, Mode]:
            path = self.path.partition("?")[0]
            with state.lock:
                if state.modes[path]:
                    return path, state.modes[path].popleft()
            if path.startswith("/as/"):
                _, _, mode, rest = path.split("/", 3)
                return "/" + rest, Mode(mode)
            return path, Mode.OK

        def _head(self, status: int, headers: Mapping[str, str]) -> None:
            with state.lock:
                state.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _whole(self, status: int, body: bytes, **headers: str) -> None:
            self._head(status, {"Content-Length": str(len(body))} | {k.replace("_", "-"): v for k, v in headers.items()})
            self.wfile.write(body)

        def _end(self) -> None:
            self.close_connection = True

        def _body(self, path: str) -> tuple[bytes, dict[str, str]] | None:
            if path == "/feed.xml":
                headers = {"Content-Type": "application/rss+xml"} | state.feed_headers
                return host.feed(), headers | {"Last-Modified": email.utils.formatdate(state.modified, usegmt=True)}
            name = path.removeprefix("/audio/")
            if name not in state.files:
                return None
            headers = {"Content-Type": TYPES.get(Path(name).suffix, "audio/mpeg"), "Accept-Ranges": "bytes"}
            return state.files[name], headers | {"Last-Modified": email.utils.formatdate(START, usegmt=True)}

        def _serve(self, path: str, mode: Mode) -> None:
            found = self._body(path)
            if found is None:
                self._not_found(path)
                return
            body, headers = found
            if mode in (Mode.CHANGED, Mode.CHANGED_BREAK):
                body = body[: len(body) // 2] + body[: len(body) // 3]
                headers["Last-Modified"] = email.utils.formatdate(START + 5, usegmt=True)
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            headers["ETag"] = f"W/{etag}" if mode is Mode.WEAK else etag
            if mode is Mode.NOT_MODIFIED or self._unchanged(headers):
                self._head(304, {k: headers[k] for k in ("ETag", "Last-Modified", "Cache-Control") if k in headers})
                return
            self._send(body, headers, mode)

        def _unchanged(self, headers: Mapping[str, str]) -> bool:
            if "If-None-Match" in self.headers:
                return self.headers["If-None-Match"] == headers["ETag"]
            return "If-Modified-Since" in self.headers and self.headers["If-Modified-Since"] == headers["Last-Modified"]

        def _send(self, body: bytes, headers: dict[str, str], mode: Mode) -> None:
            start, status, total = self._range(headers, mode), 200, len(body)
            if start is not None and start >= total:
                self._whole(416, b"", Content_Range=f"bytes */{total}")
                return
            if start is not None:
                start = start + 1 if mode is Mode.WRONG_RANGE else start
                status, headers["Content-Range"] = 206, f"bytes {start}-{total - 1}/{total}"
                body = body[start:]
            if mode is Mode.NO_LENGTH:
                self._head(status, headers | {"Connection": "close"})
                self.wfile.write(body)
                self._end()
                return
            stated = len(body) + (1000 if mode is Mode.TOO_SHORT else 0)
            self._head(status, headers | {"Content-Length": str(stated)})
            if mode in (Mode.BREAK, Mode.CHANGED_BREAK):
                body = body[: len(body) // 2]
            if mode is Mode.STALL:
                body = body[:1000]
            if mode is Mode.DRIP:
                self._drip_out(body)
            else:
                self.wfile.write(body)
            if mode is Mode.STALL:
                state.stopping.wait(60)
            if mode in (Mode.BREAK, Mode.CHANGED_BREAK, Mode.TOO_SHORT, Mode.STALL):
                self._end()

        def _range(self, headers: Mapping[str, str], mode: Mode) -> int | None:
            asked = self.headers.get("Range", "")
            if mode is Mode.IGNORE_RANGE or not asked.startswith("bytes="):
                return None
            if self.headers.get("If-Range") not in (None, headers["ETag"], headers["Last-Modified"]):
                return None
            return int(asked[6:].partition("-")[0])

        def _drip_out(self, body: bytes) -> None:
            for i in range(len(body)):
                self.wfile.write(body[i : i + 1])
                self.wfile.flush()
                if state.stopping.wait(0.05):
                    return

        def _html(self, path: str) -> None:
            page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>" * 60
            self._whole(200, page, Content_Type="audio/mpeg")

        def _playlist(self, path: str) -> None:
            text = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n"
            self._whole(200, text, Content_Type="audio/mpeg")

        def _empty(self, path: str) -> None:
            self._whole(200, b"", Content_Type="audio/mpeg")

        def _not_found(self, path: str) -> None:
            self._whole(404, b"not here")

        def _gone(self, path: str) -> None:
            self._whole(410, b"gone")

        def _forbidden(self, path: str) -> None:
            self._whole(403, b"no")

        def _error(self, path: str) -> None:
            self._whole(500, b"oops")

        def _busy(self, path: str) -> None:
            self._whole(503, b"later", Retry_After="7")

        def _too_many(self, path: str) -> None:
            self._whole(429, b"later", Retry_After=email.utils.formatdate(time.time() + 3600, usegmt=True))

        def _unavailable(self, path: str) -> None:
            self._whole(503, b"later")

        def _silent(self, path: str) -> None:
            with state.lock:
                state.requests.append(Request(self.path, {}, 0))
            state.stopping.wait(60)
            self._end()

        def _endless(self, path: str) -> None:
            self._head(200, {"Content-Type": "audio/mpeg", "Connection": "close"})
            block = (state.files["en_episode.mp3"] * 2)[: 1 << 20]
            while not state.stopping.is_set():
                self.wfile.write(block)
            self._end()

        def _gzip(self, path: str) -> None:
            import gzip

            found = self._body(path)
            assert found is not None
            self._whole(200, gzip.compress(found[0]), Content_Encoding="gzip", Content_Type="application/rss+xml")

        def _gzip_bomb(self, path: str) -> None:
            import gzip

            self._whole(200, gzip.compress(b" " * 100_000_000), Content_Encoding="gzip", Content_Type="application/rss+xml")

        def _redirect(self, status: int, target: str) -> None:
            self._whole(status, b"", Location=target)

        def _moved(self, path: str) -> None:
            self._redirect(301, path)

        def _found(self, path: str) -> None:
            self._redirect(302, path)

        def _to_private(self, path: str) -> None:
            self._redirect(302, "http://169.254.169.254/latest/meta-data/")

        def _to_file(self, path: str) -> None:
            self._redirect(302, "file:///etc/passwd")

        def _loop(self, path: str) -> None:
            self._redirect(302, self.path)

        def _cookie(self, path: str) -> None:
            if "seen=yes" not in self.headers.get("Cookie", ""):
                self._whole(302, b"", Location=self.path, Set_Cookie="seen=yes; Path=/; Max-Age=86400")
                return
            found = self._body(path)
            assert found is not None
            self._whole(200, found[0], Content_Type="application/rss+xml")

    return Handler


@contextmanager
def podcast_host(port: int = 0) -> Iterator[PodcastHost]:
    with PodcastHost(port) as host:
        yield host


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves a podcast feed of the demo samples.")
    parser.add_argument("--port", type=int, default=0)
    host = PodcastHost(parser.parse_args().port)
    print(host.feed_url, flush=True)
    host.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        host.stop()


if __name__ == "__main__":
    main()
