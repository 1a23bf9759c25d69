"""Save material that publishers supply, and read the transcript that is compared with the audio.

outcomes of offers ─▶ keep ─▶ rows, speakers named by the publisher's transcript, files written again
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.episodes.episode import Episode
from core.domain.episodes.publisher_extras import OfferOutcome, SuppliedTranscript
from core.domain.transcripts.carry_over import matching_speakers
from core.errors import NotFound
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes, publisher_extras, retention
from core.store.text import transcripts


def to_compare(db: Database, episode: Episode, setting: str) -> SuppliedTranscript | None:
    """Return the publisher's transcript, if the episode, else its feed, else the setting wants it where it fits."""
    wish = episode.publisher_transcript or retention.publisher_transcript(db, episode.feed_id) or setting
    return publisher_extras.transcript(db, episode.id) if wish == "prefer" else None


def keep(db: Database, episode_id: int, outcomes: Sequence[OfferOutcome], *, now: float) -> None:
    """Save the outcomes of offers, name speakers by them, and order the files to be written again."""
    if episodes.find(db, episode_id) is None:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    publisher_extras.settle(db, episode_id, outcomes, now=now)
    publisher_extras.leave(db, episode_id, now=now)
    if any(o.document for o in outcomes):
        name_speakers(db, episode_id, now=now)
        jobs.publish_again(db, episode_id)


def name_speakers(db: Database, episode_id: int, *, now: float) -> None:
    """Give our transcript the speakers of the publisher's, if it names none of its own."""
    published = publisher_extras.transcript(db, episode_id)
    if published is None or not published.timed or not any(s.speaker for s in published.segments):
        return
    if transcripts.speakers(db, episode_id):
        return
    ours = list(transcripts.segments(db, episode_id, words=False))
    by_name: dict[str, list[int]] = {}
    for segment_id, name in matching_speakers(ours, published.segments).items():
        by_name.setdefault(name, []).append(segment_id)
    for name, ids in by_name.items():
        transcripts.set_speaker(db, episode_id, ids, name)
    if by_name:
        transcripts.touch(db, episode_id, now=now)
