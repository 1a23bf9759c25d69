"""One GET at a time over httpcore, on connections that go through the guard; many threads share them.

    address, headers ─▶ httpx reads the address ─▶ a connection of the pool, or a new one by the guard ─▶ Reply

It follows no redirect, unpacks no coding, tries nothing twice, and knows neither cookies nor proxies: whoever asks decides.
httpx's own client does the same in twice the processor time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpcore
import httpx

# What ends a request early; httpcore's exceptions have no root of their own.
ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class Reply:
    """A response whose body has not been read yet; to be closed."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response
        self.status = response.status
        self.headers = httpx.Headers(response.headers)

    def blocks(self) -> Iterator[bytes]:
        """The body as it travels, in the sizes that arrive. Raises ERRORS."""
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class Client:
    """Safe to use from several threads. `headers` go with every request that does not say otherwise."""

    def __init__(self, backend: httpcore.NetworkBackend, headers: Mapping[str, str]) -> None:
        self._headers = {"Accept": "*/*", "Connection": "keep-alive", **_titled(headers)}
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=backend,
        )

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, headers: Mapping[str, str], *, connect: float, read: float) -> Reply:
        """`connect` and `read` are seconds. Raises httpx.InvalidURL, UnicodeError, ERRORS, and what the guard raises."""
        at = httpx.URL(url)
        said = {"Host": at.netloc.decode("ascii"), **self._headers, **_titled(headers)}
        request = httpcore.Request(
            b"GET",
            httpcore.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path),
            headers=[(name.encode("ascii"), value.encode()) for name, value in said.items()],
            extensions={"timeout": {"connect": connect, "read": read, "write": read, "pool": read}},
        )
        return Reply(self._pool.handle_request(request))


def _titled(headers: Mapping[str, str]) -> dict[str, str]:
    """Each name once, however it is spelt."""
    return {name.title(): value for name, value in headers.items()}
