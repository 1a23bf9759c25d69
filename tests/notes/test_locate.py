"""Finding Ollama, and saying where it is not."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.notes.locate import candidates, default_gateway, find
from tests.fakes.ollama import FakeOllama

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t0011AC00\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
"""


def test_the_default_gateway_is_read_from_the_routes(tmp_path: Path) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTES)
    assert default_gateway(routes) == "172.17.0.1"
    routes.write_text(ROUTES.splitlines()[0])
    assert default_gateway(routes) is None
    assert default_gateway(tmp_path / "none") is None


def test_the_configured_address_comes_first_and_each_once(tmp_path: Path) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTES)
    assert candidates("http://127.0.0.1:11434/", routes) == (
        "http://127.0.0.1:11434",
        "http://host.docker.internal:11434",
        "http://172.17.0.1:11434",
    )
    assert candidates("http://nas:1234", routes)[0] == "http://nas:1234"


def test_the_first_that_answers_is_taken_and_the_others_are_explained(fake: FakeOllama) -> None:
    found = find(["http://127.0.0.1:1", fake.url, "not an address"])
    assert found.host == fake.url
    assert found.version == "0.13.0"
    assert [t.host for t in found.tried] == ["http://127.0.0.1:1", fake.url, "not an address"]
    assert "no connection" in found.tried[0].reason
    assert found.tried[1].reason == ""
    assert found.tried[2].reason


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b'{"name": "x"}'])
def test_another_server_is_not_taken_for_ollama(body: bytes) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        found = find([f"http://127.0.0.1:{server.server_address[1]}"])
        server.shutdown()
        thread.join()
    assert found.host is None
    assert "not Ollama" in found.tried[0].reason


def test_a_server_that_says_nothing_is_given_up(fake: FakeOllama) -> None:
    fake.behave(version_delay=60.0)
    found = find([fake.url], timeout=0.3)
    assert found.host is None
    assert "no answer" in found.tried[0].reason
