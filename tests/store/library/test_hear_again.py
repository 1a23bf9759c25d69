"""Spans to transcribe again, and their fate when the job is cancelled."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.jobs.job import Stage, State
from core.domain.transcripts.hearing_again import HearAgain
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.jobs import jobs, leases
from core.store.library import episode_trash, episodes, hear_again

WISHES = (HearAgain(1.0, 2.0, "small"), HearAgain(5.0, 9.0, "medium"))


@pytest.fixture
def asked(store: Store, episode_id: int) -> int:
    """An episode that is done, but for two spans."""

    def change(db: Database) -> None:
        jobs.enqueue(db, episode_id, priority=0, now=1.0)
        db.execute("UPDATE jobs SET state = 'done'")  # type: ignore[attr-defined]
        hear_again.add(db, episode_id, WISHES, now=2.0)
        jobs.hear_spans_again(db, episode_id, priority=10, now=2.0)

    store.write(change)
    return episode_id


def states(store: Store, episode_id: int) -> str:
    return "".join(job.state.value[0] for job in jobs.of_episode(store.read(), episode_id))


def transcribe_job(store: Store, episode_id: int) -> int:
    return next(job.id for job in jobs.of_episode(store.read(), episode_id) if job.stage == Stage.TRANSCRIBE)


def test_they_come_in_order_and_a_newer_wish_for_a_span_counts(store: Store, asked: int) -> None:
    store.write(partial(hear_again.add, episode_id=asked, wishes=[HearAgain(1.0, 2.0, "large-v3")], now=3.0))
    assert hear_again.of_episode(store.read(), asked) == (HearAgain(1.0, 2.0, "large-v3"), WISHES[1])
    assert hear_again.pending(store.read(), asked)


def test_they_go_with_their_episode(store: Store, asked: int) -> None:
    store.write(lambda db: episodes.delete(db, asked))
    assert not hear_again.pending(store.read(), asked)


def test_only_the_transcribe_stage_is_done_again(store: Store, asked: int) -> None:
    assert states(store, asked) == "dqdd"


def test_who_has_no_jobs_gets_the_one(store: Store, episode_id: int) -> None:
    store.write(partial(jobs.hear_spans_again, episode_id=episode_id, priority=10, now=2.0))
    assert [(j.stage, j.state) for j in jobs.of_episode(store.read(), episode_id)] == [(Stage.TRANSCRIBE, State.QUEUED)]
    assert store.write(partial(leases.claim, stage=Stage.TRANSCRIBE, now=3.0))


def test_cancelled_in_the_queue_the_transcript_is_done_as_it_was(store: Store, asked: int) -> None:
    store.write(partial(jobs.request_cancel, job_id=transcribe_job(store, asked), now=3.0))
    assert states(store, asked) == "dddd"
    assert not hear_again.pending(store.read(), asked)
    assert episodes.listed(store.read(), asked, user_id=None).state is State.DONE
    assert store.read().execute("SELECT state FROM episodes").fetchone()[0] == "done"


def test_cancelled_while_the_server_was_down_too(store: Store, asked: int) -> None:
    store.write(partial(leases.claim, stage=Stage.TRANSCRIBE, now=3.0))
    store.write(partial(jobs.request_cancel, job_id=transcribe_job(store, asked), now=3.0))
    store.write(leases.requeue_running)
    assert (states(store, asked), hear_again.pending(store.read(), asked)) == ("dddd", False)


def test_in_the_trash_they_stay_for_whoever_takes_it_out(store: Store, asked: int) -> None:
    store.write(partial(episode_trash.put_in_trash, episode_ids=[asked], now=3.0))
    assert hear_again.pending(store.read(), asked)
    store.write(partial(episode_trash.take_from_trash, episode_ids=[asked], now=4.0))
    assert states(store, asked)[:2] == "dq"


def test_a_retry_goes_on_with_them_alone_and_a_new_transcription_forgets_them(store: Store, asked: int) -> None:
    store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE stage = 'transcribe'"))
    store.write(partial(jobs.rerun, episode_id=asked, stage=Stage.TRANSCRIBE, priority=10, afresh=False))
    assert states(store, asked) == "dqdd"
    store.write(partial(jobs.rerun, episode_id=asked, stage=Stage.SUMMARISE, priority=10, afresh=True))
    assert hear_again.pending(store.read(), asked)
    store.write(partial(jobs.rerun, episode_id=asked, stage=Stage.TRANSCRIBE, priority=10, afresh=True))
    assert (states(store, asked), hear_again.pending(store.read(), asked)) == ("dqqq", False)
