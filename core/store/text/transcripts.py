"""The `transcripts` and `segments` tables: at most one transcript per episode, replaced as a whole, edited by segment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from core.domain.transcripts.provenance import Checked
from core.domain.transcripts.spoken import Spoken
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word
from core.store.db.sqlite import Database


def save(db: Database, episode_id: int, transcript: Transcript, *, now: float) -> None:
    db.execute("DELETE FROM transcripts WHERE episode_id = ?", [episode_id])
    db.execute(
        "INSERT INTO transcripts (episode_id, language, duration, speech_seconds, wall_seconds, engine, compared, spoken, "
        "speech_share, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            episode_id,
            transcript.language,
            transcript.duration,
            transcript.speech_seconds,
            transcript.wall_seconds,
            json.dumps(transcript.engine.to_dict()),
            json.dumps(transcript.checked.to_dict()) if transcript.checked else None,
            _dump_spoken(transcript.spoken),
            transcript.speech_coverage.share if transcript.speech_coverage else None,
            now,
        ],
    )
    db.conn.executemany(
        "INSERT INTO segments (episode_id, id, start, end, text, speaker, words, original, language) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (episode_id, s.id, s.start, s.end, s.text, s.speaker, dump_words(s.words), s.original, s.language)
            for s in transcript.segments
        ),
    )


def find(db: Database, episode_id: int, *, words: bool = True) -> Transcript | None:
    row = db.execute("SELECT * FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    if row is None:
        return None
    return _transcript(row, tuple(segments(db, episode_id, words=words)))


def provenance(db: Database, episode_id: int) -> tuple[SpeechEngine, Checked | None] | None:
    """Return the transcript's engine and check, without reading the text; None if there is none."""
    row = db.execute("SELECT engine, compared FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    if row is None:
        return None
    return SpeechEngine(**json.loads(row["engine"])), Checked.from_dict(json.loads(row["compared"])) if row["compared"] else None


def about(db: Database, episode_id: int) -> Transcript | None:
    """Return the transcript without its segments: its engine, and the coverage of the speech."""
    row = db.execute("SELECT * FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    return _transcript(row, ()) if row else None


def segments(db: Database, episode_id: int, *, words: bool = True) -> Iterator[Segment]:
    what = "words" if words else "NULL AS words"
    rows = db.execute(
        f"SELECT id, start, end, text, speaker, {what}, original, language FROM segments WHERE episode_id = ? ORDER BY id",
        [episode_id],
    )
    return map(_segment, rows)


def between(db: Database, episode_id: int, first: int, last: int) -> list[Segment]:
    """Return the segments with ids from `first` to `last` (inclusive), with their words."""
    rows = db.execute(
        "SELECT id, start, end, text, speaker, words, original, language FROM segments WHERE episode_id = ? AND id BETWEEN ? AND ? ORDER BY id",
        [episode_id, first, last],
    )
    return [_segment(row) for row in rows]


def edited(db: Database, episode_id: int) -> list[Segment]:
    """Return the segments that the reader has edited, without their words."""
    rows = db.execute(
        "SELECT id, start, end, text, speaker, NULL AS words, original, language FROM segments "
        "WHERE episode_id = ? AND original IS NOT NULL ORDER BY id",
        [episode_id],
    )
    return [_segment(row) for row in rows]


def reword(db: Database, episode_id: int, segment_id: int, text: str, words: Sequence[Word]) -> None:
    """Set a segment's text. The original text is kept, and deleted when the text is set back to it."""
    db.execute(
        "UPDATE segments SET original = nullif(coalesce(original, text), :text), text = :text, words = :words "
        "WHERE episode_id = :episode AND id = :id",
        {"text": text, "words": dump_words(words), "episode": episode_id, "id": segment_id},
    )


def speakers(db: Database, episode_id: int) -> list[sqlite3.Row]:
    """Return `speaker`, `segments` (their number) and `seconds` (spoken) of each speaker, in order of first appearance."""
    return list(
        db.execute(
            "SELECT speaker, count(*) AS segments, sum(end - start) AS seconds FROM segments "
            "WHERE episode_id = ? AND speaker IS NOT NULL GROUP BY speaker ORDER BY min(id)",
            [episode_id],
        )
    )


def segments_of_speaker(db: Database, episode_id: int, speaker: str) -> list[int]:
    rows = db.execute("SELECT id FROM segments WHERE episode_id = ? AND speaker = ? ORDER BY id", [episode_id, speaker])
    return [row["id"] for row in rows]


def set_speaker(db: Database, episode_id: int, segment_ids: Iterable[int], speaker: str | None) -> None:
    db.conn.executemany(
        "UPDATE segments SET speaker = ? WHERE episode_id = ? AND id = ?", ((speaker, episode_id, i) for i in segment_ids)
    )


def touch(db: Database, episode_id: int, *, now: float) -> None:
    """Advance the version after a change; it increases even if the clock does not."""
    db.execute(
        "UPDATE transcripts SET changed_at = max(?, coalesce(changed_at, created_at) + 0.001) WHERE episode_id = ?",
        [now, episode_id],
    )


def version(db: Database, episode_id: int) -> float | None:
    """Return when the transcript was last written or edited (Unix seconds): changes whenever its content does."""
    row = db.execute("SELECT coalesce(changed_at, created_at) FROM transcripts WHERE episode_id = ?", [episode_id]).fetchone()
    return row[0] if row else None


def dump_words(words: Sequence[Word]) -> str | None:
    if not words:
        return None
    return json.dumps([[w.start, w.end, w.text, w.probability] for w in words], ensure_ascii=False, separators=(",", ":"))


def _dump_spoken(spans: Sequence[Spoken] | None) -> str | None:
    return None if spans is None else json.dumps([span.to_dict() for span in spans], separators=(",", ":"))


def _spoken(text: str | None) -> tuple[Spoken, ...] | None:
    return None if text is None else tuple(Spoken.from_dict(span) for span in json.loads(text))


def _segment(row: sqlite3.Row) -> Segment:
    """Build a segment from a row in the order of the fields: transcripts have thousands, and look-ups by name scan all names."""
    number, start, end, text, speaker, spoken, original, language = row
    words = tuple([Word(*w) for w in json.loads(spoken)]) if spoken else ()
    return Segment(number, start, end, text, speaker, words, original, language)


def _transcript(row: sqlite3.Row, segments: tuple[Segment, ...]) -> Transcript:
    return Transcript(
        language=row["language"],
        duration=row["duration"],
        segments=segments,
        engine=SpeechEngine(**json.loads(row["engine"])),
        speech_seconds=row["speech_seconds"],
        wall_seconds=row["wall_seconds"],
        checked=Checked.from_dict(json.loads(row["compared"])) if row["compared"] else None,
        spoken=_spoken(row["spoken"]),
    )
