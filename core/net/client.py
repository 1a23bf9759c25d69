"""HTTP over httpcore, with a connection pool that threads share and that connects through the guard.

    URL, headers ─▶ httpx parses the URL ─▶ a pooled connection, or a new one through the guard ─▶ Reply

The client follows no redirect, decodes no Content-Encoding, retries nothing, and has neither cookies nor proxies: the caller
decides. httpx's own client takes twice the processor time for the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpcore
import httpx

from core.net.tls import tls_context

# The exceptions that end a request early; httpcore's have no common base class.
ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Reply:
    """A response whose body has not been read yet. The caller closes it."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response
        self.status = response.status
        self.headers = httpx.Headers(response.headers)

    def blocks(self) -> Iterator[bytes]:
        """Yield the body still encoded, in blocks of the sizes that arrive. Raises ERRORS."""
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class Client:
    """A thread-safe client. `headers` are sent with each request, unless the request overrides them."""

    def __init__(self, backend: httpcore.NetworkBackend, headers: Mapping[str, str]) -> None:
        self._headers = {"Accept": "*/*", "Connection": "keep-alive", **_titled(headers)}
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, headers: Mapping[str, str], *, connect: float, read: float) -> Reply:
        """Send a GET; see `send`."""
        return self.send("GET", url, headers, None, connect=connect, read=read)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, connect: float, read: float
    ) -> Reply:
        """Send a request; `connect` and `read` are timeouts in seconds.

        Raises httpx.InvalidURL, UnicodeError, ERRORS, and the guard's errors (BadAddress, NetworkUnreachable).
        """
        at = httpx.URL(url)
        said = {"Host": at.netloc.decode("ascii"), **self._headers, **_titled(headers)}
        if body is not None:
            said["Content-Length"] = str(len(body))
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path),
            headers=[(name.encode("ascii"), value.encode()) for name, value in said.items()],
            content=body,
            extensions={"timeout": {"connect": connect, "read": read, "write": read, "pool": read}},
        )
        return Reply(self._pool.handle_request(request))


def _titled(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with names in title case, so that each name occurs once."""
    return {name.title(): value for name, value in headers.items()}
