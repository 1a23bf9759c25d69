"""Parse a feed's address as a person gives it, and find the secrets in it.

pasted text ─▶ typed ─▶ an address ─▶ private ─▶ the address without user and password, and these as credentials
an address ─▶ carries_key ─▶ whether it is one listener's own
two of them ─▶ leads_elsewhere ─▶ whether a feed at the one moves when it names the other
"""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

from core.domain.feeds.feed_credentials import PORTS, FeedCredentials, without_user

_BARE = re.compile(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?]|$)")
_KEY_NAMES = frozenset(
    [
        "key",
        "apikey",
        "api_key",
        "token",
        "auth",
        "auth_token",
        "access_token",
        "secret",
        "sig",
        "signature",
        "password",
        "pass",
        "pw",
        "user",
        "uid",
        "uuid",
        "hash",
        "code",
    ]
)


def typed(url: str) -> str:
    """Return an address as people paste it: feed:// and the like stand for https, and so does no scheme at all."""
    text = url.strip().partition("#")[0]
    text = re.sub(r"^(?:feed|pcast|itpc|podcast):(?=https?://)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(?:feed|pcast|itpc|podcast)://", "https://", text, flags=re.IGNORECASE)
    return f"https://{text}" if _BARE.match(text) else text


def private(address: str, credentials: FeedCredentials | None) -> tuple[str, FeedCredentials | None]:
    """Return the address without the user and password that it may hold; they become the credentials, unless one is given."""
    bare, user, password = without_user(address)
    return bare, credentials or (FeedCredentials.of(bare, user=user, password=password) if user or password else None)


def leads_elsewhere(here: str, there: str) -> bool:
    """Return whether the two name different places. From http to https is the same place, the way back is not."""
    before, after = _place(here), _place(there)
    return before != after or (here.lower().startswith("http:") and there.lower().startswith("https:"))


def _place(url: str) -> tuple[object, ...]:
    """Return the normalised place of an address, without scheme, fragment and spelling."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port if parts.port != PORTS.get(parts.scheme.lower()) else None
        return (parts.hostname or "").rstrip("."), port, unquote(parts.path) or "/", parts.query
    except ValueError:
        return (url,)


def carries_key(url: str) -> bool:
    """Return whether the address looks like one listener's own, so that anyone with it listens as that listener.

    A password or a telling parameter in it, or a piece so long and mixed that nobody chose it as a name.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    if parts.password or parts.username:
        return True
    named = parse_qsl(parts.query, keep_blank_values=False)
    pieces = [*parts.path.split("/"), *(value for _, value in named)]
    return any(name.lower() in _KEY_NAMES for name, _ in named) or any(_looks_drawn(piece) for piece in pieces)


def _looks_drawn(piece: str) -> bool:
    """Return whether at least 20 letters and digits in a row change often between the two: no word, date or number."""
    stem = piece.rpartition(".")[0] or piece
    runs = [run for run in stem.replace("_", "-").split("-") if len(run) >= 20 and run.isalnum()]
    return any(sum(a.isdigit() != b.isdigit() for a, b in pairwise(run)) >= 4 for run in runs)


_KEY = re.compile(r"[\w-]{20,}", re.ASCII)


def shown(url: str) -> str:
    """Return the URL as errors and logs may show it, without possible secrets: user, password, query, fragment, and parts of
    the path that look like a key."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return url.partition(":")[0][:20] + ":…"
    if not host:
        return re.split(r"[?#]", url)[0].rpartition("@")[2][:200]
    path = "/".join("…" if looks_like_key(piece) else piece for piece in parts.path.split("/"))
    return f"{parts.scheme}://{host}{path}"[:200]


def looks_like_key(piece: str) -> bool:
    """Return whether it is long, of letters and digits mixed, and not words joined by hyphens, as names of episodes are."""
    if not _KEY.fullmatch(piece):
        return False
    words = [word for word in re.split(r"[-_]", piece) if len(word) > 2 and word.isalpha()]
    return len(words) < 2 and sum(c.isdigit() for c in piece) > 3 and sum(c.isalpha() for c in piece) > 3
