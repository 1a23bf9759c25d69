"""Below an episode's title: the source of its text, and why its audio is gone or another one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.transcripts.provenance import PUBLISHER, Checked, CheckedPlace, Misfit
from core.domain.transcripts.transcript import SpeechEngine
from core.store.library import episodes
from core.store.text import transcripts
from tests.pages.conftest import TALK, Open

PLACES = (CheckedPlace(5.0, 13.0, 0.98, 0.1), CheckedPlace(40.0, 48.0, 0.2, 0.0, False))


def test_the_episode_says_whose_its_transcript_is(castmind: CastMind, talks: list[int], opened: Open) -> None:
    by_publisher = replace(TALK, engine=SpeechEngine(PUBLISHER, "", "", 0), checked=Checked(None, PLACES[:1]))
    other = replace(TALK, checked=Checked(Misfit.WORDS, PLACES))
    for episode, transcript in zip(talks, (by_publisher, other), strict=True):
        castmind.library._store.write(partial(transcripts.save, episode_id=episode, transcript=transcript, now=2.0))
    page = opened("episode/page.py", id=str(talks[0]))
    (line,) = (c for c in page.caption if "Publisher’s transcript" in c.value)
    assert "checked in 1 place" in line.value and "0:05: 98% of the words, +0.1 s" in (line.help or "")
    page = opened("episode/page.py", id=str(talks[1]))
    assert any("its text differs in 1 of 2 places" in c.value for c in page.caption)


def test_audio_that_went_is_fetched_again_from_the_episodes_page(castmind: CastMind, talks: list[int], opened: Open) -> None:
    castmind.retention.set_rule(OWNER, 1, {"audio": "text"})
    castmind.retention.apply(OWNER)
    page = opened("episode/page.py", id=str(talks[0]))
    assert any("only the text is kept" in c.value for c in page.caption)
    page.button(key="fetch-again").click().run()
    assert not page.exception
    assert castmind.library.episode(OWNER, talks[0]).jobs[0].state != "done"


def test_audio_that_was_replaced_is_said_and_fetched_or_left_on_demand(
    castmind: CastMind, opened: Open, talks: list[int]
) -> None:
    for episode_id, press in zip(talks, ("anew", "leave"), strict=True):
        castmind._store.write(lambda db, each=episode_id: episodes.note_replaced(db, [each], now=1.8e9))
        page = opened("episode/page.py", id=str(episode_id))
        assert any("replaced the audio of this episode" in info.value for info in page.info)
        # The fetched audio differs from the transcribed audio.
        castmind._store.write(lambda db, each=episode_id: episodes.change(db, each, {"heard_sha256": "0" * 64}, now=1.8e9))
        page = opened("episode/page.py", id=str(episode_id))
        assert any("isn’t the one that was transcribed" in info.value for info in page.info)
        page.button(key=f"replaced.{press}").click().run()
        episode = castmind.library.episode(OWNER, episode_id).episode
        assert (episode.fetch_anew_at is not None) is (press == "anew")
        assert (episode.audio_replaced_at is not None) is (press == "anew")
        assert castmind.library.transcript(OWNER, episode_id)
        assert not any(button.key == f"replaced.{press}" for button in page.button)
