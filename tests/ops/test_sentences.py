"""Sentences outside of the pages."""

from __future__ import annotations

import pytest

from core.message import Message
from core.ops import sentences


@pytest.mark.parametrize(
    ("setting", "environ", "language"),
    [
        ("zh", {"LANG": "en_GB.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("auto", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("auto", {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ("auto", {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_GB"}, "zh"),
        ("auto", {}, "en"),
    ],
)
def test_the_setting_counts_then_the_locale(setting: str, environ: dict[str, str], language: str) -> None:
    assert sentences.language_of(setting, environ) == language


def test_a_sentence_is_filled_in_its_language() -> None:
    assert sentences.sentence("health.backup.fresh", {"hours": 1}, "en") == "The latest nightly backup is 1 hour old."
    assert "3" in sentences.sentence("health.backup.fresh", {"hours": 3}, "zh")
    with pytest.raises(KeyError):
        sentences.sentence("health.backup.fresh", {}, "en")


def test_a_message_inside_is_told_in_the_same_language() -> None:
    why = Message("no NVIDIA driver was found", "speech.no_driver")
    told = sentences.sentence("health.speech.untried", {"error": why}, "zh")
    assert "no NVIDIA driver" not in told and "NVIDIA" in told
    assert sentences.message(Message("as it is", "no.such.key"), "zh") == "as it is"
    assert sentences.message(3, "zh") == "3"
