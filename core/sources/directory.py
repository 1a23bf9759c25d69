"""Search podcast directories by words, or look a show up by its Apple number.

    words ─▶ iTunes (no key) | Podcast Index (key and secret) ─▶ JSON ─▶ FeedCandidates

A query tells the directory a person's interests: call this only after a click.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from core.domain.feeds.feed_address import shown
from core.domain.feeds.imports import FeedCandidate, Which
from core.errors import DirectoryUnavailable, NetworkUnreachable, OutsideCondition, Transient, UserError
from core.net.web import USER_AGENT, Fetcher, Patience, check_status
from core.sources.sanitize import clean_line, web_url

MAX_BYTES = 5_000_000
MOST = 30
PATIENCE = Patience(connect=8.0, read=15.0, whole=25.0)
_APPLE = re.compile(r"(?:^|\.)(?:podcasts|itunes)\.apple\.com$")


@dataclass(frozen=True, slots=True)
class Places:
    """The base URLs of the directories. `key` and `secret` are for the Podcast Index, which is not used without them."""

    itunes: str
    podcast_index: str
    key: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Places({self.itunes!r}, {self.podcast_index!r})"

    @property
    def open(self) -> tuple[Which, ...]:
        ready = {Which.ITUNES: self.itunes, Which.PODCAST_INDEX: self.podcast_index and self.key and self.secret}
        return tuple(which for which in Which if ready[which])


class Directory:
    """The directories. `places` is called at each request, so that a changed setting takes effect at once."""

    def __init__(self, fetcher: Fetcher, places: Callable[[], Places], *, clock: Callable[[], float] = time.time) -> None:
        self._fetcher = fetcher
        self._places = places
        self._clock = clock

    @property
    def open(self) -> tuple[Which, ...]:
        """The directories that are set up."""
        return self._places().open

    def search(self, words: str, which: Which | None = None, *, check: Callable[[], None] = lambda: None) -> list[FeedCandidate]:
        """Return shows that have a feed, in the directory's order. `which` defaults to the first directory that is set up.

        Raises UserError, DirectoryUnavailable, NetworkUnreachable.
        """
        words = " ".join(words.split())
        if not words:
            raise UserError("Say what to look for. Nothing was asked.", case="no_words")
        places = self._places()
        if not places.open or (which and which not in places.open):
            raise UserError(
                "This directory is not set up. The settings itunes_url, and podcastindex_key with podcastindex_secret, say which "
                "ones are asked.",
                case="directory_off",
            )
        which = which or places.open[0]
        if which is Which.ITUNES:
            return self._itunes("search", {"media": "podcast", "term": words[:200], "limit": str(MOST)}, check)
        query = urlencode({"q": words[:200], "max": str(MOST)})
        answer = self._ask(f"{places.podcast_index.rstrip('/')}/search/byterm?{query}", self._signed(places), check)
        return _told(answer.get("feeds"), _of_podcast_index)

    def show(self, number: int, *, check: Callable[[], None] = lambda: None) -> list[FeedCandidate]:
        """Return the show with this iTunes number, if it has a feed; [] if iTunes is not set up."""
        if Which.ITUNES not in self._places().open:
            return []
        return self._itunes("lookup", {"id": str(number), "entity": "podcast"}, check)

    def _itunes(self, what: str, query: Mapping[str, str], check: Callable[[], None]) -> list[FeedCandidate]:
        answer = self._ask(f"{self._places().itunes.rstrip('/')}/{what}?{urlencode(query)}", {}, check)
        return _told(answer.get("results"), _of_itunes)

    def _signed(self, places: Places) -> dict[str, str]:
        now = str(int(self._clock()))
        # The Podcast Index's protocol requires SHA-1.
        sign = hashlib.sha1(f"{places.key}{places.secret}{now}".encode(), usedforsecurity=False).hexdigest()
        return {"X-Auth-Key": places.key, "X-Auth-Date": now, "Authorization": sign, "User-Agent": USER_AGENT}

    def _ask(self, url: str, headers: Mapping[str, str], check: Callable[[], None]) -> Mapping[str, Any]:
        try:
            with self._fetcher.open(url, {"Accept": "application/json", **headers}, patience=PATIENCE, check=check) as answer:
                check_status(answer, self._clock())
                if answer.status != 200:
                    raise _unavailable(url, f"answers with status {answer.status}", status=answer.status)
                found = json.loads(answer.read(MAX_BYTES))
        except NetworkUnreachable as error:
            raise NetworkUnreachable(
                f"The directory at {shown(url)} cannot be reached. A feed's own address works without it.", **error.params
            ) from error
        except (OutsideCondition, Transient) as error:
            raise _unavailable(url, "does not answer as it should") from error
        except (ValueError, RecursionError) as error:
            raise _unavailable(url, "sends what cannot be read") from error
        if not isinstance(found, Mapping):
            raise _unavailable(url, "sends what cannot be read")
        return found


def apple_number(url: str) -> int | None:
    """Return the show's number from the URL of its page at Apple; None for other URLs."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not _APPLE.search((parts.hostname or "").lower()):
        return None
    found = re.search(r"/id(\d{4,15})(?:$|[/?#])", parts.path)
    return int(found[1]) if found else None


def _told(rows: Any, read: Callable[[Mapping[str, Any]], FeedCandidate | None]) -> list[FeedCandidate]:
    found = (read(row) for row in (rows if isinstance(rows, list) else []) if isinstance(row, Mapping))
    return _once(each for each in found if each)


def _once(found: Iterable[FeedCandidate]) -> list[FeedCandidate]:
    return list({each.url: each for each in reversed(list(found)[:MOST])}.values())[::-1]


def _of_itunes(row: Mapping[str, Any]) -> FeedCandidate | None:
    picture = row.get("artworkUrl600") or row.get("artworkUrl100")
    names = {"url": "feedUrl", "title": "collectionName", "author": "artistName", "link": "collectionViewUrl"}
    return _candidate(row, **names, picture=picture, episodes="trackCount")


def _of_podcast_index(row: Mapping[str, Any]) -> FeedCandidate | None:
    picture = row.get("artwork") or row.get("image")
    return _candidate(row, url="url", title="title", author="author", link="link", picture=picture, episodes="episodeCount")


def _candidate(
    row: Mapping[str, Any], *, url: str, title: str, author: str, link: str, picture: Any, episodes: str
) -> FeedCandidate | None:
    address = web_url(row.get(url))
    if address is None:
        return None
    count = row.get(episodes)
    return FeedCandidate(
        address,
        clean_line(str(row.get(title) or ""), 300) or shown(address),
        clean_line(str(row.get(author) or ""), 200),
        web_url(row.get(link)),
        web_url(picture),
        count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None,
    )


def _unavailable(url: str, why: str, **params: int) -> DirectoryUnavailable:
    return DirectoryUnavailable(
        f"The directory at {shown(url)} {why}. Try again later, or paste the feed's own address.", **params
    )
