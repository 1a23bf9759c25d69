"""Show an address without what opens it, and take it out of what other programs say.

ntfys://tk_secret@ntfy.example/alerts ─▶ ntfys://ntfy.example/…        tgram://123:ABC/42 ─▶ tgram://…
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from core.domain.notify.schemes import SCHEMES

GONE = "…"
# Shorter parts are words that anything may contain.
LEAST = 5
_PARTS = re.compile(r"[/:@?&=#,]+")


def masked(url: str) -> str:
    """Return scheme and host. The host is left out where a service keeps its keys in that place."""
    scheme, _, rest = url.partition("://")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return f"{scheme}://{GONE}"
    certain = scheme in ("http", "https") or (_is_pair(scheme) and (port or set(host or "") & {".", ":"}))
    if not host or not certain:
        return f"{scheme}://{GONE}"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}{f':{port}' if port else ''}/{GONE}"


def _is_pair(scheme: str) -> bool:
    """Return whether the service may run on a server of one's own: its schemes come in two, without TLS and with it."""
    return f"{scheme}s" in SCHEMES or (scheme.endswith("s") and scheme[:-1] in SCHEMES)


def redacted(text: str, *secrets: str) -> str:
    """Return the text without the addresses, and without any longer part of them but their hosts."""
    hosts = {host for url in secrets if (host := _host(url))}
    parts = {part for url in secrets for spelling in (url, unquote(url)) for part in (spelling, *_PARTS.split(spelling))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= LEAST and part.lower() not in hosts | {"https", "http", "webhook", "webhooks"}:
            text = text.replace(part, GONE)
    return text


def _host(url: str) -> str | None:
    shown = masked(url).partition("://")[2].partition("/")[0]
    return None if shown == GONE else shown.partition(":")[0].lower()
