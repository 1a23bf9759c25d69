"""The sign-in and set-up pages as HTML: each step, in both languages, without a script, with everything escaped."""

from __future__ import annotations

from typing import get_args

import pytest

from core.app import CastMind
from core.domain.accounts.entry_form import EntryForm, EntryStep
from core.errors import SignInFailed, TooManyAttempts
from pages.sign_in.page import render


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("step", get_args(EntryStep))
def test_each_step_is_a_whole_page(castmind: CastMind, step: EntryStep, language: str) -> None:
    page = render(EntryForm(step, "/queue", "Anna", provider="Home login"), language, "")
    assert page.startswith("<!doctype html>") and f'<html lang="{language}">' in page
    assert "<script" not in page and "http" not in page.replace("https", "http").partition("<body>")[2]
    assert page.count("<h1>") == 1 and "${" not in page
    assert ("Home login" in page) is (step in ("sign_in", "link"))
    assert ("?lang=" in page.partition("<h1>")[0]) is (step not in ("code", "link"))


def test_what_was_typed_and_said_is_escaped(castmind: CastMind) -> None:
    nasty = '"><img src=x onerror=alert(1)>'
    page = render(EntryForm("sign_in", f"/{nasty}", nasty, provider=nasty), "en", "")
    assert "<img" not in page and page.count("&quot;&gt;&lt;img") >= 2
    assert render(EntryForm("link", "", nasty, provider=nasty), "en", "").count("<img") == 0


def test_a_failure_says_what_to_do(castmind: CastMind) -> None:
    page = render(EntryForm("sign_in", "/", "Anna", SignInFailed()), "en", "")
    assert 'role="alert"' in page and "isn’t right" in page and 'value="Anna"' in page
    assert "37" in render(EntryForm("sign_in", "/", "", TooManyAttempts(37.0)), "zh", "")
    assert 'role="alert"' not in render(EntryForm("sign_in"), "en", "")


def test_password_managers_know_the_fields(castmind: CastMind) -> None:
    page = render(EntryForm("sign_in"), "en", "")
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in render(EntryForm("set_up"), "en", "")
    assert 'autocomplete="one-time-code"' in render(EntryForm("code"), "en", "")
