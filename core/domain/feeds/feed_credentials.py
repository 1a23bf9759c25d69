"""Hold a private feed's credentials, and restrict the hosts that may get them.

    form, API, user:password@ in an address ─▶ FeedCredentials.of ─▶ checked ─▶ sealed beside the feed
    a request, hop by hop ─▶ covers(url)? ─▶ headers_for(url)     another host, or https become http ─▶ nothing

Nothing here shows a secret: `repr` names the kind alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from core.errors import BadAccess

MOST_HEADERS = 10
MOST_HOSTS = 20
LONGEST = 4000
PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?", re.IGNORECASE)
# Headers of the request itself: a feed's own header must not change the request, or how the answer is read.
RESERVED = frozenset(
    [
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ]
)


# User agents for feeds whose server turns programs away: the first says who we are and that we are no browser, the others are
# those that many servers admit exclusively.
AGENTS = (
    "Mozilla/5.0 (compatible; CastMind/0.1; podcast client)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "AppleCoreMedia/1.0.0.22A3354 (iPhone; U; CPU OS 18_0 like Mac OS X; en_us)",
)


class CredentialsKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 (a kind, no password)
    TOKEN = "token"  # noqa: S105
    HEADERS = "headers"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, repr=False)
class FeedCredentials:
    """Credentials for `origin` (scheme, host and port of the feed) and for `hosts` (`name` or `name:port`) alone.

    `user_agent` is no secret: it goes along to every host that a request is sent on to.
    """

    origin: str
    user: str = ""
    password: str = ""
    token: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    user_agent: str = ""
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        url: str,
        *,
        user: str = "",
        password: str = "",
        token: str = "",
        headers: Mapping[str, str] | None = None,
        user_agent: str = "",
        hosts: Iterable[str] = (),
    ) -> FeedCredentials:
        """Return the credentials for the feed at `url`. Raises BadAccess for values that no request can carry."""
        made = cls(
            origin_of(url),
            user,
            password,
            token.strip().removeprefix("Bearer ").strip(),
            tuple((name.strip(), value.strip()) for name, value in (headers or {}).items() if name.strip()),
            user_agent.strip(),
            tuple(dict.fromkeys(host.strip().lower().rstrip("/") for host in hosts if host.strip())),
        )
        made._check()
        return made

    def __repr__(self) -> str:
        return f"FeedCredentials({self.kind or 'nothing'})"

    @property
    def kind(self) -> CredentialsKind | None:
        """Return the kind; None if there are no credentials."""
        if self.user or self.password:
            return CredentialsKind.PASSWORD
        if self.token:
            return CredentialsKind.TOKEN
        if self.headers:
            return CredentialsKind.HEADERS
        return CredentialsKind.AGENT if self.user_agent else None

    @property
    def masked_user(self) -> str:
        """The user as pages and answers may show it: enough to recognise one's own."""
        return f"{self.user[:2]}…" if len(self.user) > 4 else "…" * bool(self.user)

    def covers(self, url: str) -> bool:
        """Return whether the credentials are meant for this address."""
        scheme, host, port = _parts(url)
        own_scheme, own_host, own_port = _parts(self.origin)
        if scheme not in (own_scheme, "https"):
            return False
        if (host, port) == (own_host, own_port) and scheme == own_scheme:
            return True
        # The same host, but safer: http that became https at the usual ports.
        if host == own_host and own_port == PORTS[own_scheme] and port == PORTS[scheme]:
            return True
        return any(_parts(f"{scheme}://{named}")[1:] == (host, port) for named in self.hosts)

    def headers_for(self, url: str) -> dict[str, str]:
        """Return the headers of a request to `url`; none where it is not covered."""
        if not self.covers(url):
            return {}
        made = dict(self.headers)
        if self.token:
            made["Authorization"] = f"Bearer {self.token}"
        elif self.user or self.password:
            made["Authorization"] = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return made

    def completed(self, before: FeedCredentials | None) -> FeedCredentials:
        """Return the credentials with the secrets of `before` where a change left them out: an edited form does not show them.

        Not once the feed lives elsewhere: nobody has said that they are meant for that host.
        """
        if before is None or before.origin != self.origin:
            return self
        known = {name.lower(): value for name, value in before.headers}
        kept = tuple((name, value or known.get(name.lower(), "")) for name, value in self.headers)
        password = before.password if self.user and self.user == before.user and not self.password else self.password
        token = self.token if self.user or self.password else self.token or before.token
        return replace(self, password=password, token=token, headers=kept)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> FeedCredentials:
        headers = tuple((str(name), str(value)) for name, value in stored.get("headers", ()))
        return cls(**{**stored, "headers": headers, "hosts": tuple(stored.get("hosts", ()))})

    def _check(self) -> None:
        if self.token and (self.user or self.password):
            raise BadAccess("A feed takes a user and password, or a token, not both. Nothing was changed.", case="both")
        if ":" in self.user:
            raise BadAccess("A user name cannot hold a colon. Nothing was changed.", case="colon")
        said = [self.user, self.password, self.token, self.user_agent, *(value for _, value in self.headers)]
        if any(_CONTROL.search(text) or len(text) > LONGEST for text in said):
            raise BadAccess(
                "A password, token or header is too long or holds a control character. Nothing was changed.",
                case="unsendable",
                most=LONGEST,
            )
        if not all(text.isascii() for text in (self.token, self.user_agent, *(value for _, value in self.headers))):
            raise BadAccess("A token, a header or a user agent is made of ASCII characters. Nothing was changed.", case="ascii")
        self._check_headers()
        if len(self.hosts) > MOST_HOSTS or not all(_is_host(host) for host in self.hosts):
            raise BadAccess(
                "Hosts are named like media.example.com or media.example.com:8443. Nothing was changed.",
                case="hosts",
                most=MOST_HOSTS,
            )

    def _check_headers(self) -> None:
        names = [name.lower() for name, _ in self.headers]
        if len(names) > MOST_HEADERS or len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
            raise BadAccess(
                f"At most {MOST_HEADERS} headers, each with a name of its own. Nothing was changed.",
                case="headers",
                most=MOST_HEADERS,
            )
        taken = RESERVED | ({"authorization"} if self.token or self.user or self.password else set())
        if refused := sorted(taken.intersection(names)):
            raise BadAccess(
                f"The header {refused[0]} cannot be set for a feed. Nothing was changed.", case="header", name=refused[0]
            )


def origin_of(url: str) -> str:
    """Return `scheme://host:port` in lower case. Raises BadAccess for an address that is not http or https."""
    scheme, host, port = _parts(url)
    if scheme not in PORTS or not host:
        raise BadAccess("Only http and https addresses have credentials. Nothing was changed.", case="no_address")
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def without_user(url: str) -> tuple[str, str, str]:
    """Return the address without its user part, and the user and password, decoded."""
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return url, "", ""
    if user is None:
        return url, "", ""
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, unquote(user), unquote(password or "")


def _parts(url: str) -> tuple[str, str, int]:
    """Return (scheme, host, port), a host that cannot be read as ""."""
    try:
        parts = urlsplit(url.strip())
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(scheme, 0)
    except ValueError:
        return "", "", 0


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and (found[1] is None or 0 < int(found[1]) < 65536)


def next_agent(agent: str) -> str:
    """Return the user agent to try after this one; after the last it is our own again, which is ""."""
    names = ("", *AGENTS)
    return names[(names.index(agent) + 1) % len(names)] if agent in names else AGENTS[0]


def typed_headers(text: str) -> dict[str, str]:
    """Parse headers as a person types them, `Name: value` one a line. Raises BadAccess."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise BadAccess(
                "A header is a line of its own: its name, a colon, its value. Nothing was changed.", case="header_form"
            )
        if line.strip():
            found[name.strip()] = value.strip()
    return found


def nothing_entered() -> BadAccess:
    return BadAccess("Nothing was entered. Nothing was changed.", case="empty")
