"""Which passwords are refused: short, long, among the first that are tried, or the user's own name.

Length is what counts; classes of characters are not asked for. https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from core.domain.accounts.user import key_of
from core.errors import UserError

LEAST = 8
# A password is hashed whole; the limit bounds the work of one request.
MOST = 1024


def plain_form(password: str) -> str:
    """Return the password in NFKC, so that it is the same from every keyboard: é is one character here, two there."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, name: str = "") -> None:
    """Raises UserError for a password that is refused."""
    if not len(plain_form(password)) >= LEAST or not len(password) <= MOST:
        raise UserError(
            f"A password has {LEAST} to {MOST} characters. Nothing was changed.", case="password_length", least=LEAST, most=MOST
        )
    plain = plain_form(password).casefold()
    if plain in _common() or plain == key_of(name) or len(set(plain)) < 3:
        raise UserError(
            "That password is among the first that are tried. Choose another; nothing was changed.", case="password_common"
        )


@cache
def _common() -> frozenset[str]:
    """Return the passwords of at least eight characters that lists of breaches name most often."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
