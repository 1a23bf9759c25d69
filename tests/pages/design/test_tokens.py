"""Every token of the styles that can be shown is shown, and the docs name it."""

from __future__ import annotations

from pages.design import tokens
from tests.running import PROJECT

# Lengths that the frame sets itself, and a duration.
WITHOUT_PICTURE = {"--castmind-rail", "--castmind-top", "--castmind-bottom", "--castmind-fast", "--castmind-foot"}


def test_each_token_has_a_picture_or_needs_none() -> None:
    names = set(tokens.names())
    assert {"--castmind-space-1", "--castmind-quiet", "--castmind-radius-large"} <= names
    assert {name for name in names if not tokens.kind(name)} <= WITHOUT_PICTURE


def test_a_longer_name_has_the_style_of_its_own() -> None:
    assert "border-radius:var(--castmind-radius-large)" in tokens.kind("--castmind-radius-large")
    assert tokens.kind("--castmind-rail-colour").endswith("background:var(--castmind-rail-colour)")
    assert tokens.kind("--castmind-rail") == ""


def test_the_docs_name_the_kinds_of_tokens() -> None:
    page = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
    for start in tokens.SHOWN:
        assert start in page or start.removeprefix("--castmind") in page
