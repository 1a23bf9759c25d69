"""Each cause has an error of its own: real sockets, real TLS with certificates made here, names that a test looks up."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import errors
from core.domain.jobs.job import may_pass
from core.net.tls import tls_context
from core.net.web import Fetcher, Patience
from tests.fakes.podcast_host import Mode, PodcastHost

HOST = "feeds.example"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """Issues certificates. `trusted` is a bundle that holds its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(self._name, self._key, self._name, NOW - 90 * DAY, NOW + 90 * DAY, (), ca=True)

    @property
    def trusted(self) -> Path:
        path = self._folder / "bundle.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(
        self, hosts: tuple[str, ...], *, begins: datetime.datetime, ends: datetime.datetime, by_itself: bool = False
    ) -> ssl.SSLContext:
        """Return the TLS context of a server with such a certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        issuer, signer = (name, key) if by_itself else (self._name, self._key)
        certificate = self._signed(name, key, issuer, begins, ends, hosts, signer=signer)
        path = self._folder / "server.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        begins: datetime.datetime,
        ends: datetime.datetime,
        hosts: tuple[str, ...],
        *,
        ca: bool = False,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if hosts:
            names = [x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(signer or self._key, hashes.SHA256())


@contextmanager
def serving(context: ssl.SSLContext | None, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> Iterator[int]:
    """A server for any number of connections; without a context it speaks no TLS. Gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                connection.settimeout(10)
                with context.wrap_socket(connection, server_side=True) if context else connection as line:
                    line.recv(4096)
                    line.sendall(answer)
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Trusted by whatever is made after it, while the test lasts."""
    made = Authority(tmp_path, "Test authority")
    monkeypatch.setattr(certifi, "where", lambda: str(made.trusted))
    tls_context.cache_clear()
    yield made
    tls_context.cache_clear()


def fetch(url: str, **patience: float) -> bytes:
    fetcher = Fetcher(lambda: (HOST, "127.0.0.1"), resolve=lambda host, port: ["127.0.0.1"])
    try:
        with fetcher.open(url, patience=Patience(**patience)) as answer:
            return answer.read(10_000_000)
    finally:
        fetcher.close()


Issue = Callable[[Authority], ssl.SSLContext]
CERTIFICATES: dict[str, tuple[Issue, type[errors.CastMindError]]] = {
    "expired": (lambda a: a.issue((HOST,), begins=NOW - 30 * DAY, ends=NOW - DAY), errors.CertificateExpired),
    "not valid yet": (lambda a: a.issue((HOST,), begins=NOW + DAY, ends=NOW + 30 * DAY), errors.CertificateNotYetValid),
    "another host": (lambda a: a.issue(("other.example",), begins=NOW - DAY, ends=NOW + DAY), errors.CertificateOfAnother),
    "an address alone": (lambda a: a.issue(("192.0.2.1",), begins=NOW - DAY, ends=NOW + DAY), errors.CertificateOfAnother),
    "self-signed": (
        lambda a: a.issue((HOST,), begins=NOW - DAY, ends=NOW + DAY, by_itself=True),
        errors.CertificateSelfSigned,
    ),
    "unknown issuer": (
        lambda a: Authority(a._folder, "Nobody").issue((HOST,), begins=NOW - DAY, ends=NOW + DAY),
        errors.CertificateIssuerUnknown,
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_says_what_is_wrong_with_it(name: str, authority: Authority) -> None:
    issue, error = CERTIFICATES[name]
    with serving(issue(authority)) as port, pytest.raises(errors.CertificateInvalid) as refused:
        fetch(f"https://{HOST}:{port}/feed")
    assert type(refused.value) is error
    assert refused.value.params["host"] == HOST and HOST in refused.value.detail


def test_a_good_certificate_is_taken(authority: Authority) -> None:
    with serving(authority.issue((HOST,), begins=NOW - DAY, ends=NOW + DAY)) as port:
        assert fetch(f"https://{HOST}:{port}/feed") == b"ok"


def test_a_server_without_tls_says_so(authority: Authority) -> None:
    with serving(None, b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, pytest.raises(errors.TlsFailed):
        fetch(f"https://{HOST}:{port}/feed")


def test_a_port_on_which_nobody_listens_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.ConnectionRefused, match=str(port)):
        fetch(f"http://{HOST}:{port}/feed")


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (socket.EAI_NONAME, errors.NameUnknown),
        (socket.EAI_NODATA, errors.NameUnknown),
        (socket.EAI_AGAIN, errors.NetworkUnreachable),
        (socket.EAI_FAIL, errors.NetworkUnreachable),
    ],
)
def test_a_name_that_does_not_exist_is_told_from_a_network_that_is_away(number: int, error: type[Exception]) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(number, "no")

    fetcher = Fetcher(tuple, resolve=resolve)
    with pytest.raises(errors.NetworkUnreachable) as caught, fetcher.open("http://nowhere.example/feed"):
        pass
    fetcher.close()
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", errors.BrokenOff),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf", errors.BrokenOff),
        (b"", errors.BrokenOff),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\n\x8b\x01\x80a", errors.BadCompression),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 4\r\n\r\n\x28\xb5\x2f\xfd", errors.BadCompression),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\0\0\0\0\0\x03\xff\xff",
            errors.BadCompression,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\x08\x00\0\0\0\0\0\x03",
            errors.BrokenOff,
        ),
    ],
)
def test_what_ends_early_or_cannot_be_unpacked_says_so(answer: bytes, error: type[Exception]) -> None:
    with serving(None, answer) as port, pytest.raises(errors.DownloadFailed) as caught:
        fetch(f"http://{HOST}:{port}/feed")
    assert type(caught.value) is error


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.STALL])
def test_silence_is_a_time_out(mode: Mode, host: PodcastHost) -> None:
    with pytest.raises(errors.TimedOut):
        fetch(host.audio_url("en_short.wav", mode), read=0.2)


def test_a_circle_of_redirects_is_told_from_too_many(host: PodcastHost) -> None:
    host.redirects.update({"/a": f"{host.url}/b", "/b": f"{host.url}/a"})
    host.redirects.update({f"/n{n}": f"{host.url}/n{n + 1}" for n in range(20)})
    for start, error in (("/a", errors.RedirectsInCircle), ("/n0", errors.TooManyRedirects)):
        with pytest.raises(errors.DownloadFailed) as caught:
            fetch(host.url + start)
        assert type(caught.value) is error


def test_every_cause_but_a_publishers_own_mistake_may_pass() -> None:
    for code in errors.codes(errors.DownloadFailed, errors.NetworkUnreachable, errors.ServerBusy):
        assert may_pass({"code": code, "params": {}})
