"""What is reached over the network: Ollama from where CastMind runs, certificates of its own addresses, feeds that fail long."""

from __future__ import annotations

import ipaddress
import math
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509

from core.domain.exposure import is_loopback
from core.message import Message
from core.ops import part_checks
from core.ops.doctor.finding import Finding, Patient, bad, fine, odd
from core.store.examine import census

DAY = 86_400.0
CONNECT_SECONDS = 2.0
# Certificates are renewed a month before their end; two weeks without that are a fault of the renewal.
SOON_DAYS = 14
LONG_DAYS = 7
HTTPS = 443
GATEWAY_NAME = "host.docker.internal"


def ollama(patient: Patient) -> Iterator[Finding]:
    wanted = patient.settings.notes_engine != "extractive"
    state = patient.ollama()
    yield Finding.of("ollama", part_checks.ollama(state, wanted=wanted))
    if wanted and state.host is None:
        yield from _unreached(patient, dict(state.tried))


def _unreached(patient: Patient, tried: dict[str, str]) -> Iterator[Finding]:
    """Explain why the configured address, or the host of a container, does not answer."""
    configured = patient.settings.ollama_host
    inside = patient.container
    if inside and is_loopback(urlsplit(configured).hostname or ""):
        yield odd("reach.container_loopback", address=configured)
    for address, reason in tried.items():
        name = urlsplit(address).hostname or ""
        key = reason.key if isinstance(reason, Message) else ""
        if inside and name == GATEWAY_NAME:
            yield _from_container(address, key, resolves=_resolves(name))
        elif address == configured.rstrip("/") and key == "ollama.other":
            yield odd("reach.other_program", address=address)
        elif address == configured.rstrip("/") and key == "ollama.no_answer":
            yield odd("reach.silent", address=address)


def _from_container(address: str, key: str, *, resolves: bool) -> Finding:
    if not resolves:
        return odd("reach.no_gateway", name=GATEWAY_NAME)
    if key == "ollama.no_answer":
        return odd("reach.firewall", address=address)
    return odd("reach.host_loopback", address=address)


def _resolves(name: str) -> bool:
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        return False
    return True


# --- certificates -------------------------------------------------------------------------------------


Served = Callable[[str, int], bytes]


def served(name: str, port: int) -> bytes:
    """Return the certificate (DER) that is served there, valid or not. Raises OSError."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((name, port), timeout=CONNECT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=name) as secure,
    ):
        return secure.getpeercert(binary_form=True) or b""


def certificates(patient: Patient, ask: Served = served) -> Iterator[Finding]:
    """Look at the certificates served at the names that CastMind is reached by."""
    names = [name for name in patient.settings.allowed_hosts if _is_name(name)]
    if not names:
        yield fine("certificate.none")
    for name in names:
        host, _, port = name.partition(":")
        yield _certificate(patient, name, lambda host=host, port=port: ask(host, int(port or HTTPS)))  # type: ignore[misc]


def _certificate(patient: Patient, name: str, ask: Callable[[], bytes]) -> Finding:
    try:
        end = x509.load_der_x509_certificate(ask()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return fine("certificate.unseen", name=name, error=str(error) or type(error).__name__)
    days = math.floor((end - datetime.fromtimestamp(patient.now, UTC)).total_seconds() / DAY)
    if days < 0:
        return bad("certificate.expired", name=name, days=-days)
    return odd("certificate.soon", name=name, days=days) if days < SOON_DAYS else fine("certificate.valid", name=name, days=days)


def _is_name(name: str) -> bool:
    """Return whether it is a name with perhaps a port; addresses, IPv6 ones too, have no certificates of their own."""
    host = name.partition(":")[0].strip("*.")
    if name.count(":") > 1 or not host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not is_loopback(host)
    return False


# --- feeds --------------------------------------------------------------------------------------------


def feeds(patient: Patient) -> Iterator[Finding]:
    if not patient.database.is_file():
        return
    count = census.failing_feeds(patient.database, patient.now - LONG_DAYS * DAY)
    yield odd("feeds.failing", count=count, days=LONG_DAYS) if count else fine("feeds.fine")
