"""The `offers` table (addresses that feeds name) and the `supplied` table (documents from them, and chapters in files)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.domain.episodes.publisher_extras import Chapters, Document, ExtraKind, Offer, OfferOutcome, Origin, SuppliedTranscript
from core.store.db.sqlite import Database


@dataclass(frozen=True, slots=True)
class TriedOffer:
    """An offer, when it was last fetched (None: not yet), and why the fetch failed."""

    offer: Offer
    tried_at: float | None
    error: str | None


def _offer(row: sqlite3.Row) -> Offer:
    return Offer(ExtraKind(row["kind"]), row["url"], row["media_type"], row["language"])


# --- offers -------------------------------------------------------------------------------------------


def of_feed(db: Database, feed_id: int) -> dict[int, set[Offer]]:
    """Return the known offers of a feed's episodes."""
    rows = db.execute(
        "SELECT offers.* FROM episodes INDEXED BY episodes_feed JOIN offers ON offers.episode_id = episodes.id "
        "WHERE episodes.feed_id = ? AND episodes.deleted_at IS NULL",
        [feed_id],
    )
    found: dict[int, set[Offer]] = {}
    for row in rows:
        found.setdefault(row["episode_id"], set()).add(_offer(row))
    return found


def offer(db: Database, episode_id: int, offers: Iterable[Offer]) -> None:
    """Store the feed's present offers; known ones are not tried again because of it."""
    now = {(o.kind.value, o.url): o for o in offers}
    for row in db.execute("SELECT kind, url FROM offers WHERE episode_id = ?", [episode_id]).fetchall():
        if (row["kind"], row["url"]) not in now:
            db.execute("DELETE FROM offers WHERE episode_id = ? AND kind = ? AND url = ?", [episode_id, row["kind"], row["url"]])
    for each in now.values():
        db.execute(
            "INSERT INTO offers (episode_id, kind, url, media_type, language) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET media_type = excluded.media_type, language = excluded.language",
            [episode_id, each.kind.value, each.url, each.media_type, each.language],
        )


def tried(db: Database, episode_id: int) -> list[TriedOffer]:
    rows = db.execute("SELECT * FROM offers WHERE episode_id = ? ORDER BY kind, url", [episode_id])
    return [TriedOffer(_offer(row), row["tried_at"], row["error"]) for row in rows]


def untried(db: Database, episode_id: int) -> list[Offer]:
    return [t.offer for t in tried(db, episode_id) if t.tried_at is None]


def with_untried(db: Database, *, limit: int) -> list[int]:
    """Return episodes that have audio, and offers that their feed added since."""
    rows = db.execute(
        "SELECT DISTINCT offers.episode_id FROM offers INDEXED BY offers_untried "
        "JOIN jobs ON jobs.episode_id = offers.episode_id AND jobs.stage = 'fetch' AND jobs.state = 'done' "
        "WHERE offers.tried_at IS NULL AND offers.episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL) LIMIT ?",
        [limit],
    )
    return [row[0] for row in rows]


def settle(db: Database, episode_id: int, outcomes: Iterable[OfferOutcome], *, now: float) -> None:
    """Store the outcomes of offers, and the documents."""
    for outcome in outcomes:
        db.execute(
            "UPDATE offers SET tried_at = ?, error = ? WHERE episode_id = ? AND kind = ? AND url = ?",
            [now, outcome.error, episode_id, outcome.offer.kind.value, outcome.offer.url],
        )
        if outcome.document is not None:
            save(db, episode_id, Origin.PUBLISHER, outcome.document, now=now)


def leave(db: Database, episode_id: int, *, now: float) -> None:
    """Mark the untried offers as not needed, because another one served."""
    db.execute("UPDATE offers SET tried_at = ? WHERE episode_id = ? AND tried_at IS NULL", [now, episode_id])


# --- documents ----------------------------------------------------------------------------------------


def save(db: Database, episode_id: int, origin: Origin, document: Document, *, now: float) -> None:
    """Store a document, one per kind and origin; a newer one replaces it."""
    kind = ExtraKind.CHAPTERS if isinstance(document, Chapters) else ExtraKind.TRANSCRIPT
    language = document.language if isinstance(document, SuppliedTranscript) else None
    content = json.dumps(document.to_dict(), ensure_ascii=False, separators=(",", ":"))
    db.execute(
        "INSERT OR REPLACE INTO supplied (episode_id, kind, source, language, content, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        [episode_id, kind.value, origin.value, language, content, now],
    )


def chapters(db: Database, episode_id: int, origin: Origin) -> Chapters | None:
    content = _content(db, episode_id, ExtraKind.CHAPTERS, origin)
    return Chapters.from_dict(content) if content else None


def transcript(db: Database, episode_id: int) -> SuppliedTranscript | None:
    content = _content(db, episode_id, ExtraKind.TRANSCRIPT, Origin.PUBLISHER)
    return SuppliedTranscript.from_dict(content) if content else None


def origins(db: Database, episode_id: int) -> dict[ExtraKind, list[Origin]]:
    """Return the origins of the stored documents by kind."""
    found: dict[ExtraKind, list[Origin]] = {kind: [] for kind in ExtraKind}
    for row in db.execute("SELECT kind, source FROM supplied WHERE episode_id = ? ORDER BY source DESC", [episode_id]):
        found[ExtraKind(row["kind"])].append(Origin(row["source"]))
    return found


def _content(db: Database, episode_id: int, kind: ExtraKind, origin: Origin) -> dict[str, Any] | None:
    row = db.execute(
        "SELECT content FROM supplied WHERE episode_id = ? AND kind = ? AND source = ?", [episode_id, kind.value, origin.value]
    ).fetchone()
    found: dict[str, Any] | None = json.loads(row["content"]) if row else None
    return found
