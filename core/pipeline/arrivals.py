"""How a person's own audio becomes an episode: an upload, a file of the inbox, the sample, an address on the web.

    part or file ─▶ known by its bytes? ─▶ the episode that has them
                        └─ no ─▶ probe ─▶ kept under uploads/ ─▶ episode and jobs, in one transaction ─▶ wake

An upload that came in pieces (`resumable`) is taken in when it is whole: by its sender's last request, or by `step` when the
sender did not come back.

What feeds bring comes in by intake.py.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.domain import local_feed
from core.domain.episode import Episode, MediaInfo, Source
from core.domain.job import PRIORITY_USER
from core.domain.local_feed import Folder
from core.domain.supplied import Chapters, Origin
from core.errors import Restoring, UserError
from core.pipeline import local_feeds
from core.pipeline.preferences import Preferences
from core.pipeline.stages import GIGABYTE, sample_file, sample_wishes
from core.sources import parts, probe
from core.sources.addresses import check_url
from core.sources.resumable import Outcome, Resumable, Upload
from core.sources.upload import Received
from core.store import episodes, jobs, supplied
from core.store.db import Store
from core.store.episodes import Listed

log = logging.getLogger(__name__)


class Arrivals:
    """`wake` tells the pipeline that there may be work."""

    def __init__(self, store: Store, preferences: Preferences, data: Path, *, wake: Callable[[], None]) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._wake = wake
        self.resumable = Resumable(data / "uploads" / "incoming", lambda: self.receive_limits()[1:])

    def receive_limits(self) -> tuple[Path, int, int]:
        """(folder, most bytes, least bytes left free) for an upload."""
        values = self._preferences.values
        return self._data / "uploads", int(values.max_upload_gb * GIGABYTE), int(values.min_free_gb * GIGABYTE)

    def keep_upload(
        self, received: Received, *, title: str | None = None, language: str | None = None, model: str | None = None
    ) -> tuple[Listed, bool]:
        """Makes an episode of an upload; the part is kept or gone afterwards. The flag says whether it is new.

        Raises NotAudio, EmptyUpload, DiskFull, Restoring.
        """
        try:
            return self._take_in(received, {"title": title, "language": language, "model": model})
        finally:
            parts.discard(received.part)

    def finish_upload(self, upload: Upload) -> Upload:
        """Makes an episode of a resumable upload that is whole, in its turn; once, however often it is asked.

        Raises NotAudio, EmptyUpload (the upload is gone then), and what leaves it as it is: DiskFull, Restoring.
        """
        if upload.outcome:
            return upload
        try:
            row, created = self._take_in(self.resumable.received(upload), upload.words)
        except UserError:
            self.resumable.remove(upload.id)
            raise
        return self.resumable.settle(upload, Outcome(row.episode.id, created))

    def step(self) -> None:
        """Takes in whole uploads whose sender did not come back, and drops what nobody went on with."""
        for upload in self.resumable.listing():
            with self.resumable.turns.free(upload.id) as free:
                if free and upload.whole:
                    self._finish_alone(upload)
        gone = self.resumable.expire()
        if gone:
            log.info("%d uploads were dropped: nobody went on with them for a week", gone)

    def _finish_alone(self, upload: Upload) -> None:
        try:
            self.finish_upload(upload)
        except UserError as error:
            log.warning("an upload was not taken in: %s", error.detail)

    def _take_in(self, received: Received, wishes: Mapping[str, str | None]) -> tuple[Listed, bool]:
        if not received.part.is_file():
            raise Restoring("A backup was restored while this file was arriving, and nothing of it was kept. Send it again.")
        known = episodes.with_sha256(self._store.read(), received.sha256)
        folder = local_feed.folder_of((wishes.get("folder") or "").split("/"))
        if known and self._has_audio(known):
            return self._here_again(known, folder), False
        probed = probe.probe(received.part, name=received.filename or "The file")
        info = probed.info(bytes=received.bytes, sha256=received.sha256)
        path = parts.keep(received.part, self._data / "uploads", received.sha256, info.suffix)
        title = wishes.get("title") or parts.title_of(received.filename) or info.title or "Untitled"
        columns = {name: wishes.get(name) or None for name in ("language", "model")}
        return self._add(info, path, title, {"source": Source.UPLOAD.value, **columns}, folder)

    def take_file(self, path: Path, folders: Iterable[str] = ()) -> Listed:
        """Moves a file (of the inbox) into the library; the same bytes twice leave the episode that is there.

        `folders` are those in which it lay: they are the episode's feed, and the last ones count. Raises NotAudio, EmptyUpload,
        DiskFull; the file stays where it is then.
        """
        folder = local_feed.folder_of(folders)
        sha256 = parts.sha256_of(path)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            listed = self._here_again(known, folder)
            path.unlink()
            return listed
        info = probe.probe(path, name=path.name).info(bytes=path.stat().st_size, sha256=sha256)
        kept = parts.keep(path, self._data / "uploads", sha256, info.suffix)
        return self._add(info, kept, parts.title_of(path.name) or "Untitled", {"source": Source.INBOX.value}, folder)[0]

    def add_sample(self) -> Listed:
        """The bundled audio with the bundled model; once."""
        original = sample_file()
        sha256 = parts.sha256_of(original)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            return self._here_again(known)
        part = parts.new_part(self._data / "uploads")
        shutil.copyfile(original, part)
        info = probe.probe(part, name=original.name).info(bytes=part.stat().st_size, sha256=sha256)
        path = parts.keep(part, self._data / "uploads", sha256, info.suffix)
        return self._add(info, path, "CastMind sample: a short talk in English", sample_wishes())[0]

    def import_address(self, url: str, *, title: str | None = None) -> Listed:
        """An episode of an audio file on the web, or of a page that plays one. Raises BadAddress."""
        check_url(url)
        name = title or parts.title_of_address(url)

        def change(db: Any) -> int:
            row = {"title": name, "source": Source.ADDRESS.value, "enclosure_url": url}
            episode_id = episodes.add(db, row, now=time.time())
            jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            return episode_id

        return self._arrived(self._store.write(change))

    def _add(self, info: MediaInfo, path: str, title: str, wishes: Mapping[str, Any], folder: Folder = ()) -> tuple[Listed, bool]:
        columns = {
            "title": title,
            "sha256": info.sha256,
            "media_path": path,
            "media_type": info.media_type,
            "bytes": info.bytes,
            "duration": info.duration,
            **wishes,
        }

        def change(db: Any) -> tuple[int, bool]:
            # Asked again inside the transaction: two uploads of the same bytes may run at once.
            known = episodes.with_sha256(db, info.sha256)
            if known:
                if not self._has_audio(known):
                    back = {"media_path": path, "audio_dropped_at": None, "audio_dropped_why": None}
                    episodes.change(db, known.id, back, now=time.time())
                self._take_back(db, known, folder)
                return known.id, False
            feed = local_feeds.feed_of(db, folder, now=time.time())
            episode_id = episodes.add(db, columns | {"feed_id": feed.id if feed else None}, now=time.time())
            if info.chapters:
                supplied.save(db, episode_id, Origin.FILE, Chapters(info.chapters), now=time.time())
            if feed is None or feed.auto_transcribe:
                jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            return episode_id, True

        episode_id, created = self._store.write(change)
        return self._arrived(episode_id), created

    def _here_again(self, known: Episode, folder: Folder = ()) -> Listed:
        """The episode that has these bytes."""
        if known.deleted_at is not None or folder:
            self._store.write(lambda db: self._take_back(db, known, folder))
        return self._arrived(known.id)

    def _take_back(self, db: Any, known: Episode, folder: Folder) -> None:
        """Who brings an episode's bytes again wants it out of the trash, and in that folder."""
        episodes.take_from_trash(db, [known.id], now=time.time())
        local_feeds.move(db, known, folder, now=time.time())

    def _has_audio(self, episode: Episode) -> bool:
        return bool(episode.media_path) and (self._data / (episode.media_path or "")).is_file()

    def _arrived(self, episode_id: int) -> Listed:
        self._wake()
        return self._listed(episode_id)

    def _listed(self, episode_id: int) -> Listed:
        return episodes.listed(self._store.read(), episode_id)
