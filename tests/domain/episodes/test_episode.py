"""An episode: where it counts as heard, and whether its transcript is of the audio that is here."""

from __future__ import annotations

import pytest

from core.domain.episodes.episode import Episode, Source, heard


@pytest.mark.parametrize(
    ("position", "duration", "is_heard"),
    [
        (0.0, 0.0, False),
        (9.0, None, False),
        (94.9, 100.0, False),
        (95.0, 100.0, True),
        # Of a long one the last half minute counts, not its last twentieth.
        (3420.0, 3600.0, False),
        (3570.0, 3600.0, True),
        (4000.0, 3600.0, True),
    ],
)
def test_an_episode_is_heard_near_its_end(position: float, duration: float | None, is_heard: bool) -> None:
    assert heard(position, duration) is is_heard


@pytest.mark.parametrize(
    ("media", "sha", "transcribed", "other"),
    [
        ("media/a.mp3", "new", "old", True),
        ("media/a.mp3", "same", "same", False),
        ("media/a.mp3", "new", None, False),
        (None, None, "old", False),
    ],
)
def test_a_transcript_is_of_other_audio_when_the_hash_differs(
    media: str | None, sha: str | None, transcribed: str | None, other: bool
) -> None:
    episode = Episode(1, "A talk", Source.FEED, 0.0, 0.0, media_path=media, sha256=sha, heard_sha256=transcribed)
    assert episode.heard_other_audio is other
