"""The library as pages, routes and the command line see it: every action on episodes and jobs is one call here.

Reading opens no transaction that writes; changing is one `store.write`, and wakes the lanes when it left something to do.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core import errors
from core.domain.episode import Episode
from core.domain.job import OPEN, PRIORITY_USER, Job, Stage, State
from core.domain.transcript import Segment, Transcript, Window
from core.export import files, markdown, srt, txt, vtt
from core.pipeline.preferences import Preferences
from core.pipeline.stages import part_name
from core.sources import parts
from core.store import episodes, jobs, notes, transcripts
from core.store.db import Store
from core.store.episodes import Listed, Listing
from core.store.notes import Version

CHANGEABLE = ("title", "language", "model", "notes_language", "notes_model")
DISK_KINDS = ("uploads", "media", "exports", "models", "backups", "logs")


class Library:
    """`wake` tells the pipeline that there may be work; `abandon` that an episode is gone: it returns once no run is at it."""

    def __init__(
        self,
        store: Store,
        preferences: Preferences,
        data: Path,
        *,
        wake: Callable[[], None],
        abandon: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._wake = wake
        self._abandon = abandon

    # --- reading --------------------------------------------------------------------------------

    def listing(
        self,
        *,
        feed_id: int | None = None,
        state: State | None = None,
        query: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> Listing:
        """Newest first. Raises UserError for a cursor that is none."""
        return episodes.listing(self._store.read(), feed_id=feed_id, state=state, query=query, limit=limit, cursor=cursor)

    def episode(self, episode_id: int) -> Listed:
        """Raises NotFound."""
        return episodes.listed(self._store.read(), episode_id)

    def count(self) -> int:
        return episodes.count(self._store.read())

    def transcript(self, episode_id: int, *, words: bool = True) -> Transcript | None:
        with self._store.snapshot() as db:
            return transcripts.find(db, episode_id, words=words)

    def transcript_version(self, episode_id: int) -> float | None:
        return transcripts.version(self._store.read(), episode_id)

    def partial(self, episode_id: int) -> tuple[Segment, ...]:
        """What is transcribed so far, while it is being transcribed."""
        saved = jobs.checkpoints(self._store.read(), episode_id, Stage.TRANSCRIBE)
        windows = sorted((Window.from_dict(payload) for payload in saved.values()), key=lambda w: w.start)
        return tuple(s for w in windows for s in w.segments)

    def notes(self, episode_id: int) -> Version | None:
        return notes.newest(self._store.read(), episode_id)

    def own_notes(self, episode_id: int) -> str:
        return notes.own(self._store.read(), episode_id)

    def media(self, episode_id: int) -> Path:
        """The audio file. Raises NotFound, MediaMissing."""
        episode = episodes.get(self._store.read(), episode_id)
        path = self._data / (episode.media_path or "")
        if not episode.media_path or not path.is_file():
            raise errors.MediaMissing(f"The audio of “{episode.title}” is not here (yet).")
        return path

    def export(self, episode_id: int, form: str) -> str:
        """The transcript as `txt`, `srt`, `vtt` or `md`. Raises NotFound when there is none, UserError for another form."""
        writers: Mapping[str, Callable[[Transcript], str]] = {"txt": txt.txt, "srt": srt.srt, "vtt": vtt.vtt}
        listed = self.episode(episode_id)
        transcript = self.transcript(episode_id)
        if transcript is None:
            raise errors.NotFound("There is no transcript yet.", id=episode_id)
        if form == "md":
            return self._markdown(listed, transcript)
        if form not in writers:
            raise errors.UserError(f"There is no transcript format {form!r}; there are json, txt, srt, vtt and md.")
        return writers[form](transcript)

    def summary(self, episode_id: int, form: str = "md") -> str:
        """The notes as Markdown. Raises NotFound."""
        self.episode(episode_id)
        version = self.notes(episode_id)
        if version is None:
            raise errors.NotFound("There are no notes yet.", id=episode_id)
        if form != "md":
            raise errors.UserError(f"There is no notes format {form!r}; there are json and md.")
        return markdown.summary_markdown(version.notes)

    def _markdown(self, listed: Listed, transcript: Transcript) -> str:
        version = self.notes(listed.episode.id)
        return markdown.markdown(
            listed.episode,
            transcript,
            version.notes if version else None,
            feed_title=listed.feed_title,
            own_notes=self.own_notes(listed.episode.id),
            audio_address=None,
        )

    def statistics(self) -> dict[str, Any]:
        """Figures for the status page: hours, speeds of the newest transcripts, jobs by state, bytes by kind, bytes free."""
        db = self._store.read()
        return {
            "episodes": episodes.count(db),
            "hours": transcripts.hours_transcribed(db),
            "speeds": transcripts.speeds(db),
            "counts": jobs.counts(db),
            "disk": {kind: _folder_bytes(self._data / kind) for kind in DISK_KINDS}
            | {"database": _database_bytes(self._store.path)},
            "free": shutil.disk_usage(self._data).free,
        }

    # --- acting ---------------------------------------------------------------------------------

    def transcribe(self, episode_id: int, *, language: str | None = None, model: str | None = None) -> Listed:
        """Asks for every stage. With another language or model than before, what is there is done again."""

        def change(db: Any) -> None:
            episode = episodes.get(db, episode_id)
            wishes = {k: v for k, v in (("language", language), ("model", model)) if v is not None and v != getattr(episode, k)}
            if wishes:
                episodes.change(db, episode_id, wishes, now=time.time())
            known = {job.stage: job for job in jobs.of_episode(db, episode_id)}
            jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=time.time())
            if Stage.TRANSCRIBE in known and (wishes or known[Stage.TRANSCRIBE].state not in OPEN):
                jobs.rerun(db, episode_id, Stage.TRANSCRIBE, priority=PRIORITY_USER, afresh=True)

        self._store.write(change)
        return self._changed(episode_id)

    def retry(self, episode_id: int, stage: Stage | None = None) -> Listed:
        """Runs a stage (the first that failed, was cancelled or waits) and those after it again; finished parts are kept.

        A stage that is done is done afresh. Raises NotFound, Conflict when there is nothing to retry.
        """

        def change(db: Any) -> None:
            rows = jobs.of_episode(db, episode_id)
            chosen = next((j for j in rows if j.stage is stage), None) if stage else _first_to_retry(rows)
            if chosen is None:
                episodes.get(db, episode_id)
                raise errors.Conflict("There is nothing to retry.", state="done")
            jobs.rerun(db, episode_id, chosen.stage, priority=PRIORITY_USER, afresh=chosen.state is State.DONE)

        self._store.write(change)
        return self._changed(episode_id)

    def cancel(self, episode_id: int, stage: Stage | None = None) -> Listed:
        """Cancels a stage, or all that are not finished. What is committed stays. Raises NotFound, Conflict."""

        def change(db: Any) -> None:
            episodes.get(db, episode_id)
            chosen = [j for j in jobs.of_episode(db, episode_id) if j.state in OPEN and stage in (None, j.stage)]
            if not chosen:
                raise errors.Conflict("There is nothing to cancel.", state="done")
            for job in chosen:
                jobs.request_cancel(db, job.id, now=time.time())

        self._store.write(change)
        return self._changed(episode_id)

    def update(self, episode_id: int, **fields: str | None) -> Listed:
        """Changes title, language, model, notes_language, notes_model. Raises NotFound, UserError."""
        unknown = set(fields) - set(CHANGEABLE)
        if unknown or ("title" in fields and not (fields["title"] or "").strip()):
            raise errors.UserError(
                "Only title, language, model, notes_language and notes_model can be changed; a title cannot be empty."
            )

        def change(db: Any) -> None:
            episodes.change(db, episode_id, fields, now=time.time())
            jobs.publish_again(db, episode_id)

        self._store.write(change)
        return self._changed(episode_id)

    def set_own_notes(self, episode_id: int, markdown: str) -> None:
        """Raises NotFound."""

        def change(db: Any) -> None:
            episodes.get(db, episode_id)
            notes.set_own(db, episode_id, markdown, now=time.time())
            jobs.publish_again(db, episode_id)

        self._store.write(change)
        self._wake()

    def delete(self, episode_id: int) -> None:
        """Removes the episode, its audio and its exports. Work on it stops by itself. Raises NotFound."""

        def change(db: Any) -> Episode:
            episode = episodes.get(db, episode_id)
            episodes.delete(db, episode_id)
            return episode

        episode = self._store.write(change)
        self._abandon(episode_id)
        if episode.media_path and episode.media_path not in episodes.media_paths(self._store.read()):
            (self._data / episode.media_path).unlink(missing_ok=True)
        parts.discard(self._data / "media" / part_name(episode_id))
        files.remove(self._data / "exports", episode_id)

    def _changed(self, episode_id: int) -> Listed:
        self._wake()
        return self.episode(episode_id)


def _first_to_retry(rows: list[Job]) -> Job | None:
    return next((j for j in rows if j.state in (State.FAILED, State.CANCELLED, State.WAITING)), None)


def _folder_bytes(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).lstat().st_size
            except FileNotFoundError:
                continue  # gone since the listing: it takes no room any more
    return total


def _database_bytes(path: Path) -> int:
    return sum(p.stat().st_size for p in path.parent.glob(path.name + "*") if p.is_file())
