"""A directory of podcasts over real HTTP on loopback: answers as iTunes and the Podcast Index do; and web pages that offer feeds.

    /search?term=  /lookup?id=      iTunes            /search/byterm?q=   the Podcast Index, which checks key, date and signature
    every other path                `pages`: path ─▶ (type, body)

`python -m tests.fakes.podcast_directory --port 8610 FEED…` serves a directory of these feeds for trying things by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY, SECRET = "the key", "the secret"


class PodcastDirectory:
    """`shows`: (title, author, feed's address, picture's or None). `status` and `body` replace every answer of a directory."""

    def __init__(self, port: int = 0) -> None:
        self.shows: list[tuple[str, str, str, str | None]] = []
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.status = 200
        self.body: bytes | None = None
        self.asked: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> PodcastDirectory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        if path in self.pages:
            return 200, *self.pages[path]
        if path not in ("/search", "/lookup", "/search/byterm"):
            return 404, "text/plain", b"not here"
        self.asked.append((path, query, headers))
        if self.body is not None or self.status != 200:
            return self.status, "application/json", b"{}" if self.body is None else self.body
        if path == "/search/byterm":
            return self._index(query, headers)
        return 200, "text/javascript; charset=utf-8", json.dumps({"results": self._itunes(path, query)}).encode()

    def _itunes(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        rows = [
            {
                "kind": "podcast",
                "collectionId": 1000 + number,
                "collectionName": title,
                "artistName": author,
                "feedUrl": feed,
                "artworkUrl600": picture,
                "collectionViewUrl": f"https://podcasts.apple.com/us/podcast/id{1000 + number}",
                "trackCount": 10 + number,
            }
            for number, (title, author, feed, picture) in enumerate(self.shows)
        ]
        if path == "/lookup":
            return [row for row in rows if str(row["collectionId"]) == query["id"]]
        return [row for row in rows if query["term"].casefold() in str(row["collectionName"]).casefold()]

    def _index(self, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        date = headers.get("x-auth-date", "")
        sign = hashlib.sha1(f"{KEY}{SECRET}{date}".encode()).hexdigest()
        if (headers.get("x-auth-key"), headers.get("authorization")) != (KEY, sign):
            return 401, "application/json", b'{"status": "false"}'
        rows = [
            {"id": n, "title": title, "author": author, "url": feed, "artwork": picture, "episodeCount": 10 + n}
            for n, (title, author, feed, picture) in enumerate(self.shows)
            if query["q"].casefold() in title.casefold()
        ]
        return 200, "application/json", json.dumps({"status": "true", "feeds": rows}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        directory = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, kind, body = directory.answer(parts.path, query, headers)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Log nothing: tests report requests themselves."""

        return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves a directory of podcasts.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("feeds", nargs="*")
    options = parser.parse_args()
    directory = PodcastDirectory(options.port)
    directory.shows = [(f"Show {number}", "Somebody", feed, None) for number, feed in enumerate(options.feeds)]
    print(directory.url, flush=True)
    with directory:
        threading.Event().wait()


if __name__ == "__main__":
    main()
