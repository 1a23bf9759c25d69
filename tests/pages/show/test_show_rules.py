"""The rules of a show as it tells them."""

from __future__ import annotations

from typing import Any

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds import folder_feed
from core.store.feeds import feeds
from pages.show import show_rules


def said(castmind: CastMind, values: dict[str, Any], keep: dict[str, Any] | None = None) -> list[str]:
    number = castmind.library._store.write(lambda db: feeds.add(db, {"title": "Show"} | values, now=1.0))
    if keep:
        castmind.retention.set_rule(OWNER, number, keep)
    lines = show_rules.lines(castmind.subscriptions.get(OWNER, number).feed)
    assert [line["href"] for line in lines] == [None] * (len(lines) - 1) + ["/settings"]
    return [str(line["said"]) for line in lines]


@pytest.mark.parametrize(
    ("auto", "keep", "told"),
    [
        (True, {}, ["New episodes are transcribed", "All episodes are kept"]),
        (False, {}, ["New episodes are transcribed only when you ask", "All episodes are kept"]),
        (
            True,
            {"episodes": "newest", "newest": 10, "audio": "heard"},
            ["New episodes are transcribed", "The latest 10 episodes are kept", "Audio is kept until you’ve listened to it"],
        ),
        (
            True,
            {"episodes": "days", "days": 1, "audio": "days", "audio_days": 3},
            [
                "New episodes are transcribed",
                "Episodes are kept for 1 day",
                "Audio is kept for 3 days after you’ve listened to it",
            ],
        ),
        (
            True,
            {"audio": "text"},
            ["New episodes are transcribed", "All episodes are kept", "Audio is kept until it’s transcribed"],
        ),
    ],
)
def test_a_show_tells_what_is_transcribed_and_kept(resting: CastMind, auto: bool, keep: dict[str, Any], told: list[str]) -> None:
    found = said(resting, {"url": "https://f/", "auto_transcribe": auto}, keep)
    assert found == [*told, "Notes in the language of the episode"]


def test_what_the_settings_say_holds_where_the_show_says_nothing(resting: CastMind) -> None:
    for name, value in (("keep_episodes", "newest"), ("keep_newest", 7), ("notes_language", "zh")):
        resting.settings.save(OWNER, name, value)
    found = said(resting, {"url": "https://f/"})
    assert found == ["New episodes are transcribed", "The latest 7 episodes are kept", "Notes in Chinese"]


def test_a_folder_keeps_its_files(resting: CastMind) -> None:
    found = said(resting, {"url": folder_feed.address(("Mine",))})
    assert found == ["Every file in the folder is transcribed", "Nothing is removed", "Notes in the language of the episode"]
