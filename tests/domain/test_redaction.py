from __future__ import annotations

import time

import pytest
from cryptography.fernet import Fernet

from core.domain.redaction import is_telling, redact, redact_row

FERNET = Fernet(Fernet.generate_key()).encrypt(b"x" * 40).decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:p@h.example/x", "https://***@h.example/x"),
        ("https://u:p@ss@h.example/x", "https://***@h.example/x"),
        ("http://h/f?token=s3cret&page=2", "http://h/f?token=***&page=2"),
        ("http://h/f?page=2&api_key=s3cret", "http://h/f?page=2&api_key=***"),
        ("http://h/f?X-Amz-Signature=s3cret", "http://h/f?X-Amz-Signature=***"),
        ("http://h/f?auth=s3cret#t", "http://h/f?auth=***#t"),
        ("GET /x?next=/f%3Ftoken%3Ds3cret", "GET /x?next=/f%3Ftoken%3Ds3cret".replace("s3cret", "***")),
        ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': \"***\"}"),
        ("Proxy-Authorization: Digest abcdefgh", "Proxy-Authorization: Digest ***"),
        ("Cookie: castmind=abc; other=1", "Cookie: ***"),
        ("Set-Cookie: castmind=abc; Path=/", "Set-Cookie: ***"),
        ("X-Api-Key: abcdef", "X-Api-Key: ***"),
        ('{"password": "hun\\"ter2", "name": "Ann"}', '{"password": "***", "name": "Ann"}'),
        ("{'api_key': b'hunter2'}", "{'api_key': \"***\"}"),
        ("login failed, password: hunter-2-x", "login failed, password: ***"),
        (f"sealed {FERNET} here", "sealed *** here"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end", "jwt *** end"),
        ("key cmk_0123456789abcdefghijKLMN", "key ***"),
        ("ghp_abcdefghijklmnopqrst0123", "***"),
        ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- then", "*** then"),
        ("to tgram://123456:AAbb/987 now", "to tgram://*** now"),
        ("mailto://ann:pw@mail.example?to=x", "mailto://***"),
        ("otpauth://totp/CastMind:ann?secret=ABC", "otpauth://***"),
        ("https://hooks.slack.com/services/T0/B0/xyz failed", "https://hooks.slack.com/services/*** failed"),
        ("https://discord.com/api/webhooks/1/abc", "https://discord.com/api/webhooks/***"),
        ("https://api.telegram.org/bot12:ab/sendMessage", "https://api.telegram.org/bot/***"),
        ("https://pod.example/a8f3k2m9x1c7v5b2n4q6/feed", "https://pod.example/***/feed"),
        ("File /home/ann/castmind/core/app.py, line 3", "File /home/***/castmind/core/app.py, line 3"),
        ("in /Users/Ann Lee/x", "in /Users/*** Lee/x"),
        (r"C:\Users\Ann\x.mp3", r"C:\Users\***\x.mp3"),
    ],
)
def test_each_form_of_a_secret_is_taken_out_and_stays_out(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a basic idea, monkey=banana, mail a@b.example",
        "http://h/a@b.mp3",
        "the password: none was given",
        "prompt_tokens=812 total_tokens=900",
        "author=Ann, keyboard=us",
        "http://pod.example/2026-11-22-the-harbour-at-night-part-two.mp3",
        "sqlite:///data/castmind.db",
        "job 5 of episode 7: transcribe is done",
        "每集笔记：密钥在文件里",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_values_of_a_row_are_redacted_however_deep_and_telling_names_hide_all() -> None:
    row = {
        "event": "http://h/?key=abc",
        "token": "abc",
        "cookie": ["a", "b"],
        "params": {"url": "http://u:p@h/", "list": ["Bearer abcdefghijkl", 3], "password": "x", "total_tokens": 7},
        "raw": b"token=abc",
        "count": 3,
        "password": "",
    }
    assert redact_row(row) == {
        "event": "http://h/?key=***",
        "token": "***",
        "cookie": "***",
        "params": {"url": "http://***@h/", "list": ["Bearer ***", 3], "password": "***", "total_tokens": 7},
        "raw": "token=***",
        "count": 3,
        "password": "",
    }


def test_a_value_without_end_is_cut_and_an_odd_one_is_named() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert "<dict>" in str(redact_row(endless))
    assert redact_row({"path": ValueError("token=abc")}) == {"path": "token=***"}
    assert redact_row({3: {"a"}}) == {"3": ["a"]}


@pytest.mark.parametrize(
    "name", ["token", "api_key", "X-Auth-Token", "Cookie", "set-cookie", "podcastindex_secret", "sig", "sealed"]
)
def test_telling_names(name: str) -> None:
    assert is_telling(name)


@pytest.mark.parametrize("name", ["tokens", "prompt_tokens", "author", "monkey", "stage", "session_count", "key_frame"])
def test_harmless_names(name: str) -> None:
    assert not is_telling(name)


@pytest.mark.parametrize(
    "piece",
    [
        "token",
        "http://",
        "-",
        '"',
        "x-",
        "password: ",
        "/home/",
        "key ",
        "a://",
        "eyJ-",
        '"a": "',
        "-----BEGIN ",
        "Basic  ",
        "a=",
    ],
)
def test_foreign_text_is_redacted_in_time_proportional_to_its_length(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 2
