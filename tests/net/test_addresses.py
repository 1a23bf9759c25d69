import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from core.errors import BadAddress, CastMindError, NetworkUnreachable
from core.net import addresses
from core.net.addresses import GuardedBackend, allows, check_url, is_public
from core.net.web import Fetcher
from tests.fakes.podcast_host import Mode, PodcastHost


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.9", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.251", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1",
        "2001:0:7f00:1::1",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/x", "gopher://a", "javascript:alert(1)", "http://", "", "//a", "a.mp3"]
)
def test_only_web_addresses_pass(url: str) -> None:
    with pytest.raises(BadAddress):
        check_url(url)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every attempt to connect a socket, counted where it is made."""
    made: list[object] = []

    def count(address: object, *_: object, **__: object) -> socket.socket:
        made.append(address)
        raise OSError("counted")

    monkeypatch.setattr(socket, "create_connection", count)
    yield made


def test_a_name_is_checked_by_what_it_resolves_to(connections: list[object]) -> None:
    for inside in (["10.0.0.7"], ["::1"], ["fe80::1%eth0"], ["192.168.0.3", "127.0.0.1"]):
        fetcher = Fetcher(resolve=lambda host, port, inside=inside: inside)  # type: ignore[misc]
        with pytest.raises(BadAddress), fetcher.open("http://innocent.example/feed.xml"):
            pass
    assert connections == []


def test_the_checked_address_itself_is_called(connections: list[object]) -> None:
    """A name that answers with a public address first and a private one later gains nothing: it is asked once."""
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])
    fetcher = Fetcher(resolve=lambda host, port: next(answers))
    with pytest.raises(NetworkUnreachable), fetcher.open("http://rebinding.example/"):
        pass
    assert connections == [("93.184.216.34", 80)]


def test_a_redirect_is_checked_like_any_address(host: PodcastHost, fetcher: Fetcher) -> None:
    for mode in (Mode.TO_PRIVATE, Mode.TO_FILE):
        with pytest.raises(BadAddress), fetcher.open(host.audio_url("en_short.wav", mode)):
            pass


def test_an_allowed_private_host_is_called_and_only_that_name(host: PodcastHost) -> None:
    allowed: list[str] = []
    fetcher = Fetcher(lambda: allowed)
    with pytest.raises(BadAddress), fetcher.open(host.feed_url):
        pass
    allowed.append("LOCALHOST")
    with fetcher.open(f"http://localhost:{host.port}/feed.xml") as answer:
        assert answer.status == 200
    with pytest.raises(BadAddress), fetcher.open(host.feed_url):
        pass
    fetcher.close()


def test_names_that_do_not_resolve_and_ports_that_do_not_answer_are_a_matter_of_waiting() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(NetworkUnreachable, match="cannot be resolved"), Fetcher(resolve=nowhere).open("http://no.example/"):
        pass
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(NetworkUnreachable), Fetcher(lambda: ("127.0.0.1",)).open(f"http://127.0.0.1:{port}/"):
        pass


def test_the_operating_system_resolves_decimal_forms_to_what_they_mean() -> None:
    assert addresses.resolve("2130706433", 80) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("entry", "host", "port", "allowed"),
    [
        ("nas", "nas", 80, True),
        ("nas", "nas", 9, True),
        ("NAS.:8080", "nas", 8080, True),
        ("nas:8080", "nas", 8081, False),
        ("nas:8080", "nas", 80, False),
        ("nas:8080", "nas.evil.example", 8080, False),
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 6379, False),
        ("[fd00::7]:8080", "fd00::7", 8080, True),
        ("[fd00::7]:8080", "fd00::7", 8081, False),
        ("[fd00::7]", "fd00::7", 8081, True),
        ("fd00::7", "fd00:0:0::7", 443, True),
        ("fd00::7:8080", "fd00::7", 8080, False),  # an address of its own
        ("nas:", "nas", 80, False),
        ("nas:port", "nas", 80, False),
        ("nas:99999", "nas", 80, False),
        ("nas:0", "nas", 80, False),
        ("user@nas", "nas", 80, False),
        ("nas/8080", "nas", 80, False),
        ("[fd00::7", "fd00::7", 80, False),
        ("", "", 80, False),
    ],
)
def test_an_allowed_private_host_may_name_a_port(entry: str, host: str, port: int, allowed: bool) -> None:
    assert allows(entry, host, port) is allowed


def test_only_the_port_that_was_allowed_is_called(host: PodcastHost) -> None:
    port = urlsplit(host.url).port
    assert port
    for entries, called in (((f"127.0.0.1:{port}",), True), ((f"127.0.0.1:{port % 65535 + 1}",), False)):
        backend = GuardedBackend(lambda entries=entries: entries)
        if called:
            backend.connect_tcp("127.0.0.1", port).close()
        else:
            with pytest.raises(BadAddress):
                backend.connect_tcp("127.0.0.1", port)


class Pauses:
    """Records the context's waits: `now` is their present number, `first` is set at the first one."""

    def __init__(self) -> None:
        self.now = 0
        self.first = threading.Event()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.now += 1
        self.first.set()
        try:
            yield
        finally:
            self.now -= 1


@pytest.fixture
def pauses() -> Iterator[Pauses]:
    told = Pauses()
    token = addresses.pause.set(told)
    yield told
    addresses.pause.reset(token)


@contextmanager
def answering_when(ready: threading.Event, answer: bytes) -> Iterator[int]:
    """A host that takes one connection and says nothing before that; its port."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            assert ready.wait(30.0)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30.0)


def test_a_host_that_does_not_answer_at_once_is_waited_for(fetcher: Fetcher, pauses: Pauses) -> None:
    """It answers only when the context has been told."""
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    with answering_when(pauses.first, said) as port, fetcher.open(f"http://127.0.0.1:{port}/") as answer:
        assert pauses.now == 0
        assert answer.read(10) == b"hi"
    assert pauses.now == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_wait_ends_with_the_connection(fetcher: Fetcher, pauses: Pauses, scheme: str) -> None:
    with answering_when(pauses.first, b"") as port, pytest.raises(CastMindError), fetcher.open(f"{scheme}://127.0.0.1:{port}/"):
        pass
    assert pauses.first.is_set()
    assert pauses.now == 0


@pytest.mark.parametrize(
    ("url", "address", "waits"),
    [
        ("http://pods.example/", "93.184.216.34", ["resolves", "connects"]),
        ("http://nas/", "10.0.0.7", ["resolves"]),
        ("http://10.0.0.7/", "10.0.0.7", []),
        ("http://[fd00::7]/", "fd00::7", []),
        ("http://93.184.216.34/", "93.184.216.34", ["connects"]),
        ("http://[2606:2800:220:1::1]/", "2606:2800:220:1::1", ["connects"]),
    ],
)
def test_only_names_and_hosts_far_away_are_waited_for_from_the_start(
    pauses: Pauses, monkeypatch: pytest.MonkeyPatch, url: str, address: str, waits: list[str]
) -> None:
    said: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        said.extend(["resolves"] * pauses.now)
        return [address]

    def connect(*_: object, **__: object) -> socket.socket:
        said.extend(["connects"] * pauses.now)
        raise OSError("counted")

    monkeypatch.setattr(socket, "create_connection", connect)
    fetcher = Fetcher(lambda: ("nas", "10.0.0.7", "[fd00::7]"), resolve=resolve)
    with pytest.raises(NetworkUnreachable), fetcher.open(url):
        pass
    assert said == waits
    assert pauses.now == 0
