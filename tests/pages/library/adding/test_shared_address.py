from __future__ import annotations

import pytest

from pages.library.adding.shared_address import address_in


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ""),
        (["", "no address", "ftp://a.example"], ""),
        (["https://a.example/x.mp3", "https://b.example"], "https://a.example/x.mp3"),
        (["A talk", "Listen to this: https://a.example/x?a=1&b=2."], "https://a.example/x?a=1&b=2"),
        (["听这个（https://a.example/节目）。"], "https://a.example/节目"),
        (["“HTTP://A.example/x”"], "HTTP://A.example/x"),
    ],
)
def test_the_first_address_is_found_without_the_signs_around_it(words: list[str], found: str) -> None:
    assert address_in(words) == found
