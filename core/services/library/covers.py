"""Cover art (`castmind.covers`): the episode's own picture, else its feed's, else the one in its file, else a placeholder.

    show(id) ─▶ on disk? ─▶ yes: return it
                         └▶ no: queue it, return a square with the title's initial; `step` fetches the picture later

A page never waits for a picture, and a missing picture never fails an episode. Pictures are cached in data/media/covers, named
by a hash of their URL or path; an empty file means that there is none, and is retried after a day. `tidy` deletes pictures that
no feed or episode refers to and, if the rest exceeds MOST_BYTES, the least recently shown ones.
"""

from __future__ import annotations

import hashlib
import html
import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Source
from core.domain.episodes.listed import Listed
from core.errors import CastMindError
from core.files.stored_names import inside
from core.net.web import Fetcher
from core.sources.media import picture
from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds
from core.store.library import episodes, referenced_files

log = logging.getLogger(__name__)

FOLDER = "media/covers"
AT_ONCE = 6
MOST_WANTED = 500
AGAIN = 24 * 3600.0
MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Cover:
    """`final` is False for a placeholder that the picture will replace."""

    body: bytes
    media_type: str
    final: bool

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


class Covers:
    def __init__(self, store: Store, fetcher: Fetcher, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._fetcher = fetcher
        self._data = data
        self._clock = clock
        self._vault = Vault.beside(store.path)
        self._wanted: dict[str, tuple[str, int | None]] = {}
        self._guard = threading.Lock()

    def show(self, actor: Actor, episode_id: int) -> Cover:
        """Return the episode's cover, or a placeholder. Raises NotFound."""
        listed = episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)
        return self._cover(origin_of(listed), listed.episode.feed_id, name_of(listed))

    def show_feed(self, actor: Actor, feed_id: int) -> Cover:
        """Return the feed's own picture, or a placeholder. Raises NotFound."""
        feed = feeds.get(self._store.read(), feed_id)
        return self._cover(feed.image_url, feed.id, feed.title)

    def _cover(self, origin: str | None, feed_id: int | None, name: str) -> Cover:
        kept = self._kept(origin, feed_id) if origin else None
        return Cover(kept, "image/webp", final=True) if kept else Cover(square(name), "image/svg+xml", final=origin is None)

    def step(self) -> None:
        """Fetch a few of the requested pictures, the latest request first: it is the one most likely on screen."""
        for _ in range(AT_ONCE):
            with self._guard:
                if not self._wanted:
                    return
                name, (origin, feed_id) = self._wanted.popitem()
            self._keep(name, self._get(origin, feed_id))

    def tidy(self) -> int:
        """Delete unreferenced pictures, and the least recently shown ones above MOST_BYTES; return their number."""
        files = {path: path.stat() for path in (self._data / FOLDER).glob("*") if path.is_file()}
        # List the files before the rows: a picture stored in between is too young to be deleted.
        named = {_name(origin) for origin in referenced_files.pictures(self._store.read())}
        young = self._clock() - AGAIN
        going = {path for path, status in files.items() if path.stem not in named and status.st_mtime < young}
        going |= set(too_much({path: status for path, status in files.items() if path not in going}))
        for path in going:
            path.unlink(missing_ok=True)
        if going:
            log.info("%d covers were removed", len(going))
        return len(going)

    def _kept(self, origin: str, feed_id: int | None) -> bytes | None:
        path = self._path(name := _name(origin))
        try:
            body = path.read_bytes()
            old = path.stat().st_mtime <= self._clock() - AGAIN
            if body and old:
                os.utime(path, (self._clock(), self._clock()))  # `tidy` reads the mtime as the time it was last shown
            if body or not old:
                return body or None
        except FileNotFoundError:
            pass
        with self._guard:
            if len(self._wanted) < MOST_WANTED:
                self._wanted[name] = (origin, feed_id)
        return None

    def _get(self, origin: str, feed_id: int | None) -> bytes | None:
        try:
            if origin.startswith(("http://", "https://")):
                credentials = feed_credentials.of_feed(self._store.read(), self._vault, feed_id)
                return picture.of_address(self._fetcher, origin, credentials)
            file = inside(self._data, origin)
            return picture.of_file(file) if file else None
        except (CastMindError, OSError) as error:
            log.info("a cover could not be had; it is tried again in a day: %s", error)
            return None

    def _keep(self, name: str, body: bytes | None) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(body or b"")
        part.replace(path)

    def _path(self, name: str) -> Path:
        return self._data / FOLDER / f"{name}.webp"


def origin_of(listed: Listed) -> str | None:
    """Return the source of the picture: a URL, or a file below the data folder."""
    episode = listed.episode
    own_file = episode.media_path if episode.source is not Source.FEED else None
    return episode.image_url or listed.feed_image_url or own_file


def name_of(listed: Listed) -> str:
    """Return the name that decides the placeholder's initial and colour: the feed's, so that a feed always has one colour."""
    return listed.feed_title or listed.episode.title


def initial(name: str) -> str:
    return next((sign.upper() for sign in name if sign.isalnum()), "·")


def hue(name: str) -> int:
    return zlib.crc32(name.encode()) % 360


def square(name: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="hsl({hue(name)} 24% 40%)"/>'
        '<text x="48" y="50" fill="#fff" font-family="serif" font-size="38" text-anchor="middle" '
        f'dominant-baseline="central">{html.escape(initial(name))}</text></svg>'
    ).encode()


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()[:32]


def too_much(files: Mapping[Path, os.stat_result]) -> Iterator[Path]:
    """Yield the least recently shown files, until the rest takes at most MOST_BYTES."""
    over = sum(status.st_size for status in files.values()) - MOST_BYTES
    for path in sorted(files, key=lambda path: files[path].st_mtime):
        if over <= 0:
            return
        over -= files[path].st_size
        yield path
