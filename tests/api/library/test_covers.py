"""Covers: a placeholder at once, the image once fetched."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from core.sources.media import picture
from core.store.library import episodes
from tests.api.conftest import Running, is_problem


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#c04020").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def of_feed(services: Running) -> int:
    values = {"title": "<Über> alles & mehr", "source": "feed", "image_url": "https://example.org/cover.png"}
    number: int = services.store.write(lambda db: episodes.add(db, values, now=1.0))
    return number


def test_a_picture_takes_the_place_of_the_square(
    api: httpx.Client, services: Running, of_feed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/episodes/{of_feed}/cover"
    first = api.get(url)
    assert first.headers["content-type"] == "image/svg+xml" and ">Ü<" in first.text
    assert (first.headers["cache-control"], first.headers["x-content-type-options"]) == ("private, no-cache", "nosniff")
    monkeypatch.setattr(picture, "of_address", lambda fetcher, address, credentials: picture._made([], png(900, 500)))
    services.covers.step()
    there = api.get(url)
    assert there.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(there.content)) as made:
        assert made.size == (320, 320)
    assert api.get(url, headers={"If-None-Match": there.headers["etag"]}).status_code == 304
    assert len(list((services.data / "media" / "covers").iterdir())) == 1


def test_what_cannot_be_fetched_is_left_alone_for_a_day(api: httpx.Client, services: Running, of_feed: int) -> None:
    values = {"image_url": "http://10.0.0.1/cover.png"}
    services.store.write(lambda db: episodes.change(db, of_feed, values, now=2.0))
    api.get(f"/episodes/{of_feed}/cover")
    services.covers.step()
    assert api.get(f"/episodes/{of_feed}/cover").headers["content-type"] == "image/svg+xml"
    assert not services.covers._wanted


def test_an_upload_without_a_picture_keeps_its_square(api: httpx.Client, services: Running, episode: dict[str, Any]) -> None:
    url = f"/episodes/{episode['id']}/cover"
    api.get(url)
    services.covers.step()
    assert api.get(url).headers["content-type"] == "image/svg+xml"
    assert is_problem(api.get("/episodes/99/cover"), 404, "not_found")
