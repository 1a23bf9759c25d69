"""One-time codes of an authenticator app (RFC 6238): six digits, thirty seconds, one step of tolerance, each code once."""

from __future__ import annotations

import pyotp
import segno

ISSUER = "CastMind"
STEP_SECONDS = 30
TOLERANCE = 1


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """Return the otpauth:// address that an app takes over."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def picture(secret: str, name: str) -> str:
    """Return the address as a QR code: the text of an SVG element, dark on light."""
    return segno.make(address(secret, name), error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff")


def step_of(secret: str, code: str, *, now: float, after: int) -> int | None:
    """Return the time step of a right code; None for a wrong one, or one of a step up to `after`, which was used before."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    current = int(now // STEP_SECONDS)
    known = pyotp.TOTP(secret)
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if step > after and pyotp.utils.strings_equal(known.generate_otp(step), digits):
            return step
    return None
