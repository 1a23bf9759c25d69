"""Runs of workers in other processes, message by message, over a real store with a clock that the test turns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import LEASE_SECONDS, Stage, State
from core.pipeline import graph, remote_runs
from core.pipeline.protocol import (
    VERSION,
    Assignment,
    BadMessage,
    ClaimRequest,
    Failure,
    Heartbeat,
    Idle,
    Orders,
    Part,
    Refused,
    Result,
    decode,
)
from core.pipeline.remote_runs import RemoteRuns
from core.pipeline.step import Need
from core.pipeline.steps.publish import PublishInput
from core.pipeline.values import from_json, to_json
from core.store.jobs import jobs, leases
from core.store.text import notes, transcripts
from tests.runner_fixture import NOTES, RESULTS, TRANSCRIPT, Rig

F, T, S, P = Stage


@pytest.fixture
def remote(rig: Rig) -> RemoteRuns:
    return RemoteRuns(rig.runner.claims, [T, S, P])


def claim(remote: RemoteRuns, step: str) -> Assignment:
    reply = remote.handle(ClaimRequest("test", (step,)))
    assert isinstance(reply, Assignment)
    return reply


def result(stage: Stage, claimed: str) -> Result:
    value = RESULTS[stage]
    return Result(claimed, type(value).__name__, to_json(value), {"phase": "done"})


def fail(remote: RemoteRuns, claimed: str, error: errors.CastMindError, *, progressed: bool = False) -> Any:
    return remote.handle(Failure(claimed, **error.to_dict(), retry_after=9.0, progressed=progressed))


def test_steps_are_claimed_in_the_worker_s_order_and_run_in_the_graph_s(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    assert remote.handle(ClaimRequest("test", (P, S, T))) == Idle(), "its audio is not fetched yet"
    rig.step(F)
    for stage in (T, S, P):
        given = remote.handle(ClaimRequest("test", (P, S, T)))
        assert isinstance(given, Assignment) and (given.step, given.lease_seconds) == (stage, LEASE_SECONDS)
        assert remote.handle(result(stage, given.claim)) == Orders()
    assert rig.states(episode) == "dddd"
    assert dict(rig.job(episode, T).detail) == {"phase": "done"}
    assert rig.ran == [(episode, F)], "this process ran nothing else"


def test_the_input_crosses_as_plain_values(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F, T)
    given = from_json(PublishInput, claim_after(remote, S, P).given)
    assert (given.episode.id, given.material.transcript, given.credentials) == (episode, TRANSCRIPT, None)


def claim_after(remote: RemoteRuns, done: Stage, wanted: Stage) -> Assignment:
    remote.handle(result(done, claim(remote, done).claim))
    return claim(remote, wanted)


def test_a_step_that_workers_may_not_have_is_not_given_out(rig: Rig, remote: RemoteRuns) -> None:
    rig.add()
    assert remote.handle(ClaimRequest("test", (F, "unknown"))) == Idle()


def test_a_worker_without_a_card_is_not_given_a_step_that_needs_one(rig: Rig, remote: RemoteRuns) -> None:
    rig.add()
    rig.step(F)
    assert remote.handle(ClaimRequest("no card", (T, S), offers=(Need.NET, Need.CPU))) == Idle()
    assert remote.handle(ClaimRequest("no processor", (T,), offers=(Need.GPU,))) == Idle()
    given = remote.handle(ClaimRequest("with a card", (T,), offers=(Need.CPU, Need.GPU)))
    assert isinstance(given, Assignment) and given.step == T


def test_a_worker_is_given_the_first_of_its_steps_whose_needs_it_offers(rig: Rig, remote: RemoteRuns) -> None:
    rig.add()
    rig.add()
    rig.step(F, F, T, S)
    given = remote.handle(ClaimRequest("no card", (T, P), offers=(Need.CPU,)))
    assert isinstance(given, Assignment) and given.step == P


def test_a_claim_that_says_nothing_of_resources_is_given_any_of_its_steps(rig: Rig, remote: RemoteRuns) -> None:
    rig.add()
    rig.step(F)
    old = {"version": VERSION, "kind": "claim", "body": {"worker": "older", "steps": [T]}}
    assert isinstance(decode(remote.answer(json.dumps(old).encode())), Assignment)


def test_each_claim_has_a_name_of_its_own(rig: Rig, remote: RemoteRuns) -> None:
    rig.add()
    rig.add()
    rig.step(F, F)
    assert claim(remote, T).claim != claim(remote, T).claim


def test_a_part_that_the_step_saves_is_saved_at_once(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F, T)
    claimed = claim(remote, S).claim
    assert remote.handle(Part(claimed, "Notes", to_json(NOTES))) == Orders()
    assert notes.current(rig.store.read(), episode)
    assert rig.state(episode, S) is State.RUNNING


@pytest.mark.parametrize(
    ("error", "progressed", "state", "tries"),
    [
        (errors.Permanent("No."), False, State.FAILED, 0),
        (errors.WorkerDied("It ended."), False, State.QUEUED, 1),
        (errors.WorkerDied("It ended."), True, State.QUEUED, 0),
        (errors.OllamaUnreachable("It is off."), False, State.WAITING, 0),
        (errors.ShuttingDown(), False, State.QUEUED, 0),
        (errors.Cancelled(), False, State.QUEUED, 0),
    ],
    ids=["permanent", "transient", "transient after a part", "outside", "given back", "a cancel that nobody asked for"],
)
def test_a_failure_is_decided_on_as_that_of_a_step_here(
    rig: Rig, remote: RemoteRuns, error: errors.CastMindError, progressed: bool, state: State, tries: int
) -> None:
    episode = rig.add()
    rig.step(F)
    assert fail(remote, claim(remote, T).claim, error, progressed=progressed) == Orders()
    job = rig.job(episode, T)
    assert (job.state, job.tries) == (state, tries)
    if state is State.WAITING:
        assert job.not_before == rig.now + 9.0


def test_a_cancel_is_told_with_the_next_heartbeat_and_with_the_next_part(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    assert remote.handle(Heartbeat(claimed, 0.4, {"phase": "x"})) == Orders()
    rig.queue.cancel(OWNER, rig.job(episode, T).id)
    assert remote.handle(Heartbeat(claimed, 0.5)) == Orders("cancelled")
    assert remote.handle(Part(claimed, "Checkpoint", {"key": "k", "payload": {}})) == Orders("cancelled")
    fail(remote, claimed, errors.Cancelled())
    assert rig.state(episode, T) is State.CANCELLED


def test_a_result_after_the_cancel_was_told_is_refused(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    rig.queue.cancel(OWNER, rig.job(episode, T).id)
    remote.handle(Heartbeat(claimed))
    reply = remote.handle(result(T, claimed))
    assert isinstance(reply, Refused) and reply.code == "cancelled"
    assert rig.state(episode, T) is State.CANCELLED


def test_a_lost_worker_s_cancelled_job_is_cancelled(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claim(remote, T)
    rig.queue.cancel(OWNER, rig.job(episode, T).id)
    rig.now += LEASE_SECONDS + 1.0
    rig.runner.keep()
    assert rig.state(episode, T) is State.CANCELLED


def test_the_token_is_looked_at_in_the_transaction_that_saves(rig: Rig, remote: RemoteRuns) -> None:
    """Between the look at the claim and the commit the job may be queued anew."""
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    rig.library.retry(OWNER, episode, T)
    reply = remote.handle(result(T, claimed))
    assert isinstance(reply, Refused) and reply.code == "lease_lost"
    assert rig.state(episode, T) is State.QUEUED
    assert transcripts.find(rig.store.read(), episode) is None


def test_a_value_that_cannot_be_saved_ends_the_run_and_is_counted(
    rig: Rig, remote: RemoteRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = rig.add()
    rig.step(F)

    def broken(*_: object, **__: object) -> None:
        raise KeyError("segments")

    monkeypatch.setattr(graph.steps()[T], "save", broken, raising=False)
    reply = remote.handle(result(T, claim(remote, T).claim))
    assert reply == Refused("internal", "KeyError")
    job = rig.job(episode, T)
    assert (job.state, job.tries) == (State.QUEUED, 1)


def test_a_value_that_the_step_does_not_give_leaves_the_run_as_it_is(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    with pytest.raises(BadMessage):
        remote.handle(Result(claimed, "Fetched", {"media_path": "/etc/passwd"}))
    assert remote.handle(result(T, claimed)) == Orders()
    assert rig.state(episode, T) is State.DONE


def test_a_claim_waits_for_the_run_that_lost_its_job_no_longer_than_it_has_patience(
    rig: Rig, remote: RemoteRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_runs, "PATIENCE", 0.01)
    episode = rig.add()
    rig.step(F)
    hung = claim(remote, T).claim
    rig.library.retry(OWNER, episode, T)
    assert remote.handle(ClaimRequest("test", (T,))) == Idle()
    assert rig.state(episode, T) is State.QUEUED
    assert isinstance(remote.handle(result(T, hung)), Refused)
    assert remote.handle(result(T, claim(remote, T).claim)) == Orders()


def test_an_episode_that_is_deleted_takes_its_run_along(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    rig.store.write(lambda db: jobs.suspend(db, [episode], now=rig.now))
    assert remote.handle(Heartbeat(claimed)) == Orders("lease_lost")
    assert isinstance(remote.handle(result(T, claimed)), Refused)


def test_a_checkpoint_is_given_to_the_next_claim(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    remote.handle(Part(claimed, "Checkpoint", {"key": "k", "payload": {"n": 1}}))
    assert leases.checkpoints(rig.store.read(), episode, T) == {"k": {"n": 1}}
    fail(remote, claimed, errors.ShuttingDown())
    assert claim(remote, T).given["checkpoints"] == {"k": {"n": 1}}


def test_after_a_stop_nothing_is_taken_until_the_next_start(rig: Rig, remote: RemoteRuns) -> None:
    episode = rig.add()
    rig.step(F)
    claimed = claim(remote, T).claim
    rig.runner.stop()
    assert isinstance(remote.handle(result(T, claimed)), Refused)
    assert remote.handle(ClaimRequest("test", (T,))) == Idle()
    assert rig.state(episode, T) is State.QUEUED
    rig.runner.claims.open()
    assert remote.handle(result(T, claim(remote, T).claim)) == Orders()
