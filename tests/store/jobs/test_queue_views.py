"""Lists and counts of the queue."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from core.domain.jobs.job import PRIORITY_USER, Stage, State
from core.store.db.database import Store
from core.store.jobs import jobs, leases, queue_views
from tests.store.jobs.conftest import Queue


def test_the_queue_shows_what_runs_then_what_comes_next(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    first, second = add_episode(), add_episode()
    queue.enqueue(first)
    queue.enqueue(second, PRIORITY_USER)
    running = queue.must_claim()
    shown = queue_views.in_states(store.read(), [State.RUNNING, State.QUEUED])
    assert shown[0].id == running.id
    assert [j.episode_id for j in shown[1:]] == [second] * 3 + [first] * 4
    assert len(queue_views.in_states(store.read(), State, limit=3)) == 3
    assert queue_views.counts(store.read()) == {State.RUNNING: 1, State.QUEUED: 7}


def test_lists_and_counts_are_those_of_one_statement_over_all_jobs(store: Store, add_episode: Callable[..., int]) -> None:
    """The index gives each state by itself; SQLite's own order of all together is the judge."""
    rng = random.Random(5)
    for number in range(40):
        episode_id = add_episode()
        store.write(partial(jobs.enqueue, episode_id=episode_id, priority=rng.choice((0, 10)), now=0.0))
        for stage in Stage:
            values = [rng.choice(list(State)).value, rng.choice((None, 1.0, 2.0, 3.5)), episode_id, stage.value]
            sql = "UPDATE jobs SET state = ?, finished_at = ? WHERE episode_id = ? AND stage = ?"
            store.write(lambda db, sql=sql, values=values: db.execute(sql, values))
        if not number % 9:
            store.write(lambda db, gone=episode_id: db.execute("UPDATE episodes SET deleted_at = 1 WHERE id = ?", [gone]))
    db = store.read()
    kept = "episode_id NOT IN (SELECT id FROM episodes WHERE deleted_at IS NOT NULL)"
    places = " ".join(f"WHEN '{stage}' THEN {place}" for place, stage in enumerate(Stage))
    order = f"state <> 'running', finished_at DESC, priority DESC, CASE stage {places} END, id"
    for states in ([], [State.DONE], [State.RUNNING, State.QUEUED, State.QUEUED], list(State)):
        for limit in (1, 7, 500):
            names = ", ".join(f"'{state.value}'" for state in states)
            sql = f"SELECT id FROM jobs WHERE state IN ({names}) AND {kept} ORDER BY {order} LIMIT {limit}"
            assert [job.id for job in queue_views.in_states(db, states, limit=limit)] == [row[0] for row in db.execute(sql)]
    there = db.execute(f"SELECT state, count(*) FROM jobs WHERE {kept} GROUP BY state").fetchall()
    assert queue_views.counts(db) == {State(row[0]): row[1] for row in there}


def test_what_jobs_wait_for_is_told_once_with_its_episodes(queue: Queue, store: Store, add_episode: Callable[..., int]) -> None:
    unreachable = {"code": "ollama_unreachable", "detail": "No.", "params": {"host": "http://127.0.0.1:11434"}}
    numbers = [add_episode() for _ in range(4)]
    for number in numbers:
        queue.enqueue(number)
        queue.do(Stage.FETCH)
        queue.do(Stage.TRANSCRIBE)
        queue.set_aside(queue.must_claim(Stage.SUMMARISE), State.WAITING, error=unreachable, not_before=5.0)
    (held,) = queue_views.held(store.read())
    assert (held.code, held.stage, held.count, held.error) == ("ollama_unreachable", "summarise", 4, unreachable)
    # One that is being tried again counts on, until it gets anywhere.
    job = queue.must_claim(Stage.SUMMARISE, now=9.0)
    assert [row.count for row in queue_views.held(store.read())] == [4]
    assert queue_views.held_episodes(store.read(), held, limit=3) == numbers[:3]
    store.write(partial(leases.heartbeat, job=job, now=9.0, progress=0.2, detail={}))
    assert [row.count for row in queue_views.held(store.read())] == [3]
    assert queue_views.held_episodes(store.read(), replace(held, condition="elsewhere"), limit=-1) == []
