"""Work that is ordered for one episode."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.jobs.job import PRIORITY_USER, Stage
from core.domain.transcripts.hearing_again import HearAgain
from core.domain.transcripts.spoken import Fate, Spoken
from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.errors import Conflict, NotFound, UserError
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episode_trash, episodes, hear_again
from core.store.text import transcripts
from core.transactions import episode_jobs

HEARD, SILENT = Spoken(0.0, 20.0, Fate.HEARD), Spoken(20.0, 30.0, Fate.DROPPED)


@pytest.fixture
def number(store: Store) -> int:
    return store.write(partial(episodes.add, values={"title": "A talk", "source": "upload"}, now=1.0))


def states(store: Store, number: int) -> str:
    return "".join(job.state.value[0] for job in jobs.of_episode(store.read(), number))


def set_state(store: Store, state: str, stage: str = "%") -> None:
    store.write(lambda db: db.execute("UPDATE jobs SET state = ? WHERE stage LIKE ?", [state, stage]))


def done(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")


def add_checkpoint(store: Store, number: int) -> None:
    """Leave a finished part of a transcription that failed."""
    done(store, number)
    set_state(store, "queued", "transcribe")

    def add(db: Database) -> None:
        job = leases.claim(db, Stage.TRANSCRIBE, now=2.0)
        assert job
        leases.add_checkpoint(db, job, "0", {"end": 9.0}, now=2.0)

    store.write(add)
    set_state(store, "failed", "transcribe")
    assert parts(store, number)


def parts(store: Store, number: int) -> list[str]:
    return list(leases.checkpoints(store.read(), number, Stage.TRANSCRIBE))


def add_transcript(store: Store, number: int, *spoken: Spoken, model: str = "base", account: bool = True) -> None:
    made = Transcript("en", 30.0, (), SpeechEngine(model), spoken=spoken if account else None)
    store.write(lambda db: transcripts.save(db, number, made, now=1.0))


def hear(store: Store, number: int, spans: list[tuple[float, float]] | None = None, model: str | None = None) -> None:
    store.write(lambda db: episode_jobs.hear(db, number, spans, model=model, now=3.0))


def to_be_heard(store: Store, number: int) -> tuple[HearAgain, ...]:
    return hear_again.of_episode(store.read(), number)


def test_all_stages_are_ordered_by_hand(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    assert states(store, number) == "qqqq"
    assert {job.priority for job in jobs.of_episode(store.read(), number)} == {PRIORITY_USER}


def test_another_language_has_finished_stages_done_again(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0, wishes={"language": "zh", "model": None}))
    assert states(store, number) == "dqqq"
    assert episodes.get(store.read(), number).language == "zh"


def test_a_running_transcription_is_not_begun_again_without_another_wish(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0, wishes={"language": "zh"}))
    set_state(store, "running", "transcribe")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0, wishes={"language": "zh"}))
    assert states(store, number) == "qrqq"


def test_audio_that_waits_is_fetched_now_with_the_order_to_transcribe(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "waiting", "fetch")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0))
    assert states(store, number) == "qqqq"


def test_a_failed_fetch_stays_failed_until_it_is_retried(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "failed", "fetch")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0))
    assert states(store, number) == "fqqq"


def test_a_whole_transcription_takes_the_place_of_spans_to_be_heard_again(store: Store, number: int) -> None:
    done(store, number)
    add_transcript(store, number, HEARD, SILENT)
    hear(store, number)
    set_state(store, "running", "transcribe")
    store.write(lambda db: episode_jobs.transcribe(db, number, now=4.0))
    assert states(store, number) == "dqqq"
    assert to_be_heard(store, number) == ()


def test_a_retry_keeps_finished_parts_and_a_new_order_deletes_them(store: Store, number: int) -> None:
    add_checkpoint(store, number)
    store.write(lambda db: episode_jobs.retry(db, number))
    assert states(store, number) == "dqqq"
    assert parts(store, number) == ["0"]
    store.write(lambda db: episode_jobs.transcribe(db, number, now=3.0))
    assert parts(store, number) == ["0"], "it is queued: nothing begins again"
    set_state(store, "done", "transcribe")
    store.write(lambda db: episode_jobs.retry(db, number, Stage.TRANSCRIBE))
    assert parts(store, number) == []


def test_a_transcription_that_failed_begins_afresh_when_it_is_ordered(store: Store, number: int) -> None:
    add_checkpoint(store, number)
    store.write(lambda db: episode_jobs.transcribe(db, number, now=3.0))
    assert states(store, number) == "dqqq"
    assert parts(store, number) == []


def test_a_retry_takes_the_first_that_needs_it_and_what_follows(store: Store, number: int) -> None:
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.retry(db, number))
    store.write(lambda db: episode_jobs.transcribe_if_new(db, number, now=1.0))
    set_state(store, "done")
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.retry(db, number))
    set_state(store, "failed", "summarise")
    store.write(lambda db: episode_jobs.transcribe_if_new(db, number, now=2.0))
    assert states(store, number) == "ddqq"
    set_state(store, "done")
    store.write(lambda db: episode_jobs.retry(db, number, Stage.TRANSCRIBE))
    assert states(store, number) == "dqqq"


def test_audio_that_was_dropped_is_fetched_without_a_new_text(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    set_state(store, "failed", "fetch")
    store.write(lambda db: episodes.change(db, number, {"audio_dropped_at": 1.0}, now=1.0))
    store.write(lambda db: episode_jobs.retry(db, number, Stage.FETCH))
    assert states(store, number) == "qddd"


def test_dropped_audio_that_was_fetched_all_the_same_is_transcribed_anew(store: Store, number: int) -> None:
    done(store, number)
    store.write(lambda db: episodes.change(db, number, {"audio_dropped_at": 1.0}, now=1.0))
    store.write(lambda db: episode_jobs.retry(db, number, Stage.FETCH))
    assert states(store, number) == "qqqq"


def test_other_stages_than_the_fetch_are_retried_with_what_follows_though_the_audio_was_dropped(
    store: Store, number: int
) -> None:
    done(store, number)
    set_state(store, "failed", "transcribe")
    store.write(lambda db: episodes.change(db, number, {"audio_dropped_at": 1.0}, now=1.0))
    store.write(lambda db: episode_jobs.retry(db, number))
    assert states(store, number) == "dqqq"


def test_a_step_that_is_younger_than_the_episode_is_begun_alone(store: Store, number: int) -> None:
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.run_step(db, number, Stage.PUBLISH, now=1.0))
    done(store, number)
    store.write(lambda db: db.execute("DELETE FROM jobs WHERE stage = 'publish'"))
    store.write(lambda db: episode_jobs.run_step(db, number, Stage.PUBLISH, now=2.0))
    assert states(store, number) == "dddq"
    set_state(store, "done")
    store.write(lambda db: episode_jobs.run_step(db, number, Stage.SUMMARISE, now=3.0))
    assert states(store, number) == "ddqq"


def test_a_replacement_is_fetched_alone_and_only_from_an_address(store: Store, number: int) -> None:
    done(store, number)
    with pytest.raises(Conflict, match="no address"):
        store.write(lambda db: episode_jobs.fetch_anew(db, number, now=2.0))
    assert (states(store, number), episodes.get(store.read(), number).fetch_anew_at) == ("dddd", None)
    store.write(lambda db: episodes.change(db, number, {"enclosure_url": "https://example.org/1.mp3"}, now=2.0))
    store.write(lambda db: episode_jobs.fetch_anew(db, number, now=3.0))
    assert (states(store, number), episodes.get(store.read(), number).fetch_anew_at) == ("qddd", 3.0)
    set_state(store, "failed", "fetch")
    store.write(lambda db: episode_jobs.retry(db, number))
    assert states(store, number) == "qddd"


def test_a_replacement_of_an_episode_without_orders_is_fetched_and_no_more(store: Store, number: int) -> None:
    store.write(lambda db: episodes.change(db, number, {"enclosure_url": "https://example.org/1.mp3"}, now=2.0))
    store.write(lambda db: episode_jobs.fetch_anew(db, number, now=3.0))
    assert [(job.stage, job.priority) for job in jobs.of_episode(store.read(), number)] == [(Stage.FETCH, PRIORITY_USER)]


def test_audio_that_is_left_ends_its_fetch_if_there_was_one(store: Store, number: int) -> None:
    done(store, number)
    set_state(store, "failed", "fetch")
    store.write(lambda db: episodes.change(db, number, {"audio_replaced_at": 2.0}, now=2.0))
    store.write(lambda db: episode_jobs.leave_audio(db, number, now=3.0))
    assert states(store, number) == "fddd"
    store.write(lambda db: episodes.change(db, number, {"audio_replaced_at": 2.0, "fetch_anew_at": 2.0}, now=2.0))
    store.write(lambda db: episode_jobs.leave_audio(db, number, now=3.0))
    found = episodes.get(store.read(), number)
    assert (states(store, number), found.audio_replaced_at, found.fetch_anew_at) == ("dddd", None, None)


def test_spans_without_words_are_heard_again_with_the_next_larger_model(store: Store, number: int) -> None:
    done(store, number)
    add_transcript(store, number, HEARD, SILENT)
    hear(store, number)
    assert states(store, number) == "dqdd"
    assert to_be_heard(store, number) == (HearAgain(20.0, 30.0, "small"),)
    hear(store, number, [(22.0, 25.0)], "medium")
    assert to_be_heard(store, number) == (HearAgain(20.0, 30.0, "small"), HearAgain(22.0, 25.0, "medium"))


def test_what_cannot_be_heard_again_is_told(store: Store, number: int) -> None:
    with pytest.raises(Conflict, match="not known"):
        hear(store, number)
    done(store, number)
    add_transcript(store, number, account=False)
    with pytest.raises(Conflict, match="not known"):
        hear(store, number)
    add_transcript(store, number, HEARD)
    with pytest.raises(Conflict, match="has words"):
        hear(store, number)
    add_transcript(store, number, HEARD, SILENT, model="large-v3")
    with pytest.raises(UserError, match=r"no larger model than large-v3\."):
        hear(store, number)
    set_state(store, "running", "transcribe")
    with pytest.raises(Conflict, match="as a whole"):
        hear(store, number, model="large-v3")
    assert to_be_heard(store, number) == ()


def test_a_transcript_from_elsewhere_is_heard_again_without_a_job_of_its_own_before(store: Store, number: int) -> None:
    add_transcript(store, number, HEARD, SILENT)
    hear(store, number)
    assert [job.stage for job in jobs.of_episode(store.read(), number)] == [Stage.TRANSCRIBE]


def test_a_failed_hearing_is_cancelled_and_the_transcript_stays(store: Store, number: int) -> None:
    done(store, number)
    add_transcript(store, number, HEARD, SILENT)
    hear(store, number)
    set_state(store, "failed", "transcribe")
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.cancel(db, number, Stage.PUBLISH, now=4.0))
    store.write(lambda db: episode_jobs.cancel(db, number, now=4.0))
    assert states(store, number) == "dddd"
    assert to_be_heard(store, number) == ()
    assert transcripts.about(store.read(), number)


def test_a_cancel_stops_what_is_open_or_the_named_stage(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    store.write(lambda db: episode_jobs.cancel(db, number, Stage.SUMMARISE, now=2.0))
    assert states(store, number) == "qqcq"
    store.write(lambda db: episode_jobs.cancel(db, number, now=3.0))
    assert states(store, number) == "cccc"
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.cancel(db, number, now=4.0))


def test_new_notes_may_go_back_to_the_settings(store: Store, number: int) -> None:
    store.write(lambda db: episode_jobs.transcribe(db, number, now=1.0))
    set_state(store, "done")
    store.write(lambda db: episode_jobs.summarise(db, number, now=2.0, model="m", language="zh"))
    assert states(store, number) == "ddqq"
    store.write(lambda db: episode_jobs.summarise(db, number, now=3.0, model=""))
    found = episodes.get(store.read(), number)
    assert (found.notes_model, found.notes_language) == (None, "zh")


def test_what_is_in_the_trash_or_not_there_gets_no_work(store: Store, number: int) -> None:
    store.write(lambda db: episode_trash.put_in_trash(db, [number], now=1.0))
    with pytest.raises(Conflict):
        store.write(lambda db: episode_jobs.transcribe(db, number, now=2.0))
    with pytest.raises(NotFound):
        store.write(lambda db: episode_jobs.transcribe(db, 99, now=2.0))
