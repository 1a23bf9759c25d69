"""Finding Ollama, and saying where it is not."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.llm.locate import candidates, default_gateway, find
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
    assert candidates("http://127.0.0.1:11434/", routes, container=True) == (
        "http://127.0.0.1:11434",
        "http://host.docker.internal:11434",
        "http://172.17.0.1:11434",
    )
    assert candidates("http://nas:1234", routes, container=True)[0] == "http://nas:1234"


def table(tmp_path: Path, gateway: str, *devices: str) -> Path:
    """A table of routes: one to the network of each device, the default one by the first."""
    written = "".join(f"{device}\t0011AC00\t00000000\t0001\n" for device in devices)
    number = bytes(map(int, gateway.split(".")))[::-1].hex().upper()
    routes = tmp_path / "route"
    routes.write_text(f"Iface\tDestination\tGateway\tFlags\n{devices[0]}\t00000000\t{number}\t0003\n{written}")
    return routes


@pytest.mark.parametrize(
    ("gateway", "devices", "container", "kernel", "asked"),
    [
        ("192.168.178.1", ("wlan0",), False, "6.12.9-generic", False),
        ("172.17.0.1", ("eth0",), False, "6.12.9-generic", False),
        ("10.0.0.138", ("enp3s0", "docker0"), False, "6.12.9-generic", False),
        ("172.17.0.1", ("eth0",), True, "6.12.9-generic", True),
        ("10.88.0.1", ("eth0",), True, "6.12.9-generic", True),
        ("10.0.2.2", ("tap0",), True, "6.12.9-generic", True),
        ("192.168.32.1", ("eth0", "eth1"), True, "6.12.9-generic", True),
        # Containers that share the network of their host, or copy its device.
        ("192.168.178.1", ("eth0", "docker0"), True, "6.12.9-generic", False),
        ("192.168.178.1", ("wlp2s0",), True, "6.12.9-generic", False),
        ("192.168.178.1", ("enp3s0", "br-8d1f"), True, "6.12.9-generic", False),
        ("203.0.114.1", ("eth0",), True, "6.12.9-generic", False),
        # WSL2: behind Windows, and beside it.
        ("172.25.192.1", ("eth0", "docker0"), False, "5.15.167.4-microsoft-standard-WSL2", True),
        ("192.168.178.1", ("eth0",), False, "5.15.167.4-microsoft-standard-WSL2", False),
    ],
)
def test_a_router_is_not_asked_for_ollama(
    tmp_path: Path, gateway: str, devices: tuple[str, ...], container: bool, kernel: str, asked: bool
) -> None:
    release = tmp_path / "osrelease"
    release.write_text(kernel)
    routes = table(tmp_path, gateway, *devices)
    places = candidates("http://127.0.0.1:11434", routes, container=container, kernel=release)
    assert (f"http://{gateway}:11434" in places) == asked
    assert ("http://host.docker.internal:11434" in places) == container


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
