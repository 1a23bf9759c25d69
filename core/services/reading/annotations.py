"""The reader's annotations of a transcript (`castmind.annotations`): edits, speakers, highlights.

    edit(episode_id, segment_id, text, expected=…)   undo(episode_id)  redo(episode_id)  edits(episode_id)
    speakers(episode_id)   rename_speaker(episode_id, old, new): an existing name merges the two speakers
    highlight(episode_id, Span, colour, remark)   highlights(episode_id)   change_highlight(id, …)   remove_highlight(id)

    a change ─▶ one transaction: unchanged since the reader saw it? ─▶ change text, words, highlights ─▶ new version, republish

Two windows that edit at once lose nothing: the second one, which sends an outdated text, gets a Conflict.
`transcript_edit` writes an edit; `replace_transcript` carries annotations over when the episode is transcribed again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from core.domain.accounts.actor import Actor
from core.domain.transcripts.annotation import Colour, Edit, Highlight, Span
from core.domain.transcripts.transcript import Segment
from core.errors import Conflict, NotFound, UserError
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import edits, highlights, transcripts
from core.transactions import transcript_edit

T = TypeVar("T")

LONGEST_TEXT = 5_000
LONGEST_REMARK = 10_000
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Speaker:
    """`segments`: the number of the speaker's segments; `seconds`: their total length."""

    name: str
    segments: int
    seconds: float


class Annotations:
    """Safe to call from any thread. Each change has the episode's exported files written again."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    # --- edits ----------------------------------------------------------------------------------

    def edit(self, actor: Actor, episode_id: int, segment_id: int, text: str, *, expected: str | None = None) -> Segment:
        """Set a segment's text; its times stay, its words are updated, its first text is kept as `original`.

        `expected` is the text that the reader saw. Raises NotFound, UserError (empty or too long), Conflict (the text changed).
        """
        wanted = " ".join(text.split())
        if not wanted:
            raise UserError("A sentence cannot be empty. Nothing was changed.", case="sentence_empty")
        if len(wanted) > LONGEST_TEXT:
            raise UserError(
                f"A sentence can have {LONGEST_TEXT} characters at most. Nothing was changed.",
                case="sentence_long",
                most=LONGEST_TEXT,
            )

        def change(db: Database, now: float) -> Segment:
            segment = transcript_edit.segment(db, episode_id, segment_id)
            if expected is not None and segment.text != expected:
                raise Conflict(
                    "This sentence was changed meanwhile, perhaps in another window. Nothing was overwritten; look at it again.",
                    id=segment_id,
                    text=segment.text,
                    case="edited_meanwhile",
                )
            if segment.text == wanted:
                return segment
            return transcript_edit.edit(db, episode_id, segment, wanted, now=now)

        return self._change(episode_id, change)

    def edits(self, actor: Actor, episode_id: int) -> list[Edit]:
        """Return all edits, the newest first: those in effect, those undone, and those of earlier transcripts (`outdated`)."""
        return edits.of_episode(self._store.read(), episode_id)

    def undo(self, actor: Actor, episode_id: int, edit_id: int | None = None) -> Edit:
        """Undo the last edit. Raises Conflict if there is none, or if the last one is not the expected `edit_id`."""
        return self._again(episode_id, edit_id, undone=True)

    def redo(self, actor: Actor, episode_id: int, edit_id: int | None = None) -> Edit:
        """Redo the last undone edit. Raises Conflict as `undo` does."""
        return self._again(episode_id, edit_id, undone=False)

    def _again(self, episode_id: int, edit_id: int | None, *, undone: bool) -> Edit:
        def change(db: Database, now: float) -> Edit:
            found = edits.to_undo(db, episode_id) if undone else edits.to_redo(db, episode_id)
            if found is None:
                raise Conflict(f"There is nothing to {'undo' if undone else 'do again'}.", id=episode_id, case="nothing_to_undo")
            if edit_id not in (None, found.id):
                raise Conflict(
                    "The transcript was edited meanwhile, perhaps in another window. Nothing was undone.",
                    id=found.id,
                    case="edited_meanwhile",
                )
            transcript_edit.turn(db, found, undone=undone, now=now)
            return replace(found, undone=undone)

        return self._change(episode_id, change)

    # --- speakers -------------------------------------------------------------------------------

    def speakers(self, actor: Actor, episode_id: int) -> list[Speaker]:
        """Return the speakers in the order in which they first speak; [] if the transcript names none."""
        rows = transcripts.speakers(self._store.read(), episode_id)
        return [Speaker(row["speaker"], row["segments"], row["seconds"]) for row in rows]

    def rename_speaker(self, actor: Actor, episode_id: int, name: str, new: str) -> list[Speaker]:
        """Rename a speaker; the name of another speaker merges the two. `undo` reverts it. Raises NotFound, UserError."""
        wanted = " ".join(new.split())
        if not wanted or len(wanted) > LONGEST_NAME:
            raise UserError(
                f"A speaker's name has 1 to {LONGEST_NAME} characters. Nothing was changed.",
                case="speaker_name",
                most=LONGEST_NAME,
            )

        def change(db: Database, now: float) -> None:
            ids = transcripts.segments_of_speaker(db, episode_id, name)
            if not ids:
                raise NotFound(f"Nobody named {name} speaks in this transcript.", id=episode_id, case="no_speaker", name=name)
            if wanted != name:
                transcript_edit.rename(db, episode_id, name, ids, wanted, now=now)

        self._change(episode_id, change)
        return self.speakers(actor, episode_id)

    # --- highlights -----------------------------------------------------------------------------

    def highlights(self, actor: Actor, episode_id: int) -> list[Highlight]:
        """Return the highlights in the order of the audio; `anchored` is False if the current transcript lacks the text."""
        return highlights.of_episode(self._store.read(), episode_id)

    def highlight(
        self, actor: Actor, episode_id: int, span: Span, *, colour: Colour = Colour.YELLOW, remark: str = ""
    ) -> Highlight:
        """Highlight a span. Raises NotFound, UserError for an invalid span."""

        def change(db: Database, now: float) -> Highlight:
            values = _place(db, episode_id, span) | {"colour": colour.value, "remark": _remark(remark)}
            return highlights.get(db, highlights.add(db, episode_id, values, now=now))

        return self._change(episode_id, change)

    def change_highlight(
        self,
        actor: Actor,
        highlight_id: int,
        *,
        colour: Colour | None = None,
        remark: str | None = None,
        span: Span | None = None,
        version: int | None = None,
    ) -> Highlight:
        """Set the given fields; `version` is the version that the reader edited. Raises NotFound, UserError, Conflict."""
        episode_id = highlights.get(self._store.read(), highlight_id).episode_id

        def change(db: Database, now: float) -> Highlight:
            found = highlights.get(db, highlight_id)
            if version not in (None, found.version):
                raise Conflict(
                    "This highlight was changed meanwhile, perhaps in another window. Nothing was overwritten; look at it again.",
                    id=highlight_id,
                    version=found.version,
                    case="edited_meanwhile",
                )
            values: dict[str, Any] = {} if span is None else _place(db, episode_id, span) | {"anchored": 1}
            if colour is not None:
                values["colour"] = colour.value
            if remark is not None:
                values["remark"] = _remark(remark)
            highlights.change(db, highlight_id, values, now=now)
            return highlights.get(db, highlight_id)

        return self._change(episode_id, change)

    def remove_highlight(self, actor: Actor, highlight_id: int) -> None:
        """Delete a highlight. Raises NotFound."""
        episode_id = highlights.get(self._store.read(), highlight_id).episode_id
        self._change(episode_id, lambda db, _now: highlights.delete(db, highlight_id))

    # --- helpers --------------------------------------------------------------------------------

    def _change(self, episode_id: int, change: Callable[[Any, float], T]) -> T:
        def write(db: Database) -> T:
            episodes.live(db, episode_id)
            done = change(db, self._clock())
            jobs.publish_again(db, episode_id)
            return done

        return self._store.write(write)


def _place(db: Database, episode_id: int, span: Span) -> dict[str, Any]:
    try:
        return transcript_edit.place(db, episode_id, span)
    except ValueError as error:
        raise UserError(f"This cannot be highlighted: {error}. Nothing was changed.", case="no_highlight") from error


def _remark(remark: str) -> str:
    if len(remark) > LONGEST_REMARK:
        raise UserError(
            f"A remark can have {LONGEST_REMARK} characters at most. Nothing was changed.",
            case="remark_long",
            most=LONGEST_REMARK,
        )
    return remark.strip()
