"""Faults of a running CastMind, one after the other, under load: the time until each is told, an alert fires, and all is well.

    files arrive ─▶ a fault begins ─▶ /health tells, an alert fires ─▶ it ends ─▶ /health is well, a change is saved ─▶ all done
    at the end: the inventory of tests/outages.py: nothing lost, nothing doubled

What heals by itself is not helped. A network that is back is found at the next poll, which comes in hours: the clock is set on.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.frail_line import FrailLine
from tests.fakes.podcast_host import PodcastHost
from tests.kills import worker_of
from tests.monitoring.real_monitoring import Monitoring
from tests.outages import Siege
from tests.running import RunningApp, wait_for

PATIENCE = 300.0
LOCKED_SECONDS = 30.0
HOUR = 3600.0


class DistantHost(PodcastHost):
    """A host of podcasts at the other end of a line."""

    def __init__(self) -> None:
        super().__init__()
        self.line = FrailLine(self.port)

    @property
    def url(self) -> str:
        return self.line.url


class Subject(RunningApp):
    """A CastMind that obeys tests/chaos/server.py. Not forked: its clock is exchanged before its modules are imported."""

    program = ("-m", "tests.chaos.server")
    parent = None

    def __init__(self, data: Path, orders: Path, **settings: str) -> None:
        super().__init__(data, **settings, CHAOS_SOCKET=str(orders))
        self._orders = orders

    def order(self, what: str) -> None:
        with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rw", encoding="utf-8") as line:
            connection.connect(str(self._orders))
            line.write(f"{what}\n")
            line.flush()
            assert line.readline() == "done\n"

    def checks(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the checks of /health; empty while it does not answer."""
        try:
            found: Mapping[str, Mapping[str, Any]] = self.client.get("/health", timeout=10.0).json()["checks"]
        except httpx.HTTPError:
            return {}
        return found


Checks = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Fault:
    """`cause` begins it and, at the end of its block, ends it. `told`: whether the checks of /health show it. `alert`: labels of
    the alert that has to fire. `lasts`: for so many seconds; 0: until the alert fires; None: it is over once it has happened."""

    name: str
    cause: Callable[[], AbstractContextManager[None]]
    told: Callable[[Checks], bool]
    alert: str
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Endured:
    """Seconds: `told`, `alerted` since a fault began (None: nobody asked Prometheus), `recovered` since it ended."""

    name: str
    told: float
    alerted: float | None
    recovered: float


class Chaos:
    """`siege` keeps handing in files, and has the inventory; `ollama` and `host` are lines that can be cut."""

    def __init__(self, siege: Siege, app: Subject, ollama: FrailLine, host: DistantHost, monitoring: Monitoring | None) -> None:
        self.siege, self.app, self.monitoring = siege, app, monitoring
        self._ollama, self._host = ollama, host
        self._at_rest = self._ills()

    def faults(self) -> list[Fault]:
        def failing(check: str, alert: str = "PartLimited") -> dict[str, Any]:
            labels = f'alertname="CastMind{alert}", check="{check}"'
            return {"told": lambda checks: checks[check]["status"] != "pass", "alert": labels, "lasts": 0.0}

        def restarted(part: str) -> dict[str, Any]:
            labels = f'alertname="CastMindPartRestarted", part="{part}"'
            return {"told": lambda checks: part in str(checks["healing"]["params"].get("parts")), "alert": labels}

        def set_by(seconds: float) -> dict[str, Any]:
            return {
                "cause": lambda: self._order(f"clock {seconds}"),
                "told": lambda checks: checks["clock_jumps"]["params"].get("seconds") == seconds,
                "alert": 'alertname="CastMindClockJumped"',
            }

        worker = {"told": lambda checks: checks["worker"]["code"] == "restarted", "alert": 'alertname="CastMindWorkerEnded"'}
        locked = failing("writes") | {"alert": 'alertname="CastMindSavingFailed"', "lasts": LOCKED_SECONDS}
        disk = [Fault("disk full", self.siege._full_disk, **failing("disk"))] if self.siege.small else []
        return [
            Fault("speech worker killed", self._kill_worker, **worker),
            Fault("thread of the scheduler killed", lambda: self._order("end scheduler"), **restarted("scheduler")),
            Fault("thread that writes the database killed", lambda: self._order("end store-writer"), **restarted("database")),
            Fault("Ollama gone", lambda: self._cut(self._ollama), **failing("ollama")),
            *disk,
            Fault("database locked", self._locked, **locked),
            Fault("clock set on by two hours", **set_by(2 * HOUR)),
            Fault("clock set back by two hours", **set_by(-2 * HOUR)),
            Fault("network gone", lambda: self._cut(self._host.line), **failing("feeds")),
        ]

    def endure(self, fault: Fault) -> Endured:
        senders = self.siege.hand_in(2)
        assert not fault.told(self.app.checks()), fault.name
        waits: dict[str, float] = {}
        signs = {"told": lambda: fault.told(self.app.checks() or self._unknown())}
        if self.monitoring:
            signs["alerted"] = lambda: self._fires(fault.alert)
        with fault.cause():
            began = ended = time.monotonic()
            if fault.lasts is not None:
                self._watch({"told": signs["told"]} if fault.lasts else signs, began, waits)
                time.sleep(max(began + fault.lasts - time.monotonic(), 0.0))
            senders += self.siege.hand_in(1)
        if fault.lasts is not None:
            ended = time.monotonic()
        self._watch(signs | {"recovered": lambda: "told" in waits and self._well()}, began, waits)
        for sender in senders:
            sender.join(PATIENCE)
            assert not sender.is_alive(), fault.name
        self._let_all_be_done()
        self.siege.inventory()
        return Endured(fault.name, waits["told"], waits.get("alerted"), max(waits["recovered"] - (ended - began), 0.0))

    # --- looking ----------------------------------------------------------------------------------

    def _watch(self, signs: Mapping[str, Callable[[], bool]], began: float, waits: dict[str, float]) -> None:
        """Wait for each sign that has not come yet; note the seconds since `began` at which it came."""

        def all_seen() -> bool:
            for name, seen in signs.items():
                if name not in waits and seen():
                    waits[name] = time.monotonic() - began
            return signs.keys() <= waits.keys()

        wait_for(all_seen, patience=PATIENCE, pause=0.25, why=lambda: f"{waits} {self.app.checks()} {self.app.last_words()}")

    def _fires(self, labels: str) -> bool:
        assert self.monitoring
        return bool(self.monitoring.asked(f'ALERTS{{alertstate="firing", {labels}}}'))

    @staticmethod
    def _unknown() -> Checks:
        """Return checks of which none says anything: /health did not answer."""
        return defaultdict(lambda: {"status": "pass", "code": "", "params": {}})

    def _ills(self) -> set[str]:
        """Return the checks that do not pass."""
        return {name for name, check in self.app.checks().items() if check["status"] != "pass"}

    def _well(self) -> bool:
        """Return whether /health says no more than before the first fault, and a change is saved."""
        if not (checks := self.app.checks()) or {name for name in checks if checks[name]["status"] != "pass"} - self._at_rest:
            return self._go_on()
        try:
            answer = self.app.client.post("/api/v1/tags", json={"name": f"tag {time.monotonic_ns()}"})
        except httpx.HTTPError:
            return False
        return answer.status_code == 201

    def _go_on(self) -> bool:
        """Let an hour pass for feeds that are polled again later, when nothing else is wrong; return False."""
        if self._ills() - self._at_rest == {"feeds"} and not self._host.line.cut.is_set():
            self.app.order(f"clock {HOUR}")
        return False

    def _let_all_be_done(self) -> None:
        """Wait until each episode is done; let the time pass that a step waits before its next try."""

        def done() -> bool:
            with self.siege._library() as db:
                states = dict(db.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
            assert not states.get("failed"), states
            if states.get("waiting") and not states.get("running") and time.monotonic() - set_at[0] > 10.0:
                self.app.order(f"clock {HOUR}")
                set_at[0] = time.monotonic()
            return not any(states.get(name) for name in ("ready", "queued", "running", "waiting"))

        set_at = [time.monotonic()]
        wait_for(done, patience=PATIENCE, pause=0.5, why=self.app.last_words)

    # --- causes -----------------------------------------------------------------------------------

    @contextmanager
    def _order(self, what: str) -> Iterator[None]:
        self.app.order(what)
        yield

    @contextmanager
    def _kill_worker(self) -> Iterator[None]:
        """End the process of speech recognition while it transcribes."""
        wait_for(lambda: self.app.checks()["worker"]["code"] == "busy", patience=PATIENCE, pause=0.02)
        if worker := worker_of(self.app.pid):
            os.kill(worker, signal.SIGKILL)
        yield

    @contextmanager
    def _cut(self, line: FrailLine) -> Iterator[None]:
        line.cut_now()
        if line is self._host.line:
            self.app.order(f"clock {HOUR * 2}")  # the next poll is due
        try:
            yield
        finally:
            line.mend()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.app.data / "castmind.db", isolation_level=None, timeout=PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
