"""Random tokens for sessions, API clients and set-up, and the digests under which they are stored.

A token has 256 random bits, so a plain SHA-256 is enough: there is nothing to guess from its digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

API_PREFIX = "cm_"
# Letters and digits that cannot be mistaken for one another when they are read from a log.
_PLAIN = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def session() -> str:
    return secrets.token_urlsafe(32)


def api() -> str:
    return API_PREFIX + secrets.token_urlsafe(32)


def set_up_code() -> str:
    """Return a one-time code of 60 bits for people: `ABCD-EFGH-JKLM`."""
    return "-".join("".join(secrets.choice(_PLAIN) for _ in range(4)) for _ in range(3))


def same_code(given: str, wanted: str) -> bool:
    """Compare a typed code, whatever its case, spaces and dashes, in constant time."""
    plain = "".join(letter for letter in given.upper() if letter.isalnum())
    return hmac.compare_digest(plain.encode(), wanted.replace("-", "").encode())


def digest(token: str) -> str:
    """Return the hexadecimal digest that is stored in place of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
