from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pyotp
import pytest

from core.access import totp

NOW = 1_700_000_010.0  # 0 s into a step
# RFC 6238, appendix B: the last six digits for SHA-1 and the secret "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("now", "code"), RFC)
def test_codes_are_those_of_the_standard(now: int, code: str) -> None:
    assert totp.step_of(RFC_SECRET, code, now=now, after=0) == now // 30


@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_tolerance(off: int, right: bool) -> None:
    secret = totp.new_secret()
    step = int(NOW // 30)
    code = pyotp.TOTP(secret).generate_otp(step + off)
    assert totp.step_of(secret, code, now=NOW, after=0) == (step + off if right else None)


def test_a_code_is_good_once_and_none_before_it_is_good_after_it() -> None:
    secret, step = totp.new_secret(), int(NOW // 30)
    before, present, after = (pyotp.TOTP(secret).generate_otp(step + off) for off in (-1, 0, 1))
    assert totp.step_of(secret, present, now=NOW, after=step) is None
    assert totp.step_of(secret, before, now=NOW, after=step) is None
    assert totp.step_of(secret, after, now=NOW, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "0x1234", "12345\x00", "٠١٢٣٤٥"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert totp.step_of(totp.new_secret(), code, now=NOW, after=0) is None


def test_spaces_in_a_code_do_no_harm() -> None:
    assert totp.step_of(RFC_SECRET, " 287 082\n", now=59, after=0) == 1


def test_an_app_takes_the_address_over_whatever_the_name() -> None:
    secret = totp.new_secret()
    assert len(secret) == 32
    made = urlsplit(totp.address(secret, "安娜 <a&b>"))
    assert (made.scheme, made.netloc) == ("otpauth", "totp")
    assert parse_qs(made.query) == {"secret": [secret], "issuer": ["CastMind"]}
    assert pyotp.parse_uri(made.geturl()).name == "安娜 <a&b>"


def test_the_picture_is_plain_svg_without_the_name() -> None:
    text = totp.picture(totp.new_secret(), "</svg><script>")
    assert "script" not in text
    assert ElementTree.fromstring(text).tag.endswith("svg")
