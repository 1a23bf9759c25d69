from __future__ import annotations

import pytest

from core.domain.notify.masking import masked, redacted


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ntfys://tk_secret@ntfy.example/alerts?token=abc", "ntfys://ntfy.example/…"),
        ("ntfy://topic", "ntfy://…"),
        ("tgram://123456789:ABCdef/42", "tgram://…"),
        ("discord://123/abc", "discord://…"),
        ("gotifys://g.home:8443/sub/AbC", "gotifys://g.home:8443/…"),
        ("mailtos://me%40x.org:pw@mail.home:587/?to=a@b.c", "mailtos://mail.home:587/…"),
        ("sendgrid://SG.abc.def:from@x.org/", "sendgrid://…"),
        ("https://hook.example/services/T0/B0?key=1", "https://hook.example/…"),
        ("http://[fd00::1]:8123/x", "http://[fd00::1]:8123/…"),
        ("json://host:99999999/x", "json://…"),
        ("nothing", "nothing://…"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_what_others_say_is_shown_without_the_address_and_its_parts() -> None:
    url = "gotify://g.home:8080/sub/AbCdEfGh%2F1?priority=high"
    said = "POST http://g.home:8080/message?token=AbCdEfGh/1 failed: AbCdEfGh is unknown at g.home"
    assert redacted(said, url) == "POST http://g.home:8080/message?token=…/1 failed: … is unknown at g.home"
    assert redacted("nothing of it", url) == "nothing of it"
    assert "hunter22" not in redacted("535 bad hunter22", "mailtos://me:hunter22@mail.home/")


def test_short_parts_are_words_and_long_ones_go_as_a_whole() -> None:
    url = "json://user:abcde@host.example/abcd/abcdefgh"
    assert redacted("abcd abcde abcdefgh user", url) == "abcd … … user"
    # A scheme that ends with an s by chance is no pair.
    assert masked("sns://host.example/x") == "sns://…"
