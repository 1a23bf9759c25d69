"""Why an address was not taken is said in both languages: each cause has a text, in which the address stands."""

from __future__ import annotations

import string

import pytest

from core import errors
from core.errors import CastMindError
from core.services.feeds.refused_address import _CAUSES, not_added, not_changed
from pages.text import texts

ADDRESS = "https://pods.example/feed.xml"
LANGUAGES = ("en", "zh")
MADE: tuple[CastMindError, ...] = (
    errors.NameUnknown("No such host.", host="pods.example"),
    errors.CertificateExpired("Expired.", host="pods.example"),
    errors.TooManyRedirects("Too many."),
    errors.ServerBusy("Later.", retry_after=7.0),
    errors.FeedForbidden("Not you.", status=403),
    errors.FeedMissing("Not here.", status=404),
    errors.FeedUnavailable("Broken.", status=502),
    errors.DownloadFailed("It broke off."),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_cause_has_a_text_of_its_own(language: str) -> None:
    found = [texts(language)[f"why.{kind.code}"] for kind, _ in _CAUSES]
    assert len(set(found)) == len(_CAUSES) and all("{address}" in text for text in found)


@pytest.mark.parametrize("cause", MADE, ids=lambda cause: type(cause).__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_fills_the_text_of_its_cause(cause: CastMindError, language: str) -> None:
    for error in (not_added(ADDRESS, cause), not_changed(ADDRESS, cause)):
        text = texts(language)[f"why.{error.params['why']}"]
        assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= error.params.keys()
        shown = text.format(**error.params)
        assert "pods.example" in shown and str(cause.params.get("status", "")) in shown
        if language == "en":
            assert error.detail.startswith(f"{shown}. ")
