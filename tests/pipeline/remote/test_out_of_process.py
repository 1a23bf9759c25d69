"""Steps run by workers in processes of their own, which have no database, over real HTTP; either side is ended by `kill -9`.

the runner of a test, with its clock ═ HTTP ═ worker process        a worker is killed, told to cancel, or lies
CastMind in a process ═ HTTP ═ worker process                       CastMind is killed
"""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.jobs.job import LEASE_SECONDS, Job, Stage, State
from core.pipeline import graph
from core.pipeline.protocol import (
    MOST_BYTES,
    Assignment,
    ClaimRequest,
    Failure,
    Heartbeat,
    Idle,
    Orders,
    Part,
    Refused,
    Result,
    decode,
    encode,
)
from core.pipeline.remote_runs import RemoteRuns
from core.pipeline.step import Need
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.feeds import feed_credentials, feeds
from core.store.jobs import jobs, leases
from core.store.library import episodes
from core.store.settings import saved_settings
from core.store.text import transcripts
from tests.fakes.podcast_host import PodcastHost
from tests.kills import audio
from tests.new_database import new_database
from tests.pipeline.remote.processes import KEY, LoggedProcess, server, worker
from tests.pipeline.remote.tally import TallyStep, open_gates, saved_name
from tests.pipeline.remote.transport import PATH, WorkerPort
from tests.pipeline.remote.worker import DATABASE_OPENED
from tests.runner_fixture import Rig
from tests.running import free_port, wait_for

F, T, S, P = Stage
REPEATS = 8


@pytest.fixture(autouse=True)
def tally() -> Iterator[TallyStep]:
    step = TallyStep()
    graph.register(step)
    yield step
    graph.unregister(step.name)


@pytest.fixture
def played(store: Store, tmp_path: Path) -> Iterator[Rig]:
    """A runner whose clock the test turns. Windows of six seconds, so that there are several to be killed between."""
    rig = Rig(store, tmp_path, {"CASTMIND_WINDOW_MINUTES": "0.1", "CASTMIND_MIN_FREE_GB": "0"})
    yield rig
    rig.fetcher.close()


@pytest.fixture
def port(played: Rig) -> Iterator[WorkerPort]:
    with WorkerPort(RemoteRuns(played.runner.claims, list(graph.steps())), KEY) as made:
        yield made


def add(store: Store, *steps: str, now: float = 1000.0, **columns: Any) -> int:
    """An episode with jobs for these steps alone."""
    episode = store.write(partial(episodes.add, values={"title": "A talk", "source": "upload", **columns}, now=now))
    store.write(partial(jobs.enqueue, episode_id=episode, priority=0, now=now, stages=steps))
    return episode


def kept(rig: Rig, episode: int, step: str) -> dict[str, Any]:
    return leases.checkpoints(rig.store.read(), episode, step)


def saved(store: Store, episode: int) -> Any:
    return saved_settings.all_saved(store.read()).get(saved_name(episode))


def until_state(rig: Rig, episode: int, step: str, state: State, process: LoggedProcess) -> Job:
    wait_for(lambda: rig.state(episode, step) is state, pause=0.02, why=process.last_words)
    return rig.job(episode, step)


def lose_the_worker(rig: Rig) -> None:
    """Let the lease and the backoff after a failure expire."""
    rig.now += LEASE_SECONDS + 1.0
    rig.runner.keep()
    rig.now += 60.0


# --- a worker's life --------------------------------------------------------------------------------------


def test_a_step_runs_in_a_process_without_a_database(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    episode = add(played.store, "tally")
    open_gates(tmp_path, "1", "2", "3", "end")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        job = until_state(played, episode, "tally", State.DONE, process)
        assert process.exit_status() is None
        assert saved(played.store, episode) == {"saves": 1, "processes": [process.pid] * 3}
    assert (job.progress, dict(job.detail), job.tries) == (1.0, {"phase": "tallying", "part": 3}, 0)
    assert kept(played, episode, "tally") == {}


def test_the_worker_ends_when_a_database_is_opened_in_it(tmp_path: Path) -> None:
    process = LoggedProcess(tmp_path / "opener.log", "database_opener")
    with pytest.raises(AssertionError, match="a database was opened"):
        process.start()
    assert process.exit_status() == DATABASE_OPENED


def test_a_worker_that_is_killed_is_missed_and_another_goes_on_from_its_checkpoints(
    played: Rig, port: WorkerPort, tmp_path: Path
) -> None:
    episode = add(played.store, "tally")
    open_gates(tmp_path, "1")
    with worker(tmp_path / "first.log", port.root, tmp_path, "tally") as first:
        wait_for(lambda: kept(played, episode, "tally"), pause=0.02, why=first.last_words)
        first.kill()
        played.runner.keep()
        assert played.state(episode, "tally") is State.RUNNING
        lose_the_worker(played)
        job = played.job(episode, "tally")
        assert (job.state, job.tries, (job.error or {})["code"]) == (State.QUEUED, 0, "transient")
    open_gates(tmp_path, "2", "3", "end")
    with worker(tmp_path / "second.log", port.root, tmp_path, "tally") as second:
        until_state(played, episode, "tally", State.DONE, second)
        assert saved(played.store, episode) == {"saves": 1, "processes": [first.pid, second.pid, second.pid]}


def test_a_step_that_ends_its_worker_again_and_again_fails(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    episode = add(played.store, "tally")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        for times in range(1, 4):
            process.wait_for("runs tally", times)
            process.kill()
            lose_the_worker(played)
            process.start()
    job = played.job(episode, "tally")
    assert (job.state, job.tries) == (State.FAILED, 3)


def test_a_cancel_reaches_the_worker_and_it_goes_on_with_the_next(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    unwanted = add(played.store, "tally")
    open_gates(tmp_path, "1")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        wait_for(lambda: kept(played, unwanted, "tally"), pause=0.02, why=process.last_words)
        played.queue.cancel(OWNER, played.job(unwanted, "tally").id)
        until_state(played, unwanted, "tally", State.CANCELLED, process)
        process.wait_for("failed Cancelled")
        wanted = add(played.store, "tally")
        open_gates(tmp_path, "2", "3", "end")
        until_state(played, wanted, "tally", State.DONE, process)
    assert saved(played.store, unwanted) is None


def test_heartbeats_keep_the_lease_and_show_the_progress(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    episode = add(played.store, "tally")
    open_gates(tmp_path, "1")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        wait_for(lambda: played.job(episode, "tally").progress > 0.3, pause=0.02, why=process.last_words)
        for _ in range(3):
            played.now += LEASE_SECONDS / 2
            wait_for(lambda: played.job(episode, "tally").lease_until == played.now + LEASE_SECONDS, pause=0.02)
            played.runner.keep()
        job = played.job(episode, "tally")
        assert (job.state, job.token, dict(job.detail)) == (State.RUNNING, 1, {"phase": "tallying", "part": 2})


def test_what_a_run_was_taken_over_from_is_ended_before_the_next_begins(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    episode = add(played.store, "tally")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        process.wait_for("runs tally")
        played.library.retry(OWNER, episode, "tally")
        process.wait_for("failed LeaseLost")
        open_gates(tmp_path, "1", "2", "3", "end")
        until_state(played, episode, "tally", State.DONE, process)
    assert saved(played.store, episode)["saves"] == 1


def test_a_server_that_stops_takes_the_job_back_and_the_worker_ends_its_run(
    played: Rig, port: WorkerPort, tmp_path: Path
) -> None:
    episode = add(played.store, "tally")
    with worker(tmp_path / "worker.log", port.root, tmp_path, "tally") as process:
        process.wait_for("runs tally")
        played.runner.stop()
        process.wait_for("failed LeaseLost")
        job = until_state(played, episode, "tally", State.QUEUED, process)
        assert (job.tries, job.error) == (0, None)


# --- steps of CastMind's own ------------------------------------------------------------------------------


def test_a_transcription_goes_on_in_another_worker_behind_the_windows_of_the_killed_one(
    played: Rig, port: WorkerPort, tmp_path: Path
) -> None:
    (tmp_path / "uploads" / "talk.wav").write_bytes(audio(1, REPEATS))
    episode = add(played.store, T, media_path="uploads/talk.wav", sha256="a", duration=1.0)
    with worker(tmp_path / "first.log", port.root, tmp_path, T) as first:
        wait_for(lambda: kept(played, episode, T), pause=0.01, why=first.last_words)
        first.kill()
    heard = kept(played, episode, T)
    assert played.state(episode, T) is State.RUNNING and saved_transcript(played, episode) is None
    lose_the_worker(played)
    with worker(tmp_path / "second.log", port.root, tmp_path, T) as second:
        until_state(played, episode, T, State.DONE, second)
    keys = [message.value["key"] for message, _ in port.messages(Part) if isinstance(message, Part)]
    assert len(keys) == len(set(keys)) > len(heard), "no window was heard twice"
    transcript = saved_transcript(played, episode)
    assert transcript and transcript.segments[-1].end > 0.8 * transcript.duration
    assert len(port.messages(Result)) == 1


def saved_transcript(rig: Rig, episode: int) -> Any:
    return transcripts.find(rig.store.read(), episode)


def test_credentials_go_to_the_step_that_declares_them_alone(played: Rig, port: WorkerPort, tmp_path: Path) -> None:
    with PodcastHost() as host:
        item = host.publish("talk.wav", "A talk", data=audio(2, 1))
        host.ask_for("Authorization", f"Bearer {SECRET}")
        feed = played.store.write(partial(private_feed, rig=played, address=host.url))
        wanted = {"source": "feed", "feed_id": feed, "guid": "g", "enclosure_url": host.audio_url(item.file)}
        episode = add(played.store, F, "tally", **wanted)
        open_gates(tmp_path, "1", "2", "3", "end")
        with worker(tmp_path / "worker.log", port.root, tmp_path, "tally", F) as process:
            until_state(played, episode, "tally", State.DONE, process)
            until_state(played, episode, F, State.DONE, process)
    assert (tmp_path / (played.library.episode(OWNER, episode).episode.media_path or "")).is_file()
    assigned = {reply.step: encode(reply) for _, reply in port.messages(ClaimRequest) if isinstance(reply, Assignment)}
    assert {step: SECRET.encode() in data for step, data in assigned.items()} == {"tally": False, "fetch": True}
    others = [data + reply for data, reply in port.exchanged if reply not in assigned.values()]
    assert [data for data in others if SECRET.encode() in data] == []
    assert SECRET not in process.last_words()


SECRET = "a-secret-token-of-the-feed"


def private_feed(db: Database, rig: Rig, address: str) -> int:
    feed = feeds.add(db, {"url": f"{address}/feed.xml", "title": "Private"}, now=rig.now)
    credentials = FeedCredentials.of(f"{address}/feed.xml", token=SECRET)
    feed_credentials.keep(db, Vault.beside(rig.store.path), feed, credentials, now=rig.now)
    return feed


# --- a worker that lies -----------------------------------------------------------------------------------


def post(port: WorkerPort, content: bytes, key: str = KEY) -> httpx.Response:
    return httpx.post(port.root + PATH, content=content, headers={"Authorization": f"Bearer {key}"}, trust_env=False)


def claimed(port: WorkerPort, worker: str = "honest") -> Assignment:
    reply = decode(post(port, encode(ClaimRequest(worker, ("tally",)))).content)
    assert isinstance(reply, Assignment)
    return reply


def refusal(port: WorkerPort, content: bytes) -> str:
    reply = decode(post(port, content).content)
    assert isinstance(reply, Refused)
    return reply.code


RESULT: dict[str, Any] = {"processes": [1]}


def test_who_does_not_know_the_key_gets_nothing(played: Rig, port: WorkerPort) -> None:
    episode = add(played.store, "tally")
    answer = post(port, encode(ClaimRequest("stranger", ("tally",))), key="guessed")
    assert (answer.status_code, answer.content) == (401, b"")
    assert (played.state(episode, "tally"), port.exchanged) == (State.QUEUED, [])


def test_a_worker_is_not_given_a_step_that_needs_more_than_it_offers(played: Rig, port: WorkerPort) -> None:
    episode = add(played.store, "tally")
    assert decode(post(port, encode(ClaimRequest("no processor", ("tally",), (Need.NET,)))).content) == Idle()
    assert played.state(episode, "tally") == State.QUEUED
    given = decode(post(port, encode(ClaimRequest("idle processor", ("tally",), (Need.CPU,)))).content)
    assert isinstance(given, Assignment) and given.step == "tally"


def test_a_claim_that_was_never_given_is_refused(played: Rig, port: WorkerPort) -> None:
    episode = add(played.store, "tally")
    own = claimed(port)
    for wrong in ("", "guessed", own.claim[:-1], str(played.job(episode, "tally").token)):
        assert refusal(port, encode(Result(wrong, "Tally", RESULT))) == "lease_lost"
        assert refusal(port, encode(Failure(wrong, "permanent", "It failed."))) == "lease_lost"
        assert refusal(port, encode(Heartbeat(wrong))) == "lease_lost"
    assert (played.state(episode, "tally"), saved(played.store, episode)) == (State.RUNNING, None)


def test_the_result_of_a_claim_that_another_worker_has_now_is_refused(played: Rig, port: WorkerPort) -> None:
    episode = add(played.store, "tally")
    late = claimed(port, "late")
    lose_the_worker(played)
    new = claimed(port, "new")
    assert refusal(port, encode(Part(late.claim, "Checkpoint", {"key": "1", "payload": {"process": 1}}))) == "lease_lost"
    assert refusal(port, encode(Result(late.claim, "Tally", RESULT))) == "lease_lost"
    assert (saved(played.store, episode), kept(played, episode, "tally")) == (None, {})
    assert decode(post(port, encode(Result(new.claim, "Tally", {"processes": [2]}))).content) == Orders()
    assert refusal(port, encode(Result(new.claim, "Tally", {"processes": [2]}))) == "lease_lost"
    assert saved(played.store, episode) == {"saves": 1, "processes": [2]}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\xff\xfe", b'{"version": 1, "kind": "orders", "body": {}}', b"[" * 100_000],
    ids=["nothing", "cut off", "a list", "no text", "a reply", "deep"],
)
def test_what_is_no_message_is_refused_and_the_port_goes_on(played: Rig, port: WorkerPort, content: bytes) -> None:
    episode = add(played.store, "tally")
    assert refusal(port, content) == "bad_message"
    claimed(port)
    assert played.state(episode, "tally") is State.RUNNING


def test_a_body_that_is_too_large_is_not_read(port: WorkerPort) -> None:
    with socket.create_connection(("127.0.0.1", int(port.root.rpartition(":")[2]))) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert port.exchanged == []


# --- CastMind is killed -----------------------------------------------------------------------------------


class Killed:
    """CastMind in a process, over a folder with one episode, and a worker in another."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.store = Store(new_database(self.data))
        self.store.open()
        self.episode = add(self.store, "tally")
        self.store.close()
        port = free_port()
        self.server = server(folder / "server.log", port, self.data)
        self.worker = worker(folder / "worker.log", f"http://127.0.0.1:{port}", self.data, "tally")

    def __enter__(self) -> Killed:
        self.server.__enter__()
        self.worker.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.kill()
        self.server.kill()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.data / 'castmind.db'}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def state(self) -> str:
        ((state,),) = self.ask("SELECT state FROM jobs")
        return str(state)

    def saved(self) -> Any:
        ((value,),) = self.ask(f"SELECT value FROM settings WHERE name = '{saved_name(self.episode)}'")
        return json.loads(value)

    def wait_for_parts(self, count: int) -> None:
        """Wait until so many parts are saved and the worker knows. Without the last reply it would send that part again and
        again to a server that is killed, and make nothing more."""
        self.worker.wait_for("handed in Checkpoint", count)
        assert self.ask("SELECT count(*) FROM checkpoints") == [(count,)]

    def wait_until_done(self) -> None:
        wait_for(lambda: self.state() == "done", why=lambda: f"{self.server.last_words()}\n{self.worker.last_words()}")
        assert self.worker.exit_status() is None
        assert self.ask("SELECT count(*) FROM checkpoints") == [(0,)]
        assert self.ask("PRAGMA integrity_check") == [("ok",)]


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Killed]:
    with Killed(tmp_path) as made:
        yield made


def test_castmind_is_killed_in_mid_step_and_its_next_start_goes_on_from_the_checkpoint(killed: Killed) -> None:
    open_gates(killed.data, "1")
    killed.wait_for_parts(1)
    killed.server.kill()
    open_gates(killed.data, "2")
    killed.worker.wait_for("made Checkpoint", 2)
    killed.server.start()
    killed.worker.wait_for("refused Part lease_lost")
    open_gates(killed.data, "3", "end")
    killed.wait_until_done()
    assert killed.saved() == {"saves": 1, "processes": [killed.worker.pid] * 3}
    assert killed.worker.lines().count("made Checkpoint") == 4, "the second part, whose run was lost, was made once more"


def test_a_result_that_comes_after_castmind_was_killed_is_refused_and_made_once_more(killed: Killed) -> None:
    open_gates(killed.data, "1", "2", "3")
    killed.wait_for_parts(3)
    killed.server.kill()
    open_gates(killed.data, "end")
    killed.worker.wait_for("made Tally")
    killed.server.start()
    killed.worker.wait_for("refused Result lease_lost")
    killed.wait_until_done()
    assert killed.saved()["saves"] == 1
    assert killed.worker.lines().count("made Checkpoint") == 3, "all parts were there"


def test_a_result_that_was_saved_when_castmind_was_killed_is_not_taken_twice(killed: Killed) -> None:
    killed.server.kill()
    killed.server.start("dies")
    open_gates(killed.data, "1", "2", "3", "end")
    wait_for(lambda: killed.server.exit_status() == -signal.SIGKILL, why=killed.worker.last_words)
    assert (killed.state(), killed.saved()["saves"]) == ("done", 1)
    killed.server.start()
    killed.worker.wait_for("refused Result lease_lost")
    killed.wait_until_done()
    assert killed.saved()["saves"] == 1
    assert killed.worker.lines().count("made Tally") == 1


def test_both_are_killed_and_nothing_is_lost(killed: Killed) -> None:
    open_gates(killed.data, "1")
    killed.wait_for_parts(1)
    first = killed.worker.pid
    killed.server.kill()
    killed.worker.kill()
    open_gates(killed.data, "2", "3", "end")
    killed.server.start()
    killed.worker.start()
    killed.wait_until_done()
    assert killed.saved() == {"saves": 1, "processes": [first, killed.worker.pid, killed.worker.pid]}
