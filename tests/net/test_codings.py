import gzip
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import DownloadFailed, TooLarge
from core.net.codings import DECODED_BLOCK, named, undone
from core.net.web import Fetcher

BODY = (
    b"<?xml version='1.0'?><rss><channel>"
    + b"".join(b"<item><guid>%d</guid></item>" % n for n in range(4000))
    + b"</channel></rss>"
)


def raw(body: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return made.compress(body) + made.flush()


HALVES = gzip.compress(BODY[:5000]) + gzip.compress(BODY[5000:])
THIRDS = gzip.compress(BODY[:1]) + gzip.compress(b"") + gzip.compress(BODY[1:])

CASES = [
    ("none", BODY),
    ("UTF-8", BODY),
    ("binary", BODY),
    ("", BODY),
    ("8bit, identity", BODY),
    ("text/xml", BODY),
    ("GZip", gzip.compress(BODY)),
    ("x-gzip", gzip.compress(BODY)),
    ('"gzip"', gzip.compress(BODY)),
    ("gzip", HALVES),
    ("gzip", THIRDS),
    ("gzip", gzip.compress(BODY) + bytes(700)),
    ("gzip", BODY),
    ("gzip", BODY[:300]),
    ("gzip", zlib.compress(BODY)),
    ("deflate", zlib.compress(BODY)),
    ("deflate", raw(BODY)),
    ("Deflate", gzip.compress(BODY)),
    ("deflate", BODY),
    ("identity, gzip", gzip.compress(BODY)),
    ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
    ("deflate, gzip", gzip.compress(raw(BODY))),
    ("gzip, deflate, utf-8", zlib.compress(gzip.compress(BODY))),
]


@contextmanager
def served(header: str, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", header)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/feed"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("header", "sent"), CASES)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_body_is_read_whatever_its_coding_is_called(header: str, sent: bytes, size: int) -> None:
    blocks = iter([sent[at : at + size] for at in range(0, len(sent), size)])
    assert b"".join(undone(blocks, named(header), "https://a.example/")) in (BODY, BODY[:300])


@pytest.mark.parametrize(("header", "sent"), [("none", BODY), ("GZIP", HALVES), ("deflate", raw(BODY))])
def test_over_http(header: str, sent: bytes, fetcher: Fetcher) -> None:
    with served(header, sent) as url, fetcher.open(url) as answer:
        assert answer.read(1_000_000) == BODY
        assert (answer.length is None) == (header != "none")


@pytest.mark.parametrize("header", ["br", "zstd", "gzip, BR", "compress", "gzip, gzip, gzip, gzip, gzip"])
def test_what_cannot_be_read_is_refused_by_name(header: str, fetcher: Fetcher) -> None:
    with served(header, BODY) as url, fetcher.open(url) as answer, pytest.raises(DownloadFailed, match=r"not asked for"):
        answer.read(1_000_000)


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("gzip", gzip.compress(BODY)[:-9]),
        ("gzip", gzip.compress(BODY) + gzip.compress(BODY)[:40]),
        ("deflate", zlib.compress(BODY)[:-9]),
        ("deflate", raw(BODY)[:-9]),
        ("gzip", gzip.compress(BODY)[:600] + bytes(range(256)) * 4),
    ],
)
def test_a_body_cut_off_or_damaged_is_a_failure(header: str, sent: bytes) -> None:
    with pytest.raises(DownloadFailed):
        b"".join(undone(iter([sent]), named(header), "https://a.example/"))


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("gzip", gzip.compress(bytes(3_000_000)) * 10),
        ("deflate", raw(bytes(30_000_000))),
        ("deflate", zlib.compress(bytes(30_000_000))),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(30_000_000)))),
    ],
)
def test_bombs_unfold_in_bounded_steps(header: str, sent: bytes, fetcher: Fetcher) -> None:
    sizes = [len(block) for block in undone(iter([sent]), named(header), "https://a.example/")]
    assert sum(sizes) == 30_000_000 and max(sizes) <= DECODED_BLOCK
    with served(header, sent) as url, fetcher.open(url) as answer, pytest.raises(TooLarge):
        answer.read(1_000_000)
