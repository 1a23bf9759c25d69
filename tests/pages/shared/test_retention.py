"""Retention on the pages: previews save nothing; the episode shows the source of its text and why its audio is gone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.transcripts.provenance import PUBLISHER, Checked, CheckedPlace, Misfit
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import transcripts
from tests.pages.conftest import Open

TALK = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "A talk about cats."),), SpeechEngine("demo"))
PLACES = (CheckedPlace(5.0, 13.0, 0.98, 0.1), CheckedPlace(40.0, 48.0, 0.2, 0.0, False))


@pytest.fixture
def talks(castmind: CastMind) -> list[int]:
    """Return two transcribed episodes of feed 1, with ten bytes of audio each."""

    def fill(db: object) -> list[int]:
        number = feeds.add(db, {"url": "https://f/", "title": "F", "next_poll_at": 4e9}, now=1.0)
        ids = []
        for n in (1, 2):
            row = {
                "feed_id": number,
                "title": f"Talk {n}",
                "source": "feed",
                "guid": str(n),
                "bytes": 10,
                "published_at": float(n),
            }
            ids.append(
                episodes.add(db, row | {"enclosure_url": "https://127.0.0.1:9/a", "media_path": f"media/{n}.mp3"}, now=1.0)
            )
            jobs.enqueue(db, ids[-1], priority=0, now=1.0)
            transcripts.save(db, ids[-1], TALK, now=1.0)
        db.execute("UPDATE jobs SET state = 'done'")  # type: ignore[attr-defined]
        return ids

    for n in (1, 2):
        (castmind.data / "media" / f"{n}.mp3").write_bytes(b"0123456789")
    return castmind.library._store.write(fill)


def test_settings_are_tried_out_before_they_are_saved(castmind: CastMind, talks: list[int], opened: Open) -> None:
    page = opened("settings/page.py", group="keeping")
    page.selectbox(key="setting.keep_episodes.all").set_value("newest").run()
    page.number_input(key="setting.keep_newest.50").set_value(1).run()
    assert any("1 episode (to the trash for a week)" in line.value and "10 B" in line.value for line in page.markdown)
    assert any("Talk 1" in line.value and "newer ones are kept" in line.value for line in page.markdown)
    assert castmind.settings.values.keep_episodes == "all"
    page.button(key="keep.save").click().run()
    assert not page.exception
    assert (castmind.settings.values.keep_episodes, castmind.settings.values.keep_newest) == ("newest", 1)
    page.button(key="keep.now").click().run()
    assert castmind.library.episode(OWNER, talks[0]).episode.deleted_at is not None
    assert any("episode · newer ones are kept · 10 B" in line.value for line in page.caption)


def test_a_feed_has_a_rule_of_its_own(
    castmind: CastMind, talks: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("feeds/page.py")
    page.session_state["feed.unfolded.1"] = True
    page.run()
    page.selectbox(key="keep.1.audio.None").set_value("text").run()
    assert any("the audio of 2 episodes" in line.value for line in page.markdown)
    page.button(key="keep.save.1").click().run()
    assert castmind.retention.rule(OWNER, 1).choice.audio == "text"
    assert castmind.retention.preview(OWNER).audio == 2


def test_the_episode_says_whose_its_transcript_is(castmind: CastMind, talks: list[int], opened: Open) -> None:
    by_publisher = replace(TALK, engine=SpeechEngine(PUBLISHER, "", "", 0), checked=Checked(None, PLACES[:1]))
    other = replace(TALK, checked=Checked(Misfit.WORDS, PLACES))
    for episode, transcript in zip(talks, (by_publisher, other), strict=True):
        castmind.library._store.write(partial(transcripts.save, episode_id=episode, transcript=transcript, now=2.0))
    page = opened("episode/page.py", id=str(talks[0]))
    (line,) = (c for c in page.caption if "by the publisher" in c.value)
    assert "checked at 1 place" in line.value and "0:05: 98% of the words, +0.1 s" in (line.help or "")
    page = opened("episode/page.py", id=str(talks[1]))
    assert any("its text differs at 1 of 2 places" in c.value for c in page.caption)


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
        assert any("put other audio in the place of this" in info.value for info in page.info)
        # The fetched audio differs from the transcribed audio.
        castmind._store.write(lambda db, each=episode_id: episodes.change(db, each, {"heard_sha256": "0" * 64}, now=1.8e9))
        page = opened("episode/page.py", id=str(episode_id))
        assert any("is not the audio that was transcribed" in info.value for info in page.info)
        page.button(key=f"replaced.{press}").click().run()
        episode = castmind.library.episode(OWNER, episode_id).episode
        assert (episode.fetch_anew_at is not None) is (press == "anew")
        assert (episode.audio_replaced_at is not None) is (press == "anew")
        assert castmind.library.transcript(OWNER, episode_id)
        assert not any(button.key == f"replaced.{press}" for button in page.button)
