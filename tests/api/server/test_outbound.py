from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from core.api.server import outbound
from core.errors import DownloadFailed, NetworkUnreachable
from core.net import web
from core.net.web import Fetcher
from tests.api.conftest import NO_CERTIFICATES, is_problem
from tests.api.shared_server import SharedServer
from tests.fakes.local_server import Handler, LocalServer

SLOW = 40


class Slow(Handler):
    def do_GET(self) -> None:
        self.fake.asked.release()
        self.fake.may_answer.wait()
        self.answer(404, b"")


class SlowServer(LocalServer):
    """Answers nothing until it may."""

    handler = Slow

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()


@pytest.fixture
def shared_server() -> Iterator[SharedServer]:
    """One of its own: how many threads fetch is decided once a loop."""
    server = SharedServer()
    yield server
    server.close()


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    with SlowServer() as server:
        try:
            yield server
        finally:
            server.may_answer.set()


@pytest.mark.parametrize("route", ["/api/v1/feeds", pytest.param("/api/v1/discovery/page", marks=pytest.mark.long)])
def test_forty_slow_servers_stop_no_other_route(address: str, slow: SlowServer, route: str) -> None:
    def ask(number: int) -> httpx.Response:
        with httpx.Client(base_url=address, timeout=120, verify=NO_CERTIFICATES) as own:
            return own.post(route, json={"url": f"{slow.root}/{number}.xml"})

    with ThreadPoolExecutor(SLOW) as pool, httpx.Client(base_url=address, timeout=60, verify=NO_CERTIFICATES) as client:
        asking = [pool.submit(ask, number) for number in range(SLOW)]
        for _ in range(outbound.THREADS):
            assert slow.asked.acquire(timeout=60)
        for path in ("/health", "/api/v1/episodes", "/api/v1/feeds", "/api/v1/settings"):
            assert client.get(path).status_code == 200
        assert not any(each.done() for each in asking)
        slow.may_answer.set()
        assert all(each.result().status_code not in (500, 503) for each in asking)


def test_who_waits_too_long_for_a_turn_is_told(address: str, slow: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "THREADS", 1)
    monkeypatch.setattr(outbound, "QUEUE_SECONDS", 0.1)

    def ask(number: int) -> httpx.Response:
        return httpx.post(f"{address}/api/v1/feeds", json={"url": f"{slow.root}/{number}"}, timeout=120, verify=NO_CERTIFICATES)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, 1)
        assert slow.asked.acquire(timeout=60)
        assert is_problem(ask(2), 503, "fetching_busy")
        slow.may_answer.set()
        assert first.result().status_code < 500
    assert ask(3).status_code < 500  # the turn was given back


def test_a_request_ends_with_its_deadline(address: str, slow: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE", 0.5)
    answer = httpx.post(f"{address}/api/v1/feeds", json={"url": f"{slow.root}/1"}, timeout=120, verify=NO_CERTIFICATES)
    assert answer.status_code >= 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert not slow.may_answer.is_set()


def test_all_that_is_fetched_shares_the_deadline(fetcher: Fetcher, slow: SlowServer) -> None:
    token = web.deadline.set(time.monotonic())
    try:
        with pytest.raises((NetworkUnreachable, DownloadFailed)), fetcher.open(slow.root):
            pass
    finally:
        web.deadline.reset(token)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    made = Fetcher(lambda: ("127.0.0.1",))
    yield made
    made.close()
