"""The library as pages, routes and the command line see it (`castmind.library`): lists, one episode, what is asked of it.

    lists          listing(Filter(…), sort=Sort.…, limit, cursor)   count(Filter(…))   unfinished()   languages()
    one episode    episode  transcript  notes  own_notes  media  set_position
    its work       transcribe  retry  cancel  speech  hear_again

Many at once: selection.py. Deleting: trash.py. Edits and highlights: annotations.py. Versions of notes: notebook.py. Taking
away: exports.py.
Reading opens no transaction that writes; changing is one `store.write`, and the runner hears of jobs by core.events.
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

CHANGEABLE = ("title", "language", "model", "notes_language", "notes_model")


@dataclass(frozen=True, slots=True)
class Speech:
    """What became of each second of speech, which model heard it, and what of it is to be heard again."""

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
        """A page of what the filter means; the trash is listed by when things were deleted. Raises UserError for a cursor
        that this listing did not give."""
        return listing.page(self._store.read(), wanted or Filter(), user_id=actor.user_id, sort=sort, limit=limit, cursor=cursor)

    def mark(self, kinds: TouchedKind) -> Mark | None:
        """Equal to one of before: nothing of these kinds was changed since. None where that is not known."""
        return self._store.mark(kinds)

    def count(self, actor: Actor, wanted: Filter | None = None) -> int:
        """How many episodes the filter means; all in the library without one."""
        return listing.count(self._store.read(), wanted or Filter(), user_id=actor.user_id)

    def unfinished(self, actor: Actor, limit: int = 10) -> list[Listed]:
        """What the actor stopped in the middle of, the last played first."""
        return listing.unfinished(self._store.read(), user_id=actor.user_id, limit=limit)

    def languages(self, actor: Actor) -> list[str]:
        """The languages that are spoken in the library, the most frequent first."""
        return listing.languages(self._store.read())

    def episode(self, actor: Actor, episode_id: int) -> Listed:
        """Also one in the trash. Raises NotFound."""
        return episodes.listed(self._store.read(), episode_id, user_id=actor.user_id)

    def title(self, actor: Actor, episode_id: int) -> str:
        """Also of one in the trash. Raises NotFound."""
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
        """What is transcribed so far, while it is being transcribed."""
        saved = leases.checkpoints(self._store.read(), episode_id, Stage.TRANSCRIBE)
        found = (Window.from_dict(payload) for key, payload in saved.items() if not key.startswith(VERDICT))
        windows = sorted(found, key=lambda w: w.start)
        return tuple(s for w in windows for s in w.segments)

    def speech(self, actor: Actor, episode_id: int) -> Speech | None:
        """What became of the speech, without the transcript; None where nobody listened for that."""
        with self._store.snapshot() as db:
            whole = transcripts.about(db, episode_id)
            if whole is None or whole.spoken is None:
                return None
            return Speech(whole.spoken, whole.engine.model, hear_again.of_episode(db, episode_id))

    def notes(self, actor: Actor, episode_id: int) -> Version | None:
        return notes.current(self._store.read(), episode_id)

    def own_notes(self, actor: Actor, episode_id: int) -> str:
        return notes.own(self._store.read(), episode_id)

    def own_notes_version(self, actor: Actor, episode_id: int) -> tuple[str, int]:
        """The user's Markdown and its version, for `set_own_notes`."""
        return notes.own_version(self._store.read(), episode_id)

    def media(self, actor: Actor, episode_id: int) -> Path:
        """The audio file. Raises NotFound, MediaMissing."""
        episode = episodes.get(self._store.read(), episode_id)
        path = inside(self._data, episode.media_path)
        if path is None or not path.is_file():
            raise errors.MediaMissing(f"The audio of “{episode.title}” is not here (yet).")
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
        """Asks for every stage. With another language or model than before, what is there is done again.

        `publisher_transcript`: never, to have it transcribed here whatever the publisher offers; prefer, to use that if it fits.
        """
        wishes = {"language": language, "model": model, "publisher_transcript": publisher_transcript}
        return self._order(actor, episode_jobs.transcribe, episode_id, now=time.time(), wishes=wishes)

    def retry(self, actor: Actor, episode_id: int, stage: str | None = None) -> Listed:
        """Runs a stage (the first that failed, was cancelled or waits) and those after it again; finished parts are kept.

        A stage that is done is done afresh. Raises NotFound, Conflict when there is nothing to retry.
        """
        if stage is None:
            return self._order(actor, episode_jobs.retry, episode_id)
        return self._order(actor, episode_jobs.run_step, episode_id, stage=stage, now=time.time())

    def cancel(self, actor: Actor, episode_id: int, stage: str | None = None) -> Listed:
        """Cancels a stage, or all that are not finished. What is committed stays. Raises NotFound, Conflict."""
        return self._order(actor, episode_jobs.cancel, episode_id, stage=stage, now=time.time())

    def fetch_anew(self, actor: Actor, episode_id: int) -> Listed:
        """Fetches the audio that the publisher put in the place of what is here, and transcribes it if it is other audio.

        Everything that is here stays until then. Raises NotFound, Conflict.
        """
        return self._order(actor, episode_jobs.fetch_anew, episode_id, now=time.time())

    def leave_audio(self, actor: Actor, episode_id: int) -> Listed:
        """Keeps the audio that is here. Raises NotFound, Conflict."""
        return self._order(actor, episode_jobs.leave_audio, episode_id, now=time.time())

    def hear_again(
        self, actor: Actor, episode_id: int, spans: Sequence[Stretch] | None = None, model: str | None = None
    ) -> Listed:
        """Hears spans [start, end) without words again, all of them for None, with `model` or the next larger one.

        Raises NotFound, MediaMissing, UserError, and Conflict when there is nothing to hear, or all is being transcribed.
        """
        self.media(actor, episode_id)
        return self._order(actor, episode_jobs.hear, episode_id, spans=spans, model=model, now=time.time())

    def update(self, actor: Actor, episode_id: int, **fields: str | None) -> Listed:
        """Changes title, language, model, notes_language, notes_model. Raises NotFound, UserError."""
        unknown = set(fields) - set(CHANGEABLE)
        if unknown or ("title" in fields and not (fields["title"] or "").strip()):
            raise errors.UserError(
                "Only title, language, model, notes_language and notes_model can be changed; a title cannot be empty."
            )

        def change(db: Database) -> None:
            episodes.live(db, episode_id)
            episodes.change(db, episode_id, fields, now=time.time())
            jobs.publish_again(db, episode_id)

        self._store.write(change)
        return self.episode(actor, episode_id)

    def set_own_notes(self, actor: Actor, episode_id: int, markdown: str, *, version: int | None = None) -> int:
        """Keeps the user's Markdown and gives its new version. `version` is the one that was edited.

        Raises NotFound, and Conflict (with the `version` that is there) when another window has saved since.
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
        """Where the listener is. Who gets to the end has heard it: it is marked as read, and starts at the beginning again.

        Raises NotFound.
        """

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
