from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word
from core.store.db.database import Store
from core.store.library import episodes
from core.store.text import transcripts

TRANSCRIPT = Transcript(
    language="zh",
    duration=7200.0,
    segments=(
        Segment(0, 0.0, 1.5, "你好。", None, (Word(0.0, 0.7, "你", 0.9), Word(0.7, 1.5, "好。"))),
        Segment(1, 2.0, 3.0, "Good day.", "Ann"),
    ),
    engine=SpeechEngine("demo", "cpu", "int8", 4),
    speech_seconds=2.5,
    wall_seconds=720.0,
)


def save(store: Store, episode_id: int, transcript: Transcript = TRANSCRIPT, now: float = 1.0) -> None:
    store.write(partial(transcripts.save, episode_id=episode_id, transcript=transcript, now=now))


def test_a_transcript_comes_back_as_it_went_in(store: Store, episode_id: int) -> None:
    assert transcripts.find(store.read(), episode_id) is None
    save(store, episode_id)
    assert transcripts.find(store.read(), episode_id) == TRANSCRIPT


def test_what_became_of_the_speech_and_the_language_of_a_sentence_are_kept(store: Store, episode_id: int) -> None:
    spoken = (Spoken(0.0, 1.5, Fate.HEARD), Spoken(2.0, 3.0, Fate.DROPPED, Why.LOOP, 1))
    segments = (TRANSCRIPT.segments[0], replace(TRANSCRIPT.segments[1], language="en"))
    save(store, episode_id, replace(TRANSCRIPT, spoken=spoken, segments=segments))
    db = store.read()
    assert transcripts.find(db, episode_id) == replace(TRANSCRIPT, spoken=spoken, segments=segments)
    assert [s.language for s in transcripts.between(db, episode_id, 0, 1)] == [None, "en"]
    about = transcripts.about(db, episode_id)
    assert about == replace(TRANSCRIPT, spoken=spoken, segments=())
    assert episodes.listed(db, episode_id, user_id=None).speech_share == 0.6


def test_speech_that_nobody_listened_for_is_unknown_and_no_speech_is_covered(store: Store, episode_id: int) -> None:
    assert transcripts.about(store.read(), episode_id) is None
    for spoken, share in ((None, None), ((), 1.0)):
        save(store, episode_id, replace(TRANSCRIPT, spoken=spoken))
        found = transcripts.find(store.read(), episode_id)
        assert found
        assert (found.spoken, episodes.listed(store.read(), episode_id, user_id=None).speech_share) == (spoken, share)


def test_words_are_left_out_when_they_are_not_needed(store: Store, episode_id: int) -> None:
    save(store, episode_id)
    found = transcripts.find(store.read(), episode_id, words=False)
    assert found
    assert [s.words for s in found.segments] == [(), ()]


def test_a_new_transcript_replaces_the_old_one_as_a_whole(store: Store, episode_id: int) -> None:
    save(store, episode_id)
    silent = Transcript("und", 5.0, (), SpeechEngine("demo"))
    save(store, episode_id, silent, now=2.0)
    assert transcripts.find(store.read(), episode_id) == silent
    assert list(transcripts.segments(store.read(), episode_id)) == []


def test_the_version_changes_with_the_content(store: Store, episode_id: int) -> None:
    assert transcripts.version(store.read(), episode_id) is None
    save(store, episode_id, now=1.0)
    save(store, episode_id, now=2.0)
    assert transcripts.version(store.read(), episode_id) == 2.0


def test_a_transcript_goes_with_its_episode(store: Store, episode_id: int) -> None:
    save(store, episode_id)
    store.write(lambda db: episodes.delete(db, episode_id))
    assert store.read().execute("SELECT count(*) FROM segments").fetchone()[0] == 0
