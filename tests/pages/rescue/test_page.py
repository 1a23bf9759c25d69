"""The page of a start without a library: in the reader's language, without a script, and with every value escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.errors import BackupDamaged, DatabaseDamaged, LibraryMissing
from core.ops.backup.backup_file import Backup
from core.ops.backup.rescue import FoundBackup, RescueState
from pages.rescue.page import render
from pages.text import texts

REASON = LibraryMissing("Where is <castmind.db>?")


def backup(name: str, episodes: int | None) -> Backup:
    counts = {} if episodes is None else {"episodes": episodes}
    return Backup(Path(name), name, "nightly", 1_400_000, 1e9, counts=counts)


def found(episodes: int) -> FoundBackup:
    return FoundBackup(backup("good.zip", episodes), {"episodes": episodes})


def choosing(**more: Any) -> RescueState:
    return RescueState(REASON, "choosing", **more)


@pytest.mark.parametrize(
    ("chosen", "saved", "accepted", "language"),
    [
        ("zh", "en", "en-US", "zh"),
        ("xx", "zh", "en-US", "zh"),
        ("", "auto", "fr-FR, zh-CN;q=0.8, en;q=0.5", "zh"),
        ("", "auto", "EN-gb", "en"),
        ("", "auto", "fr", "en"),
        ("", "auto", "", "en"),
    ],
)
def test_the_language_is_the_chosen_then_the_set_then_the_browsers(
    resting: CastMind, chosen: str, saved: str, accepted: str, language: str
) -> None:
    resting.settings.save(OWNER, "language", saved)
    page = render(choosing(), chosen, accepted)
    assert f'<html lang="{language}">' in page
    assert f"/?lang={'en' if language == 'zh' else 'zh'}" in page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reason", [LibraryMissing, DatabaseDamaged])
def test_each_reason_has_its_own_words_and_the_exact_message(resting: CastMind, language: str, reason: type[Exception]) -> None:
    page = render(RescueState(reason("No <b>way</b>."), "choosing"), language, "")  # type: ignore[arg-type]  # both are CastMindErrors
    words = texts(language)
    for part in ("title", "body"):
        assert escape(words[f"rescue.{part}.{reason.code}"]) in page  # type: ignore[attr-defined]  # both have one
    assert "No &lt;b&gt;way&lt;/b&gt;." in page and "<script" not in page


def test_while_it_works_it_follows_by_itself_and_offers_nothing(resting: CastMind) -> None:
    page = render(RescueState(REASON, "restoring", name="<good>.zip", done=5, total=10), "en", "")
    assert 'http-equiv="refresh"' in page and "<form" not in page
    assert "&lt;good&gt;.zip. This page updates automatically." in page and 'value="5" max="10"' in page
    assert "max=" not in render(RescueState(REASON, "looking"), "en", "")


def test_a_good_backup_is_offered_first_with_what_it_holds(resting: CastMind) -> None:
    page = render(choosing(found=found(7), refused=("bad.zip",)), "en", "")
    assert "<dd>7</dd>" in page and "<dd>1.4 MB</dd>" in page and 'value="good.zip"' in page
    assert texts("en")["rescue.found.refused"].format(n=1) in page and "<details open>" not in page
    assert 'http-equiv="refresh"' not in page
    assert [page.count(f'action="/rescue/{way}"') for way in ("restore", "again", "new")] == [1, 1, 1]


def test_without_one_it_says_whether_there_was_any(resting: CastMind) -> None:
    words = texts("zh")
    assert words["rescue.none"] in render(choosing(), "zh", "")
    assert words["rescue.none.refused"].format(n=2) in render(choosing(refused=("a", "b")), "zh", "")


@pytest.mark.parametrize(("held", "other", "unfolded"), [(10, 20, False), (10, 21, True), (10, None, False), (None, 1, True)])
def test_another_backup_that_holds_far_more_is_shown_unfolded(
    resting: CastMind, held: int | None, other: int | None, unfolded: bool
) -> None:
    state = choosing(found=found(held) if held else None, others=(backup("other.zip", other),))
    page = render(state, "en", "")
    assert ("<details open>" in page) is unfolded
    assert (f"episodes: {other} · 1.4 MB" in page) is (other is not None) and 'value="other.zip"' in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_choice_that_failed_is_told(resting: CastMind, language: str) -> None:
    said = escape(texts(language)["error.backup_damaged"])
    page = render(choosing(error=BackupDamaged("The <file> is short.", name="x.zip")), language, "")
    assert 'role="alert"' in page and said in page
    assert 'role="alert"' not in render(choosing(), language, "")
