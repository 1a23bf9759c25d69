"""The TLS context of all outgoing HTTPS."""

from __future__ import annotations

import ssl

import pytest

from core.net.tls import tls_context


def test_certificates_and_names_are_checked() -> None:
    context = tls_context()
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
    assert context.cert_store_stats()["x509_ca"] > 50


def test_certificates_are_read_once_and_the_environment_adds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    context = tls_context()
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/own.pem")
    assert tls_context() is context
    tls_context.cache_clear()
    try:
        assert tls_context().cert_store_stats() == context.cert_store_stats()
    finally:
        tls_context.cache_clear()
