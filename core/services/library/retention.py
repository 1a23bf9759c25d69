"""Retention (`castmind.retention`): the rules of feeds and settings, a preview of deletions, the record of past deletions.

    step ─▶ rows in one snapshot ─▶ domain's retention.plan ─┬─ audio ───▶ a transaction per batch: unchanged? change row, record
                                                             └─ episodes ─▶ the trash, in the same way
         ─▶ files that the record names and no row needs ─▶ unlinked ─▶ marked as settled in the record

A row that changed since the snapshot is left for the next step. The row changes before the file is deleted: a kill in between
leaves a file that the next step deletes, never a row whose audio is missing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from core.domain.accounts.actor import SYSTEM, Actor
from core.domain.episodes import retention as rules
from core.domain.episodes.retention import (
    Audio,
    Episodes,
    Going,
    RetentionChoice,
    RetentionPlan,
    RetentionRecord,
    RetentionRow,
    Rule,
)
from core.domain.jobs.job import OPEN, PRIORITY_USER, Stage
from core.errors import Conflict, MediaMissing, UserError
from core.files import stored_names
from core.services.library.trash import Trash, batches
from core.services.settings.settings_service import SettingsService
from core.settings import Settings
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import fetches, jobs
from core.store.library import episodes, retention

log = logging.getLogger(__name__)

GIGABYTE = 1_000_000_000
SHOWN = 20
LIMITS = {"audio_days": 0, "newest": 1, "days": 1}
TRANSCRIPTS = ("prefer", "never")


@dataclass(frozen=True, slots=True)
class FeedRule:
    """A feed's own choice, its use of publisher's transcripts (None: as the settings say), and the resulting rule."""

    choice: RetentionChoice
    publisher_transcript: str | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Named:
    """One planned deletion; `what` is audio or episode."""

    episode_id: int
    title: str
    what: str
    why: rules.RetentionReason
    bytes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Planned or finished deletions. `first`: the first few; `over`: the bytes by which the budget would still be exceeded."""

    audio: int = 0
    episodes: int = 0
    bytes: int = 0
    over: int = 0
    first: tuple[Named, ...] = ()


class Retention:
    """Safe to call from any thread. The scheduler calls `step`."""

    def __init__(
        self,
        store: Store,
        preferences: SettingsService,
        data: Path,
        trash: Trash,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._data = data
        self._trash = trash
        self._clock = clock

    # --- rules --------------------------------------------------------------------------------

    def overall(self, actor: Actor) -> Rule:
        return overall(self._preferences.values)

    def rule(self, actor: Actor, feed_id: int) -> FeedRule:
        """Return the feed's rule. Raises NotFound."""
        with self._store.snapshot() as db:
            feeds.get(db, feed_id)
            choice = retention.choice(db, feed_id)
            return FeedRule(choice, retention.publisher_transcript(db, feed_id), choice.over(self.overall(actor)))

    def set_rule(self, actor: Actor, feed_id: int, values: Mapping[str, Any]) -> FeedRule:
        """Set the given fields of a feed's rule: audio, audio_days, episodes, newest, days, publisher_transcript; None means as
        the settings say. It applies from the next step on. Raises NotFound, UserError."""
        checked = checked_rule(values)

        def change(db: Database) -> None:
            feeds.get(db, feed_id)
            retention.choose(db, feed_id, checked)

        self._store.write(change)
        return self.rule(actor, feed_id)

    # --- looking ahead ------------------------------------------------------------------------

    def preview(
        self,
        actor: Actor,
        *,
        feed_id: int | None = None,
        choice: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Preview:
        """Return the deletions that this choice of `feed_id` (only its own) or these settings would cause. Raises as set_rule."""
        with self._store.snapshot() as db:
            found = retention.rows(db)
            own = retention.choices(db)
            if feed_id is not None:
                feeds.get(db, feed_id)
                own[feed_id] = _changed(own.get(feed_id, RetentionChoice()), checked_rule(choice or {}))
            values = _with(self._preferences.values, settings or {})
            plan = _plan(found, own, values, self._clock())
            if feed_id is not None:
                plan = _only(plan, {row.id for row in found if row.feed_id == feed_id})
            return _told(db, plan)

    def history(self, actor: Actor, limit: int = 100) -> list[RetentionRecord]:
        """Return the record of deletions, the newest first."""
        return retention.records(self._store.read(), limit=limit)

    # --- letting go ---------------------------------------------------------------------------

    def step(self) -> int:
        """Delete pending files; apply the rules if there are any, and return how many audio files and episodes they let go."""
        self._remove_files()
        with self._store.snapshot() as db:
            idle = not retention.choices(db) and self.overall(SYSTEM).keeps_all and not self._preferences.values.media_gb
        told = Preview() if idle else self.apply(SYSTEM)
        return told.audio + told.episodes

    def apply(self, actor: Actor) -> Preview:
        """Delete the audio and episodes that the current rules do not keep; return the plan's preview."""
        now = self._clock()
        with self._store.snapshot() as db:
            found = retention.rows(db)
            plan = _plan(found, retention.choices(db), self._preferences.values, now)
            told = _told(db, plan)
        seen = {row.id: row for row in found}
        for batch in _batches(plan.audio):
            self._store.write(partial(_let_audio_go, batch=batch, seen=seen, now=now))
        self._trash.delete(actor, [g.id for g in plan.episodes], choose=partial(_let_episodes_go, plan=plan, seen=seen, now=now))
        self._remove_files()
        if plan.audio or plan.episodes:
            log.info("let go of the audio of %d and of %d episodes, %d bytes", told.audio, told.episodes, told.bytes)
            self._store.write(retention.forget_old)
        if plan.over:
            log.warning("media/ is %d bytes over its budget: the rest is protected", plan.over)
        return told

    def fetch_again(self, actor: Actor, episode_id: int) -> None:
        """Enqueue a fetch of the deleted audio, which is then kept for at least a week; no other stage runs again.

        Raises NotFound, Conflict (it exists, is being fetched, or the episode is in the trash), MediaMissing (it has no URL).
        """

        def change(db: Database) -> None:
            episode = episodes.live(db, episode_id)
            if stored_names.is_there(self._data, episode.media_path):
                raise Conflict(f"The audio of “{episode.title}” is here.", id=episode_id, state="done", case="audio_here")
            if not episode.enclosure_url:
                raise MediaMissing(f"There is no address to fetch the audio of “{episode.title}” from.", case="no_address")
            if not fetches.fetch_again(db, episode_id):
                raise Conflict("The audio is being fetched already.", id=episode_id, state="queued", case="audio_coming")
            jobs.enqueue(db, episode_id, priority=PRIORITY_USER, now=self._clock(), stages=[Stage.FETCH])
            episodes.change(db, episode_id, {"wanted_at": self._clock()}, now=self._clock())

        self._store.write(change)

    def _remove_files(self) -> None:
        """Delete pending files, but not one that is needed again: its episode is fetching it or has fetched it."""
        done: list[int] = []
        for record, episode_id, file in retention.pending(self._store.read()):
            with self._store.snapshot() as db:
                open_fetch = any(j.stage == Stage.FETCH and j.state in OPEN for j in jobs.of_episode(db, episode_id))
                needed = bool(episodes.with_media(db, file))
            if open_fetch:
                continue
            if not needed:
                stored_names.remove(self._data, file)
            done.append(record)
        if done:
            self._store.write(partial(retention.settle, record_ids=done))


# --- deciding -------------------------------------------------------------------------------------


def overall(values: Settings) -> Rule:
    return Rule(
        Audio(values.keep_audio), values.keep_audio_days, Episodes(values.keep_episodes), values.keep_newest, values.keep_days
    )


def checked_rule(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values if they are valid. Raises UserError."""
    words: dict[str, Sequence[str]] = {
        "audio": tuple(Audio),
        "episodes": tuple(Episodes),
        "publisher_transcript": TRANSCRIPTS,
    }
    for name, value in values.items():
        if name not in (*words, *LIMITS):
            raise UserError(f"There is no rule {name!r}. Nothing was changed.")
        if value is None:
            continue
        if name in words and value not in words[name]:
            raise UserError(f"{name} is one of {', '.join(words[name])}. Nothing was changed.")
        if name in LIMITS and (type(value) is not int or value < LIMITS[name]):
            raise UserError(f"{name} is a number from {LIMITS[name]} on.", case="number_least", least=LIMITS[name])
    return {k: str(v) if k in words and v is not None else v for k, v in values.items()}


def _changed(choice: RetentionChoice, values: Mapping[str, Any]) -> RetentionChoice:
    row = asdict(choice) | {name: value for name, value in values.items() if name != "publisher_transcript"}
    audio, kept = row["audio"], row["episodes"]
    return RetentionChoice(**row | {"audio": Audio(audio) if audio else None, "episodes": Episodes(kept) if kept else None})


def _with(values: Settings, changed: Mapping[str, Any]) -> Settings:
    return values.model_copy(update=dict(changed))


def _plan(found: Sequence[RetentionRow], own: Mapping[int, RetentionChoice], values: Settings, now: float) -> RetentionPlan:
    general = overall(values)
    of_feeds = {feed_id: choice.over(general) for feed_id, choice in own.items()}
    return rules.plan(found, of_feeds, general, budget=int(values.media_gb * GIGABYTE), now=now)


def _only(plan: RetentionPlan, ids: set[int]) -> RetentionPlan:
    return replace(
        plan, audio=tuple(g for g in plan.audio if g.id in ids), episodes=tuple(g for g in plan.episodes if g.id in ids)
    )


def _told(db: Database, plan: RetentionPlan) -> Preview:
    going = [*(("episode", g) for g in plan.episodes), *(("audio", g) for g in plan.audio)][:SHOWN]
    titles = episodes.titles(db, [g.id for _, g in going])
    first = tuple(Named(g.id, titles.get(g.id, ""), what, g.why, g.bytes) for what, g in going)
    return Preview(len(plan.audio), len(plan.episodes), plan.bytes, plan.over, first)


# --- in a transaction -----------------------------------------------------------------------------


def _batches(going: Sequence[Going]) -> list[list[Going]]:
    by_id = {g.id: g for g in going}
    return [[by_id[i] for i in batch] for batch in batches(by_id)]


def _unchanged(db: Database, ids: Sequence[int], seen: Mapping[int, RetentionRow]) -> list[int]:
    return [row.id for row in retention.rows_of(db, ids) if row == seen[row.id]]


def _let_audio_go(db: Database, batch: list[Going], seen: Mapping[int, RetentionRow], now: float) -> None:
    whys = {g.id: g.why for g in batch}
    for episode_id in _unchanged(db, list(whys), seen):
        retention.let_audio_go(db, episodes.get(db, episode_id), whys[episode_id], now=now)


def _let_episodes_go(
    db: Database, episode_ids: list[int], *, plan: RetentionPlan, seen: Mapping[int, RetentionRow], now: float
) -> list[int]:
    """Return the unchanged episodes, which go to the trash, and record each of them."""
    whys = {g.id: g.why for g in plan.episodes}
    chosen = _unchanged(db, episode_ids, seen)
    for episode_id in chosen:
        retention.record_episode(db, episodes.get(db, episode_id), whys[episode_id], now=now)
    return chosen
