"""How a person's own audio becomes an episode: an upload, a file of the inbox, the sample, an address on the web.

    part or file ─▶ known by its bytes? ─▶ the episode that has them
                        └─ no ─▶ probe ─▶ placed under uploads/ ─▶ episode and jobs, in one transaction
                                              the name that it came by goes last ◀─┘

So at every moment there is a name by which a recording is found again: in the inbox, among the uploads that wait (`resumable`,
where one in a single piece goes too once it is whole), or in uploads/ without a row (`strays`).

An upload that came in pieces (`resumable`) is taken in when it is whole: by its sender's last request, or by `step` when the
sender did not come back.

What feeds bring comes in by intake.py.
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
# The sample is transcribed by the bundled model, whatever the settings say: it is chosen by choosing the sample.
SAMPLE_WISHES = {"source": Source.SAMPLE.value, "model": DEMO_MODEL}


class Ingest:
    """Safe to call from any thread; everything blocks."""

    def __init__(self, store: Store, preferences: SettingsService, data: Path) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._placing: list[str] = []
        self.resumable = Resumable(data / "uploads" / "incoming", lambda: self.receive_limits(SYSTEM)[1:])

    @property
    def reads_pages(self) -> bool:
        """Whether the extra is installed that fetches the sound of web pages."""
        return web_page.installed()

    def receive_limits(self, actor: Actor) -> tuple[Path, int, int]:
        """(folder, most bytes, least bytes left free) for an upload."""
        values = self._preferences.values
        return self._data / "uploads", int(values.max_upload_gb * GIGABYTE), int(values.min_free_gb * GIGABYTE)

    def keep_upload(
        self, actor: Actor, received: Received, *, title: str | None = None, language: str | None = None, model: str | None = None
    ) -> tuple[Listed, bool]:
        """Makes an episode of an upload. The flag says whether it is new.

        Raises NotAudio, EmptyUpload (the part is gone then); with DiskFull, or whatever the database raises, it waits among the
        uploads that are whole, and `step` goes on with it.
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
        return self.resumable.settle(upload, UploadOutcome(row.episode.id, created))

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
            self.finish_upload(SYSTEM, upload)
        except UserError as error:
            log.warning("an upload was not taken in: %s", error.detail)
        except (OutsideCondition, OSError) as error:
            log.warning("an upload waits: %s", error)
        except Exception:
            # One that does not go in must not keep the others waiting.
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
        title = wishes.get("title") or partial_files.title_of(received.filename) or info.title or "Untitled"
        columns = {"language": _language(wishes.get("language")), "model": wishes.get("model") or None}
        return self._place(received.part, info, title, {"source": Source.UPLOAD.value, **columns}, folder)

    def take_file(self, path: Path, folders: Iterable[str] = ()) -> Listed:
        """Moves a file (of the inbox) into the library; the same bytes twice leave the episode that is there.

        `folders` are those in which it lay: they are the episode's feed, and the last ones count. Raises NotAudio, EmptyUpload,
        DiskFull; the file stays where it is then.
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
            title = partial_files.title_of(path.name) or "Untitled"
            listed, _ = self._place(path, info, title, {"source": Source.INBOX.value}, folder)
        take_away(path, before)
        return listed

    def take_stray(self, path: Path) -> Listed:
        """Makes an episode of a file that lies in uploads/ without one. Raises NotAudio, EmptyUpload; it stays there then."""
        before = state_of(path)
        sha256 = partial_files.sha256_of(path)
        known = episodes.with_sha256(self._store.read(), sha256)
        if known and self._has_audio(known):
            listed = self._here_again(known)
        else:
            info = probe.probe(path, name=path.name).info(bytes=path.stat().st_size, sha256=sha256)
            named_by_hash = path.stem == sha256
            title = (named_by_hash and info.title) or partial_files.title_of(path.name) or "Untitled"
            listed, _ = self._place(path, info, title, {"source": Source.UPLOAD.value})
        if path != self._data / (listed.episode.media_path or ""):
            take_away(path, before)
        return listed

    def is_placing(self, sha256: str) -> bool:
        """Whether a file of that name in uploads/ is just waiting for its row."""
        return sha256 in self._placing

    def add_sample(self, actor: Actor) -> Listed:
        """The bundled audio with the bundled model; once."""
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
        """An episode of an audio file on the web, or of a page that plays one. Raises BadAddress."""
        check_url(url)
        name = title or partial_files.title_of_address(url)

        def change(db: Database) -> int:
            row = {"title": name, "source": Source.ADDRESS.value, "enclosure_url": url}
            episode_id = episodes.add(db, row, now=time.time())
            jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            return episode_id

        return self._listed(self._store.write(change), actor)

    def _place(
        self, whole: Path, info: MediaInfo, title: str, wishes: Mapping[str, Any], folder: Folder = ()
    ) -> tuple[Listed, bool]:
        """The file by its second name and its row. Its first name stays: who calls takes it away afterwards."""
        uploads = self._data / "uploads"
        with self.waiting_for_its_row(info.sha256):
            path = partial_files.place(whole, uploads, info.sha256, info.suffix)
            added = self._add(info, path, title, wishes, folder)
            # The trash may just have removed the last episode of the same bytes, and their file with it.
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
            **wishes,
        }

        def change(db: Database) -> tuple[int, bool]:
            # Asked again inside the transaction: two uploads of the same bytes may run at once.
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
        """The episode that has these bytes."""
        if known.deleted_at is not None or folder:
            self._store.write(lambda db: self._take_back(db, known, folder))
        return self._listed(known.id)

    def _take_back(self, db: Database, known: Episode, folder: Folder) -> None:
        """Who brings an episode's bytes again wants it out of the trash, and in that folder."""
        episode_trash.take_from_trash(db, [known.id], now=time.time())
        folder_feeds.move(db, known, folder, now=time.time())

    def _has_audio(self, episode: Episode) -> bool:
        """All of it: what a power cut left shorter is none."""
        path = inside(self._data, episode.media_path)
        return path is not None and path.is_file() and episode.bytes in (None, path.stat().st_size)

    def _listed(self, episode_id: int, actor: Actor = SYSTEM) -> Listed:
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)


def _language(named: str | None) -> str | None:
    """As named; nothing that no restore of this library would take, and that is the name of no language."""
    return named if named and len(named.encode()) <= LANGUAGE_BYTES else None


def _restored() -> Restoring:
    return Restoring("A backup was restored while this file was arriving, and nothing of it was kept. Send it again.")
