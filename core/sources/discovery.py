"""Find the feeds of a web page.

    URL ─┬─ a show's page at Apple ─▶ the directory's look-up ─▶ its feed
         └─ fetched ─┬─ a feed itself ─▶ that feed
                     └─ HTML ─▶ <link rel=alternate>, links that look like feeds ─▶ fetched ─▶ those that are feeds
                                └─ none ─▶ common paths of the same host ─▶ fetched; a link to Apple ─▶ looked up

Each result was fetched and parsed: the page's claim is not enough. At most a dozen requests, through the guard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from core.domain.feeds.imports import FeedCandidate
from core.errors import CastMindError, Stopped
from core.net.web import Fetcher, Patience, check_status
from core.sources.directory import Directory, apple_number
from core.sources.encodings import decoded
from core.sources.feeds.fetch import FetchedFeed, fetch
from core.sources.feeds.reading import read_feed
from core.sources.markup import tags
from core.sources.sanitize import web_url

MAX_PAGE = 5_000_000
MAX_FEED = 20_000_000
MOST_READ = 8
PATIENCE = Patience(connect=8.0, read=15.0, whole=30.0)
_TYPES = re.compile(r"^(?:(?:application|text)/(?:rss|atom|rdf)?\+?xml|application/(?:feed\+)?json)$", re.IGNORECASE)
_LOOKS_LIKE_ONE = re.compile(r"(?:/feed/?|/rss/?|/podcast/?|\.rss|\.atom|(?:feed|rss|podcast|atom|index)\.xml)$", re.IGNORECASE)
_COMMON = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/podcast.xml", "/feed/podcast", "/index.xml", "/atom.xml")
_FEED = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_SCHEMES = re.compile(r"^(?:feed|pcast|itpc|podcast)://", re.IGNORECASE)

Check = Callable[[], None]


class Discovery:
    def __init__(self, fetcher: Fetcher, directory: Directory) -> None:
        self._fetcher = fetcher
        self._directory = directory

    def find(self, url: str, check: Check = lambda: None) -> list[FeedCandidate]:
        """Return the feeds with audio that the URL leads to, else those without; [] if there are none.

        Raises the errors of fetching the URL itself, or of the directory for a page at Apple. Skips candidates that fail.
        """
        number = apple_number(url)
        if number is not None:
            return self._directory.show(number, check=check)
        body, at, content_type = self._page(url, check)
        itself = _as_feed(body, at, content_type, check)
        if itself:
            return [replace(itself, url=url)]
        text = decoded(body, content_type)
        found = list(self._readable(named(text, at), check)) or list(self._readable(common(at), check))
        return _with_audio(found) or self._listed(text, at, check)

    def _page(self, url: str, check: Check) -> tuple[bytes, str, str]:
        with self._fetcher.open(url, {"Accept": "text/html, */*;q=0.8"}, patience=PATIENCE, check=check) as answer:
            check_status(answer, 0.0)
            return answer.read(MAX_PAGE), answer.url, answer.headers.get("content-type", "")

    def _readable(self, urls: Iterable[str], check: Check) -> Iterator[FeedCandidate]:
        for url in list(dict.fromkeys(urls))[:MOST_READ]:
            try:
                got = fetch(url, None, None, self._fetcher, max_bytes=MAX_FEED, patience=PATIENCE, check=check)
            except Stopped:
                raise
            except CastMindError:
                continue
            found = _as_feed(got.body, got.url, got.content_type, check) if isinstance(got, FetchedFeed) else None
            if found:
                yield replace(found, url=url)

    def _listed(self, text: str, at: str, check: Check) -> list[FeedCandidate]:
        """Return the feed of the page's link to Apple, which nearly every show's own page has."""
        links = (web_url(attributes.get("href"), at) for _, attributes in tags(text, "a"))
        numbers = dict.fromkeys(number for link in links if link and (number := apple_number(link)) is not None)
        # A page that links to several shows is a list of other people's shows.
        return self._directory.show(next(iter(numbers)), check=check) if len(numbers) == 1 else []


def named(text: str, at: str) -> Iterator[str]:
    """Yield the page's candidate feed URLs: first those that it declares, then links that look like feeds."""
    yield from declared(text, at)
    base = _base(text, at)
    for _, attributes in tags(text, "a"):
        href = attributes.get("href", "")
        if _SCHEMES.match(href) or _LOOKS_LIKE_ONE.search(href.partition("?")[0].partition("#")[0]):
            yield from _absolute(href, base)


def declared(text: str, at: str) -> Iterator[str]:
    """Yield the URLs of the feeds that a page declares by <link rel="alternate">."""
    base = _base(text, at)
    for _, attributes in tags(text, "link"):
        alternate = "alternate" in attributes.get("rel", "").lower().split()
        if alternate and _TYPES.match(attributes.get("type", "").partition(";")[0].strip()):
            yield from _absolute(attributes.get("href"), base)


def _base(text: str, at: str) -> str:
    return next((web_url(a.get("href"), at) for _, a in tags(text, "base") if a.get("href")), None) or at


def common(at: str) -> Iterator[str]:
    """Yield common feed URLs of the host: below the page's path, then at the root."""
    parts = urlsplit(at)
    top = f"{parts.scheme}://{parts.netloc}"
    below = parts.path.rstrip("/")
    if below:
        yield from (f"{top}{below}{place}" for place in _COMMON[:2])
    yield from (f"{top}{place}" for place in _COMMON)


def _absolute(href: str | None, base: str) -> Iterator[str]:
    address = web_url(_SCHEMES.sub("https://", href or ""), base)
    if address:
        yield urljoin(address, urlsplit(address)._replace(fragment="").geturl())


def _as_feed(body: bytes, at: str, content_type: str, check: Check) -> FeedCandidate | None:
    """Return the body as a candidate; None if it is no feed. Skips HTML, because feedparser accepts nearly anything."""
    front = decoded(body[:8000], content_type)
    if not (_FEED.search(front) or (front.lstrip()[:1] == "{" and "jsonfeed.org" in front)):
        return None
    try:
        feed = read_feed(body, at, content_type, check=check)
    except Stopped:
        raise
    except CastMindError:
        return None
    return FeedCandidate(at, feed.title, feed.author, feed.link, feed.image_url, len(feed.entries))


def _with_audio(found: list[FeedCandidate]) -> list[FeedCandidate]:
    return [each for each in found if each.episodes] or found
