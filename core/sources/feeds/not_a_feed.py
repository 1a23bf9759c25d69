"""Explain a response that is no feed, in a message that a person can act on.

body ─▶ a web page ─▶ the feeds that it declares (rel=alternate) ─▶ NotAFeed, with their URLs
    └─▶ anything else ─▶ NotAFeed, which names the kind of file
"""

from __future__ import annotations

from itertools import islice

from core.domain.feeds.feed_address import shown
from core.errors import NotAFeed
from core.sources.discovery import declared
from core.sources.encodings import decoded
from core.sources.feeds.fetch import FetchedFeed
from core.sources.media.sniff import HEAD, sniff

MOST_OFFERED = 5
MOST_READ = 1_000_000
_KINDS = {
    "text/plain": "text",
    "application/xml": "XML of another kind",
    "application/pdf": "a PDF document",
    "application/zip": "an archive",
    "application/vnd.apple.mpegurl": "a playlist",
}


def instead_of_feed(got: FetchedFeed) -> NotAFeed:
    """Return the error for a response that is no feed. For a web page, `params["feeds"]` holds its feed URLs, space-separated."""
    where, head = shown(got.url), got.body[:HEAD]
    kind = sniff(head)
    # A page may start with something other than an HTML tag.
    if kind == "text/html" or (kind != "application/json" and b"<html" in got.body[:20_000].lower()):
        found = list(islice(dict.fromkeys(declared(decoded(got.body[:MOST_READ]), got.url)), MOST_OFFERED))
        more = (
            f" The page names {'a feed' if len(found) == 1 else f'{len(found)} feeds'}: {', '.join(map(shown, found))}."
            if found
            else " Look for the address named RSS on it; a network that asks to sign in answers so, too."
        )
        return NotAFeed(
            f"{where} answers, but not with a podcast feed: with a web page. What was there is kept.{more}", feeds=" ".join(found)
        )
    what = "nothing" if not head.strip() else _kind_of(kind)
    return NotAFeed(
        f"{where} answers, but not with a podcast feed: it sent {what}. What was there is kept. Look for the address named RSS "
        "on the podcast's page."
    )


def _kind_of(kind: str | None) -> str:
    if kind is None:
        return "something that cannot be read as one"
    if kind in _KINDS:
        return _KINDS[kind]
    general = kind.partition("/")[0]
    return {"image": "a picture", "audio": "audio", "video": "a video"}.get(general, f"a file of type {kind}")
