"""The library as pages, routes and the command line see it (`castmind.library`): lists, one episode, work on an episode.

    lists          listing(Filter(…), sort=Sort.…, limit, cursor)   count(Filter(…))   unfinished()   languages()
    one episode    episode  transcript  notes  own_notes  media  set_position
    its work       transcribe  retry  cancel  speech  hear_again

Many at once: bulk_actions.py. Deleting: trash.py. Edits and highlights: annotations.py. Versions of notes: note_versions.py.
Exports: exports.py.
Reads open no write transaction. Each change is one `store.write`; the runner learns of new jobs from core.events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import errors
from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Filter, Sort, heard
from core.domain.episodes.listed import Listed, Listing
from core.domain.episodes.touched_kind import TouchedKind
from core.domain.feeds import people
from core.domain.feeds.people import ShowPeople
from core.domain.jobs.job import Stage
from core.domain.notes.note import Version
from core.domain.transcripts.hearing_again import HearAgain, Stretch
from core.domain.transcripts.spoken import Spoken
from core.domain.transcripts.transcript import Segment, Transcript, Window
from core.files.stored_names import inside
from core.pipeline.steps.publisher_match import VERDICT
from core.services.settings.settings_service import SettingsService
from core.store.db.changes import Mark
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episodes, hear_again, listing, reading_states
from core.store.text import notes, transcripts
from core.transactions import episode_jobs

LONGEST_GIST = 300
# Episodes of a show whose people are read.
NEWEST_CREDITED = 500
CHANGEABLE = ("title", "language", "model", "notes_language", "notes_model")


@dataclass(frozen=True, slots=True)
class Speech:
    """The outcome of each second of speech, the model that heard it, and the spans queued to be heard again."""

    spoken: tuple[Spoken, ...]
    model: str
    again: tuple[HearAgain, ...] = ()


class Library:
    """Safe to call from any thread."""

    def __init__(self, store: Store, preferences: SettingsService, data: Path) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data

    # --- reading --------------------------------------------------------------------------------

    def listing(
        self, actor: Actor, wanted: Filter | None = None, *, sort: Sort = Sort.NEWEST, limit: int = 50, cursor: str | None = None
    ) -> Listing:
        """Return a page of the episodes that match the filter; the trash is sorted by the time of deletion.

        Raises UserError for a cursor that does not come from the same listing.
        """
        return listing.page(self._store.read(), wanted or Filter(), user_id=actor.user_id, sort=sort, limit=limit, cursor=cursor)

    def mark(self, actor: Actor, kinds: TouchedKind) -> Mark | None:
        """Return a mark that equals an earlier one if nothing of these kinds changed since. None if that is unknown."""
        return self._store.mark(kinds)

    def count(self, actor: Actor, wanted: Filter | None = None) -> int:
        """Count the episodes that match the filter; without one, all in the library."""
        return listing.count(self._store.read(), wanted or Filter(), user_id=actor.user_id)

    def unfinished(self, actor: Actor, limit: int = 10) -> list[Listed]:
        """Return the episodes that the actor started but did not finish, the last played first."""
        return listing.unfinished(self._store.read(), user_id=actor.user_id, limit=limit)

    def languages(self, actor: Actor) -> list[str]:
        """Return the spoken languages of the library, the most frequent first."""
        return listing.languages(self._store.read())

    def people(self, actor: Actor, feed_id: int) -> ShowPeople:
        """Return the hosts and guests whom the feed's episodes name."""
        return people.of_show(episodes.people_of_feed(self._store.read(), feed_id, newest=NEWEST_CREDITED))

    def episode(self, actor: Actor, episode_id: int) -> Listed:
        """Return an episode, also one in the trash. Raises NotFound."""
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)

    def title(self, actor: Actor, episode_id: int) -> str:
        """Return an episode's title, also of one in the trash. Raises NotFound."""
        found = episodes.titles(self._store.read(), [episode_id])
        if episode_id not in found:
            raise errors.NotFound(f"There is no episode {episode_id}.", id=episode_id)
        return found[episode_id]

    def transcript(self, actor: Actor, episode_id: int, *, words: bool = True) -> Transcript | None:
        with self._store.snapshot() as db:
            return transcripts.find(db, episode_id, words=words)

    def transcript_version(self, actor: Actor, episode_id: int) -> float | None:
        return transcripts.version(self._store.read(), episode_id)

    def partial(self, actor: Actor, episode_id: int) -> tuple[Segment, ...]:
        """Return the segments transcribed so far, while the transcription runs."""
        saved = leases.checkpoints(self._store.read(), episode_id, Stage.TRANSCRIBE)
        found = (Window.from_dict(payload) for key, payload in saved.items() if not key.startswith(VERDICT))
        windows = sorted(found, key=lambda w: w.start)
        return tuple(s for w in windows for s in w.segments)

    def speech(self, actor: Actor, episode_id: int) -> Speech | None:
        """Return the outcome of the speech, without the transcript; None if the transcription did not record it."""
        with self._store.snapshot() as db:
            whole = transcripts.about(db, episode_id)
            if whole is None or whole.spoken is None:
                return None
            return Speech(whole.spoken, whole.engine.model, hear_again.of_episode(db, episode_id))

    def notes(self, actor: Actor, episode_id: int) -> Version | None:
        return notes.current(self._store.read(), episode_id)

    def gists(self, actor: Actor, episode_ids: Sequence[int]) -> dict[int, str]:
        """Return the first LONGEST_GIST characters of the notes' gist, by episode; those without notes are left out."""
        return notes.gists(self._store.read(), episode_ids, length=LONGEST_GIST)

    def own_notes(self, actor: Actor, episode_id: int) -> str:
        return notes.own(self._store.read(), episode_id)

    def own_notes_version(self, actor: Actor, episode_id: int) -> tuple[str, int]:
        """Return the user's Markdown and its version, for `set_own_notes`."""
        return notes.own_version(self._store.read(), episode_id)

    def media(self, actor: Actor, episode_id: int) -> Path:
        """Return the path of the audio file. Raises NotFound, MediaMissing."""
        episode = episodes.get(self._store.read(), episode_id)
        path = inside(self._data, episode.media_path)
        if path is None or not path.is_file():
            raise errors.MediaMissing(f"The audio of “{episode.title}” is not here (yet).", case="not_here")
        return path

    # --- acting ---------------------------------------------------------------------------------

    def transcribe(
        self,
        actor: Actor,
        episode_id: int,
        *,
        language: str | None = None,
        model: str | None = None,
        publisher_transcript: str | None = None,
    ) -> Listed:
        """Enqueue every stage. If the language or model changed, finished stages run again.

        `publisher_transcript`: never (transcribe here, whatever the publisher offers) or prefer (use the publisher's if it fits).
        """
        wishes = {"language": language, "model": model, "publisher_transcript": publisher_transcript}
        return self._order(actor, episode_jobs.transcribe, episode_id, now=time.time(), wishes=wishes)

    def retry(self, actor: Actor, episode_id: int, stage: str | None = None) -> Listed:
        """Rerun a stage (default: the first that failed, was cancelled or waits) and those after it; finished parts are kept.

        A finished stage starts from the beginning. Raises NotFound, Conflict if there is nothing to retry.
        """
        if stage is None:
            return self._order(actor, episode_jobs.retry, episode_id)
        return self._order(actor, episode_jobs.run_step, episode_id, stage=stage, now=time.time())

    def cancel(self, actor: Actor, episode_id: int, stage: str | None = None) -> Listed:
        """Cancel a stage, or all unfinished ones. Committed results stay. Raises NotFound, Conflict."""
        return self._order(actor, episode_jobs.cancel, episode_id, stage=stage, now=time.time())

    def fetch_anew(self, actor: Actor, episode_id: int) -> Listed:
        """Fetch the audio with which the publisher replaced the downloaded one, and transcribe it if it differs.

        The old audio and transcript stay until then. Raises NotFound, Conflict.
        """
        return self._order(actor, episode_jobs.fetch_anew, episode_id, now=time.time())

    def leave_audio(self, actor: Actor, episode_id: int) -> Listed:
        """Keep the downloaded audio, though the publisher replaced it. Raises NotFound, Conflict."""
        return self._order(actor, episode_jobs.leave_audio, episode_id, now=time.time())

    def hear_again(
        self, actor: Actor, episode_id: int, spans: Sequence[Stretch] | None = None, model: str | None = None
    ) -> Listed:
        """Transcribe spans [start, end) without words again (None: all such spans), with `model` or the next larger one.

        Raises NotFound, MediaMissing, UserError, and Conflict if there is no such span or a whole transcription is pending.
        """
        self.media(actor, episode_id)
        return self._order(actor, episode_jobs.hear, episode_id, spans=spans, model=model, now=time.time())

    def update(self, actor: Actor, episode_id: int, **fields: str | None) -> Listed:
        """Change title, language, model, notes_language, notes_model. Raises NotFound, UserError."""
        unknown = set(fields) - set(CHANGEABLE)
        if unknown or ("title" in fields and not (fields["title"] or "").strip()):
            raise errors.UserError(
                "Only title, language, model, notes_language and notes_model can be changed; a title cannot be empty.",
                case="episode_title",
            )

        def change(db: Database) -> None:
            episodes.live(db, episode_id)
            episodes.change(db, episode_id, fields, now=time.time())
            jobs.publish_again(db, episode_id)

        self._store.write(change)
        return self.episode(actor, episode_id)

    def set_own_notes(self, actor: Actor, episode_id: int, markdown: str, *, version: int | None = None) -> int:
        """Save the user's Markdown; return its new version. `version` is the version that was edited.

        Raises NotFound, and Conflict (with the current `version`) if another window has saved since.
        """

        def change(db: Database) -> int:
            episodes.live(db, episode_id)
            there, known = notes.own_version(db, episode_id)
            if version not in (None, known) and markdown != there:
                raise errors.Conflict(
                    "These notes were saved meanwhile, perhaps in another window. Nothing was overwritten; put the two together.",
                    id=episode_id,
                    version=known,
                )
            if markdown != there:
                notes.set_own(db, episode_id, markdown, now=time.time())
                jobs.publish_again(db, episode_id)
            return notes.own_version(db, episode_id)[1]

        return self._store.write(change)

    def set_position(self, actor: Actor, episode_id: int, seconds: float) -> None:
        """Save the playback position. At the end of the episode, mark it as read and reset the position to 0. Raises NotFound."""

        def change(db: Database) -> None:
            episode = episodes.get(db, episode_id)
            done = heard(seconds, episode.duration)
            reading_states.set_position(db, actor.user_id, episode_id, 0.0 if done else max(seconds, 0.0), now=time.time())
            if done:
                reading_states.mark(db, actor.user_id, [episode_id], column="read_at", at=time.time())

        self._store.write(change)

    def _order(self, actor: Actor, order: Callable[..., None], episode_id: int, **wishes: Any) -> Listed:
        self._store.write(lambda db: order(db, episode_id, **wishes))
        return self.episode(actor, episode_id)
