"""Decide which episodes and audio files retention deletes. Input: rows; output: a RetentionPlan.

    the settings' Rule ◀─ overridden by a feed's RetentionChoice
            │
    rows ───┼─▶ protected? ─▶ kept, whatever the rules say
            ├─▶ episodes: beyond the newest N, or older than N days ─▶ to the trash
            ├─▶ audio: text only, heard, heard N days ago ───────────▶ deleted; text, notes and edits stay
            └─▶ media/ larger than its budget: the trash's audio, then the longest heard, then the oldest ─▶ deleted

Audio is deleted only if its transcript exists and it can be downloaded again. A user's own recordings are never deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from core.domain.episodes.episode import Source

DAY = 86_400.0
# A person who downloaded audio again wants to hear it; an episode played today may be resumed.
WANTED_SECONDS = 7 * DAY
PLAYED_SECONDS = DAY
OWN = (Source.UPLOAD, Source.INBOX, Source.SAMPLE)
MEDIA = "media/"


class Audio(StrEnum):
    """How long audio is kept: forever, until it was heard, some days longer, or until the transcript exists."""

    ALL = "all"
    HEARD = "heard"
    DAYS = "days"
    TEXT = "text"


class Episodes(StrEnum):
    """Which of a feed's episodes are kept: all, the newest, those of the last days."""

    ALL = "all"
    NEWEST = "newest"
    DAYS = "days"


class RetentionReason(StrEnum):
    """The reason for a deletion. `disk` is used by the trash only: the disk was short."""

    HEARD = "heard"
    TEXT = "text"
    BUDGET = "budget"
    NEWEST = "newest"
    AGE = "age"
    DISK = "disk"


class Protection(StrEnum):
    """The reason why an episode is kept, whatever the rules say."""

    OWN = "own"
    STARRED = "starred"
    NOTED = "noted"
    BUSY = "busy"
    READING = "reading"
    WANTED = "wanted"


@dataclass(frozen=True, slots=True)
class Rule:
    """`audio_days` counts from when it was heard, `days` from publication or transcription, whichever came later."""

    audio: Audio = Audio.ALL
    audio_days: int = 7
    episodes: Episodes = Episodes.ALL
    newest: int = 50
    days: int = 365

    @property
    def keeps_all(self) -> bool:
        return self.audio is Audio.ALL and self.episodes is Episodes.ALL


@dataclass(frozen=True, slots=True)
class RetentionChoice:
    """One feed's own rule; None means the settings. `audio` and its number are set together, so are `episodes` and its."""

    audio: Audio | None = None
    audio_days: int | None = None
    episodes: Episodes | None = None
    newest: int | None = None
    days: int | None = None

    def over(self, rule: Rule) -> Rule:
        return Rule(**{f.name: getattr(rule, f.name) if (own := getattr(self, f.name)) is None else own for f in fields(Rule)})


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """The columns of an episode that decide whether it stays. Times are Unix seconds; `published` is its arrival where the
    publisher names no date.

    `has_text`: it is transcribed; `fetchable`: a publisher has the audio; `noted`: own notes, highlights, edits or tags; `busy`:
    work on it is open; `asked`: a person ordered that work; `wanted_at`: a person took it or its audio back.
    """

    id: int
    source: Source
    published: float
    feed_id: int | None = None
    media_path: str | None = None
    bytes: int = 0
    has_text: bool = False
    fetchable: bool = False
    starred: bool = False
    noted: bool = False
    busy: bool = False
    asked: bool = False
    read_at: float | None = None
    position: float = 0.0
    played_at: float | None = None
    wanted_at: float | None = None
    text_at: float | None = None
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """`bytes` is the disk space that this frees, at once for audio, after the trash's week for an episode."""

    id: int
    why: RetentionReason
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """`over`: the bytes by which media/ stays above its budget, because the rest is protected."""

    audio: tuple[Going, ...] = ()
    episodes: tuple[Going, ...] = ()
    over: int = 0

    @property
    def bytes(self) -> int:
        return sum(g.bytes for g in (*self.audio, *self.episodes))


def protection(row: RetentionRow, now: float) -> Protection | None:
    """Return why nothing of the episode may be deleted; None if the rules decide."""
    reading = (row.position > 0 and row.read_at is None) or (row.played_at is not None and row.played_at > now - PLAYED_SECONDS)
    grounds = {
        Protection.OWN: row.source in OWN,
        Protection.STARRED: row.starred,
        Protection.NOTED: row.noted,
        Protection.BUSY: row.busy,
        Protection.READING: reading,
    }
    return next((ground for ground, holds in grounds.items() if holds), None)


def plan(rows: Sequence[RetentionRow], rules: Mapping[int, Rule], overall: Rule, *, budget: int = 0, now: float) -> RetentionPlan:
    """Plan the deletions. `rows` are all episodes that have audio or belong to a feed with a rule, those in the trash among them.

    `rules` are those of feeds that have their own; `budget` is bytes for media/, 0 for none.
    """
    there = [row for row in rows if row.deleted_at is None]
    leaving = {row.id: why for row, why in _leaving(there, rules, overall, now)}
    silent = {
        row.id: why
        for row in there
        if row.id not in leaving and (why := _why_silent(row, rules.get(row.feed_id or 0, overall), now))
    }
    holders = Counter(row.media_path for row in rows)
    used = _bytes_of_media(row for row in rows if row.id not in silent)
    for row in _by_worth(rows, silent, now) if budget else ():
        if used <= budget:
            break
        if row.id not in leaving and holders[row.media_path] == 1:
            silent[row.id] = RetentionReason.BUDGET
            used -= row.bytes
    by_id = {row.id: row for row in rows}
    return RetentionPlan(
        tuple(_going(by_id[i], why, holders) for i, why in silent.items()),
        tuple(Going(i, why, by_id[i].bytes if by_id[i].media_path else 0) for i, why in leaving.items()),
        max(used - budget, 0) if budget else 0,
    )


# --- episodes -------------------------------------------------------------------------------------


def _leaving(
    rows: Iterable[RetentionRow], rules: Mapping[int, Rule], overall: Rule, now: float
) -> Iterable[tuple[RetentionRow, RetentionReason]]:
    for feed_id, group in _by_feed(rows).items():
        rule = rules.get(feed_id, overall)
        match rule.episodes:
            case Episodes.NEWEST:
                beyond, why = sorted(group, key=lambda r: (-r.published, -r.id))[rule.newest :], RetentionReason.NEWEST
            case Episodes.DAYS:
                since = now - rule.days * DAY
                beyond, why = [r for r in group if max(r.published, r.text_at or 0.0) < since], RetentionReason.AGE
            case _:
                continue
        yield from ((row, why) for row in beyond if may_leave(row, now))


def _by_feed(rows: Iterable[RetentionRow]) -> dict[int, list[RetentionRow]]:
    found: dict[int, list[RetentionRow]] = {}
    for row in rows:
        if row.feed_id is not None:
            found.setdefault(row.feed_id, []).append(row)
    return found


def may_leave(row: RetentionRow, now: float) -> bool:
    """Return whether a rule may move the episode to the trash: not if a person restored it, or ordered it and has not read it."""
    unread_wish = row.asked and row.read_at is None
    return row.feed_id is not None and row.wanted_at is None and not unread_wish and protection(row, now) is None


# --- audio ----------------------------------------------------------------------------------------


def may_fall_silent(row: RetentionRow, now: float) -> bool:
    """Return whether a rule may delete the audio: it can be downloaded again, has its text, and nobody wants it now."""
    there = bool(row.media_path and row.media_path.startswith(MEDIA))
    wanted = row.wanted_at is not None and row.wanted_at > now - WANTED_SECONDS
    return there and row.has_text and row.fetchable and not wanted and protection(row, now) is None


def _why_silent(row: RetentionRow, rule: Rule, now: float) -> RetentionReason | None:
    if rule.audio is Audio.ALL or not may_fall_silent(row, now):
        return None
    if rule.audio is Audio.TEXT:
        return RetentionReason.TEXT
    wait = rule.audio_days * DAY if rule.audio is Audio.DAYS else 0.0
    return RetentionReason.HEARD if row.read_at is not None and row.read_at + wait <= now else None


def _by_worth(rows: Iterable[RetentionRow], going: Mapping[int, RetentionReason], now: float) -> list[RetentionRow]:
    """Return deletable rows, the least wanted first: the trash's, then the longest heard, then the oldest unheard."""

    def worth(row: RetentionRow) -> tuple[int, float, int]:
        if row.deleted_at is not None:
            return 0, row.deleted_at, row.id
        return (2, row.published, row.id) if row.read_at is None else (1, row.read_at, row.id)

    return sorted((r for r in rows if r.id not in going and may_lose_audio(r, now)), key=worth)


def may_lose_audio(row: RetentionRow, now: float) -> bool:
    """Return whether the audio may be deleted. In the trash only a user's own recordings stay: others can be fetched again."""
    if row.deleted_at is None:
        return may_fall_silent(row, now)
    return bool(row.media_path and row.media_path.startswith(MEDIA) and row.fetchable) and row.source not in OWN


def _bytes_of_media(rows: Iterable[RetentionRow]) -> int:
    """Sum the bytes of distinct files: two episodes may share a file."""
    return sum({r.media_path: r.bytes for r in rows if r.media_path and r.media_path.startswith(MEDIA)}.values())


def _going(row: RetentionRow, why: RetentionReason, holders: Counter[str | None]) -> Going:
    holders[row.media_path] -= 1
    return Going(row.id, why, row.bytes if holders[row.media_path] == 0 else 0)


@dataclass(frozen=True, slots=True)
class RetentionRecord:
    """One deletion. `what` is audio or episode; the episode may be gone for good by now."""

    id: int
    at: float
    episode_id: int
    feed_id: int | None
    title: str
    what: str
    why: RetentionReason
    bytes: int
