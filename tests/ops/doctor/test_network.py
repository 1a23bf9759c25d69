"""Ollama from where CastMind runs, certificates by their days, feeds that fail long."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.llm.locate import NOT_OLLAMA
from core.message import Message
from core.ops.doctor import network
from core.ops.doctor.finding import Patient
from tests.ops.doctor.conftest import NO_OLLAMA, MakePatient, codes

REFUSED = Message("no connection (refused)", "ollama.no_connection", error="refused")
SILENT = Message("no answer within 2 s", "ollama.no_answer", seconds="2")
GATEWAY = "http://host.docker.internal:11434"


@pytest.mark.parametrize(
    ("container", "resolves", "tried", "code"),
    [
        (True, True, (("http://127.0.0.1:11434", REFUSED),), "reach.container_loopback"),
        (True, True, ((GATEWAY, REFUSED),), "reach.host_loopback"),
        (True, True, ((GATEWAY, SILENT),), "reach.firewall"),
        (True, False, ((GATEWAY, REFUSED),), "reach.no_gateway"),
        (False, True, (("http://127.0.0.1:11434", NOT_OLLAMA),), "reach.other_program"),
        (False, True, (("http://127.0.0.1:11434", SILENT),), "reach.silent"),
    ],
)
def test_the_reason_depends_on_where_castmind_runs(
    make: MakePatient,
    monkeypatch: pytest.MonkeyPatch,
    container: bool,
    resolves: bool,
    tried: tuple[tuple[str, str], ...],
    code: str,
) -> None:
    monkeypatch.setattr(network, "_resolves", lambda _: resolves)
    patient = make(container=container, ollama=lambda: replace(NO_OLLAMA, tried=tried))
    found = codes(network.ollama, patient)
    assert found["ollama.absent"].status == "warn" and found[code].status == "warn"


def test_who_wants_no_language_model_hears_of_no_ollama(make: MakePatient) -> None:
    assert [each.status for each in network.ollama(make(notes_engine="extractive"))] == ["pass"]


def certificate(days: float, now: float) -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pods.example")])
    end = datetime.fromtimestamp(now, UTC) + timedelta(days=days)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = made.not_valid_before(end - timedelta(days=90)).not_valid_after(end).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("days", "code", "told"),
    [(-3.5, "certificate.expired", 4), (5.5, "certificate.soon", 5), (14.5, "certificate.valid", 14)],
)
def test_a_certificate_is_judged_by_its_days(make: MakePatient, days: float, code: str, told: int) -> None:
    patient = make(allowed_hosts="pods.example:8443")
    asked: list[tuple[str, int]] = []

    def served(name: str, port: int) -> bytes:
        asked.append((name, port))
        return certificate(days, patient.now)

    (found,) = network.certificates(patient, served)
    assert (found.code, found.params["days"]) == (code, told) and asked == [("pods.example", 8443)]


def test_a_name_without_a_certificate_is_no_fault(make: MakePatient) -> None:
    def refused(_name: str, _port: int) -> bytes:
        raise ConnectionRefusedError("refused")

    (found,) = network.certificates(make(allowed_hosts="pods.example"), refused)
    assert (found.code, found.status) == ("certificate.unseen", "pass")
    for names in ("192.168.1.5", "localhost", "fd00::1", "[fd00::1]:8501", "*", ""):
        assert [each.code for each in network.certificates(make(allowed_hosts=names), refused)] == ["certificate.none"]


def test_feeds_that_fail_for_long_are_counted(filled: Patient, make: MakePatient) -> None:
    assert "feeds.fine" in codes(network.feeds, filled)
    with closing(sqlite3.connect(filled.database)) as db, db:
        db.execute("UPDATE feeds SET failures = 30, last_success_at = ?", [filled.now - 8 * network.DAY])
    assert codes(network.feeds, filled)["feeds.failing"].params["count"] == 1
    with closing(sqlite3.connect(filled.database)) as db, db:
        db.execute("UPDATE feeds SET last_success_at = ?", [filled.now - 6 * network.DAY])
    assert "feeds.fine" in codes(network.feeds, filled)
