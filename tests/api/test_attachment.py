"""The name of a file that is sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.api.attachment import disposition


@pytest.fixture
def url(episode: dict[str, Any]) -> str:
    return f"/episodes/{episode['id']}/audio"


def test_a_download_is_named_after_the_episode(api: httpx.Client, url: str, episode: dict[str, Any]) -> None:
    api.patch(f"/episodes/{episode['id']}", json={"title": 'Tea / 茶 "hot"'})
    header = api.get(url, params={"download": True}).headers["content-disposition"]
    assert header == "attachment; filename*=UTF-8''Tea%20%20%20%E8%8C%B6%20%20hot.wav"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Tea", "Tea.md"),
        ("../../etc/passwd", "etc%20passwd.md"),
        ("a\x00b\r\nc", "a%20b%20c.md"),
        (" . ", "episode.md"),
        ("", "episode.md"),
        ("x" * 500, "x" * 120 + ".md"),
        ("naïve'", "na%C3%AFve%27.md"),
    ],
)
def test_no_title_leads_elsewhere_or_ends_the_header(title: str, name: str) -> None:
    assert disposition(title, ".md", download=False) == {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
