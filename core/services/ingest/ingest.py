"""Ingest of a user's own audio as an episode: an upload, an inbox file, the sample, or a URL.

    part or file ─▶ known SHA-256? ─▶ the existing episode
                        └─ no ─▶ probe ─▶ linked under uploads/ ─▶ episode and jobs, in one transaction
                                                                         └─▶ original name deleted last

A recording therefore always has a name that leads to it after a crash: in the inbox, among the waiting uploads (`resumable`,
which also adopts a complete single-request upload), or in uploads/ without a row (`strays`).

A resumable upload is ingested when it is complete: by its client's last request, or by `step` if the client did not return.

core.transactions.feed_entries writes the episodes of feeds.
"""

from __future__ import annotations

import errno
import logging
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes.episode import Episode, MediaInfo, Source
from core.domain.episodes.listed import Listed
from core.domain.episodes.publisher_extras import Chapters, Origin
from core.domain.episodes.upload import Upload, UploadOutcome
from core.domain.feeds import folder_feed
from core.domain.feeds.feed_address import typed
from core.domain.feeds.folder_feed import Folder
from core.domain.jobs.job import PRIORITY_USER
from core.errors import OutsideCondition, Restoring, UserError
from core.files import partial_files
from core.files.partial_files import GIGABYTE
from core.files.stored_names import inside
from core.net.addresses import check_url
from core.services.ingest.source_files import state_of, take_away
from core.services.settings.settings_service import SettingsService
from core.settings import PROJECT
from core.sources.media import probe, web_page
from core.sources.uploads.multipart import Received
from core.sources.uploads.resumable import Resumable
from core.speech.request import DEMO_MODEL
from core.store.db.database import Store
from core.store.db.row_rules import LANGUAGE_BYTES
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episode_trash, episodes, publisher_extras
from core.transactions import folder_feeds

log = logging.getLogger(__name__)

SAMPLE = PROJECT / "demo" / "samples" / "en_episode.mp3"
# The sample is always transcribed by the bundled model, regardless of the settings: choosing the sample chooses the model.
SAMPLE_WISHES = {"source": Source.SAMPLE.value, "model": DEMO_MODEL}


class Ingest:
    """Turns files and URLs into episodes. Thread-safe; all methods block."""

    def __init__(self, store: Store, preferences: SettingsService, data: Path) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._placing: list[str] = []
        self.resumable = Resumable(data / "uploads" / "incoming", lambda: self.receive_limits(SYSTEM)[1:])

    @property
    def reads_pages(self) -> bool:
        """Return whether the optional extra that fetches audio from web pages is installed."""
        return web_page.installed()

    def receive_limits(self, actor: Actor) -> tuple[Path, int, int]:
        """Return (folder, maximum bytes, minimum free bytes) for an upload."""
        values = self._preferences.values
        return self._data / "uploads", int(values.max_upload_gb * GIGABYTE), int(values.min_free_gb * GIGABYTE)

    def keep_upload(
        self, actor: Actor, received: Received, *, title: str | None = None, language: str | None = None, model: str | None = None
    ) -> tuple[Listed, bool]:
        """Create an episode from an upload; return it and whether it is new.

        Raises NotAudio, EmptyUpload (the part is deleted). After DiskFull or a database error, the upload stays among the
        complete ones, and `step` tries it again.
        """
        if not received.part.is_file():
            raise _restored()
        words = {"filename": received.filename, "title": title, "language": language, "model": model}
        upload_id = uuid.uuid4().hex
        with self.resumable.turns.free(upload_id):
            upload = self.resumable.adopt(received, {name: word for name, word in words.items() if word}, upload_id)
            came = replace(self.resumable.place_of(upload), sha256=received.sha256)
            try:
                row, created = self._take_in(came, upload.words)
            except UserError:
                self.resumable.remove(upload.id)
                raise
            self.resumable.remove(upload.id)
        return self._listed(row.episode.id, actor), created

    def finish_upload(self, actor: Actor, upload: Upload) -> Upload:
        """Create an episode from a complete resumable upload. Idempotent; the caller holds the upload's turn.

        Raises NotAudio, EmptyUpload (the upload is deleted), DiskFull, Restoring (the upload is unchanged).
        """
        if upload.outcome:
            return upload
        try:
            row, created = self._take_in(self.resumable.received(upload), upload.words)
        except UserError:
            self.resumable.remove(upload.id)
            raise
        return self.resumable.settle(upload, UploadOutcome(row.episode.id, created))

    def step(self) -> None:
        """Ingest complete uploads whose client did not return, and delete expired ones."""
        for upload in self.resumable.listing():
            with self.resumable.turns.free(upload.id) as free:
                if free and upload.whole:
                    self._finish_alone(upload)
        gone = self.resumable.expire()
        if gone:
            log.info("%d uploads were dropped: nobody went on with them for a week", gone)

    def _finish_alone(self, upload: Upload) -> None:
        try:
            self.finish_upload(SYSTEM, upload)
        except UserError as error:
            log.warning("an upload was not taken in: %s", error.detail)
        except (OutsideCondition, OSError) as error:
            log.warning("an upload waits: %s", error)
        except Exception:
            # A failing upload must not block the others.
            log.exception("an upload could not be taken in; it stays and is tried again")

    def _take_in(self, received: Received, wishes: Mapping[str, str | None]) -> tuple[Listed, bool]:
        if not received.part.is_file():
            raise _restored()
        known = episodes.with_sha256(self._store.read(), received.sha256)
        folder = folder_feed.folder_of((wishes.get("folder") or "").split("/"))
        if known and self._has_audio(known):
            return self._here_again(known, folder), False
        probed = probe.probe(received.part, name=received.filename or "The file")
        info = probed.info(bytes=received.bytes, sha256=received.sha256)
        title = wishes.get("title") or info.said.title or partial_files.title_of(received.filename) or "Untitled"
        columns = {"language": _language(wishes.get("language")), "model": wishes.get("model") or None}
        return self._place(received.part, info, title, {"source": Source.UPLOAD.value, **columns}, folder)

    def take_file(self, path: Path, folders: Iterable[str] = ()) -> Listed:
        """Move a file (of the inbox) into the library. If an episode has the same bytes, that episode is returned.

        `folders`: the folders that contain the file; they form the episode's feed. If the same bytes arrive again from other
        folders, the episode moves to their feed. Raises NotAudio, EmptyUpload, DiskFull; the file then stays in place.
        """
        folder = folder_feed.folder_of(folders)
        before = state_of(path)
        sha256 = partial_files.sha256_of(path)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            listed = self._here_again(known, folder)
        else:
            info = probe.probe(path, name=path.name).info(bytes=path.stat().st_size, sha256=sha256)
            if state_of(path) != before:
                raise OSError(errno.EBUSY, "it changed while it was read")
            title = info.said.title or partial_files.title_of(path.name) or "Untitled"
            listed, _ = self._place(path, info, title, {"source": Source.INBOX.value}, folder)
        take_away(path, before)
        return listed

    def take_stray(self, path: Path) -> Listed:
        """Create an episode from a file in uploads/ that has none. Raises NotAudio, EmptyUpload; the file then stays."""
        before = state_of(path)
        sha256 = partial_files.sha256_of(path)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            listed = self._here_again(known)
        else:
            info = probe.probe(path, name=path.name).info(bytes=path.stat().st_size, sha256=sha256)
            title = info.said.title or partial_files.title_of(path.name) or "Untitled"
            listed, _ = self._place(path, info, title, {"source": Source.UPLOAD.value})
        if path != self._data / (listed.episode.media_path or ""):
            take_away(path, before)
        return listed

    def is_placing(self, sha256: str) -> bool:
        """Return whether a file of that hash in uploads/ is about to get its row."""
        return sha256 in self._placing

    def add_sample(self, actor: Actor) -> Listed:
        """Add the bundled audio, for the bundled model, or return its existing episode."""
        original = SAMPLE
        sha256 = partial_files.sha256_of(original)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            return self._listed(self._here_again(known).episode.id, actor)
        part = partial_files.new_part(self._data / "uploads")
        try:
            shutil.copyfile(original, part)
            info = probe.probe(part, name=original.name).info(bytes=part.stat().st_size, sha256=sha256)
            placed, _ = self._place(part, info, "CastMind sample: a short talk in English", SAMPLE_WISHES)
            return self._listed(placed.episode.id, actor)
        finally:
            partial_files.discard(part)

    def import_address(self, actor: Actor, url: str, *, title: str | None = None) -> Listed:
        """Create an episode from the URL of an audio file, or of a page that plays one. Raises BadAddress."""
        check_url(url := typed(url))

        def change(db: Database) -> int:
            row = {"title": title or partial_files.title_of_address(url), "source": Source.ADDRESS.value, "enclosure_url": url}
            episode_id = episodes.add(db, row, now=time.time())
            jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            return episode_id

        return self._listed(self._store.write(change), actor)

    def _place(
        self, whole: Path, info: MediaInfo, title: str, wishes: Mapping[str, Any], folder: Folder = ()
    ) -> tuple[Listed, bool]:
        """Link the file under its hash and write its row. The original name stays: the caller deletes it afterwards."""
        uploads = self._data / "uploads"
        with self.waiting_for_its_row(info.sha256):
            path = partial_files.place(whole, uploads, info.sha256, info.suffix)
            added = self._add(info, path, title, wishes, folder)
            # A purge may just have deleted the last episode with the same bytes, and its file.
            partial_files.place(whole, uploads, info.sha256, info.suffix)
        return added

    @contextmanager
    def waiting_for_its_row(self, sha256: str) -> Iterator[None]:
        self._placing.append(sha256)
        try:
            yield
        finally:
            self._placing.remove(sha256)

    def _add(self, info: MediaInfo, path: str, title: str, wishes: Mapping[str, Any], folder: Folder = ()) -> tuple[Listed, bool]:
        columns = {
            "title": title,
            "sha256": info.sha256,
            "media_path": path,
            "media_type": info.media_type,
            "bytes": info.bytes,
            "duration": info.duration,
            **info.said.columns(),
            **wishes,
        }

        def change(db: Database) -> tuple[int, bool]:
            # Checked again inside the transaction: two uploads of the same bytes may race.
            known = episodes.with_sha256(db, info.sha256)
            if known:
                if not self._has_audio(known):
                    back = {"media_path": path, "audio_dropped_at": None, "audio_dropped_why": None}
                    episodes.change(db, known.id, back, now=time.time())
                self._take_back(db, known, folder)
                return known.id, False
            feed = folder_feeds.feed_of(db, folder, now=time.time())
            episode_id = episodes.add(db, columns | {"feed_id": feed.id if feed else None}, now=time.time())
            if info.chapters:
                publisher_extras.save(db, episode_id, Origin.FILE, Chapters(info.chapters), now=time.time())
            if feed is None or feed.auto_transcribe:
                jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            return episode_id, True

        episode_id, created = self._store.write(change)
        return self._listed(episode_id), created

    def _here_again(self, known: Episode, folder: Folder = ()) -> Listed:
        """Return the episode that has these bytes, out of the trash and in the folder."""
        if known.deleted_at is not None or folder:
            self._store.write(lambda db: self._take_back(db, known, folder))
        return self._listed(known.id)

    def _take_back(self, db: Database, known: Episode, folder: Folder) -> None:
        """Restore the episode from the trash and move it to the folder: a repeated upload means that it is wanted there."""
        episode_trash.take_from_trash(db, [known.id], now=time.time())
        folder_feeds.move(db, known, folder, now=time.time())

    def _has_audio(self, episode: Episode) -> bool:
        """Return whether the audio file exists in full length: a power cut may have truncated it."""
        path = inside(self._data, episode.media_path)
        return path is not None and path.is_file() and episode.bytes in (None, path.stat().st_size)

    def _listed(self, episode_id: int, actor: Actor = SYSTEM) -> Listed:
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)


def _language(named: str | None) -> str | None:
    """Return the language, or None if it is too long: a restore would reject the row, and no language has such a name."""
    return named if named and len(named.encode()) <= LANGUAGE_BYTES else None


def _restored() -> Restoring:
    return Restoring("A backup was restored while this file was arriving, and nothing of it was kept. Send it again.")
