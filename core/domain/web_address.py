"""Whether a text is an address of the web, and what is wrong with one that is not.

text ─▶ check ─┬─ http or https, a host, a port that exists ─▶ nothing
               └─ BadAddress with its `case`: empty, spaces, scheme, file, no_scheme, no_host, port, long
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from core.domain.feeds.feed_address import shown
from core.errors import BadAddress

SCHEMES = ("http", "https")
# As much as browsers and servers take.
LONGEST = 8000

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_DETAILS = {
    "empty": "There is no address. Type or paste one.",
    "long": "The address has more than {most} characters, which no server takes. Check it.",
    "spaces": "Only http and https addresses can be fetched, and “{said}” is not one: it has spaces. Check the address.",
    "file": "Only http and https addresses can be fetched. A file of this computer is brought in as an upload.",
    "scheme": "Only http and https addresses can be fetched, not {scheme} addresses. Check the address and try again.",
    "no_scheme": "Only http and https addresses can be fetched, and “{said}” is not one. Check the address and try again.",
    "port": "Only http and https addresses can be fetched, and the port of {said} does not exist: ports go from 1 to 65535.",
    "no_host": "Only http and https addresses can be fetched, and {said} names no host. Check the address and try again.",
}


def check(url: str) -> None:
    """Raise BadAddress unless the text is an http or https address with a host."""
    text = url.strip()
    case = _fault(text)
    if case:
        scheme = _SCHEME.match(text)
        params = {"said": shown(text)[:80], "scheme": scheme[1].lower()[:20] if scheme else "", "most": LONGEST}
        used = {name: value for name, value in params.items() if f"{{{name}}}" in _DETAILS[case]}
        raise BadAddress(_DETAILS[case].format(**used), case=case, **used)


def _fault(text: str) -> str:
    if not text:
        return "empty"
    if len(text) > LONGEST:
        return "long"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "no_host"
    if parts.scheme.lower() not in SCHEMES:
        return _no_web_scheme(text, parts)
    if any(letter.isspace() for letter in parts.netloc):
        return "spaces"
    return _no_place(parts)


def _no_web_scheme(text: str, parts: SplitResult) -> str:
    if re.search(r"\s", text):
        return "spaces"
    if parts.scheme.lower() == "file" or re.match(r"[a-z]:[\\/]|~|/(?!/)", text, re.IGNORECASE):
        return "file"
    # `nas:8000/feed` is a host with a port, though it parses as a scheme.
    named = parts.scheme and not re.match(r"[^:/]+:\d", text)
    return "scheme" if named else "no_scheme"


def _no_place(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError:
        return "port"
    if port == 0:
        return "port"
    return "" if parts.hostname else "no_host"
