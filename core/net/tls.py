"""The TLS context of all outgoing HTTPS: one a process."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context, which checks certificates and host names. The environment (SSL_CERT_FILE) does not change it.

    Certificates are read once, because reading them takes longer (50 ms) than most answers.
    """
    return httpx.create_ssl_context(trust_env=False)
