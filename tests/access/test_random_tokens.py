from __future__ import annotations

import hashlib
import re

import pytest

from core.access import random_tokens


def test_tokens_hold_256_random_bits() -> None:
    for make in (random_tokens.session, random_tokens.api):
        made = {make() for _ in range(100)}
        assert len(made) == 100
        assert all(re.fullmatch(r"(cm_)?[\w-]{43}", each) for each in made)
    assert random_tokens.api().startswith(random_tokens.API_PREFIX)


def test_the_code_for_people_has_no_letters_that_look_alike() -> None:
    made = {random_tokens.set_up_code() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}", each) for each in made)


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("ABCD-EFGH-JKLM", True),
        ("abcd efgh jklm", True),
        (" abcdefghjklm\n", True),
        ("ABCD-EFGH-JKLN", False),
        ("ABCD-EFGH", False),
        ("", False),
        ("ABCD-EFGH-JKLM-N", False),
        ("\ud800", False),
        ("ＡＢＣＤ", False),
    ],
)
def test_a_typed_code_is_compared_without_its_form(given: str, same: bool) -> None:
    assert random_tokens.same_code(given, "ABCD-EFGH-JKLM") is same


def test_the_stored_digest_is_that_of_sha256() -> None:
    assert random_tokens.digest("cm_x") == hashlib.sha256(b"cm_x").hexdigest()
    assert random_tokens.digest("\ud800") != random_tokens.digest("")
