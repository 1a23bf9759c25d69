"""Covers: a square at once, the picture once it was fetched, and none of either kept for nobody."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Source
from core.errors import NotFound
from core.services.library import covers
from core.services.library.covers import Covers
from core.sources.media import picture
from core.store.feeds import feeds
from core.store.library import episodes
from tests.runner_fixture import Rig


class Kept(Covers):
    """Covers whose clock the test moves."""

    def __init__(self, rig: Rig) -> None:
        self.now = 1e9
        super().__init__(rig.store, rig.fetcher, rig.data, clock=lambda: self.now)
        self.folder = rig.data / covers.FOLDER

    def names(self) -> set[str]:
        return {path.stem for path in self.folder.glob("*")}


@pytest.fixture
def kept(rig: Rig) -> Kept:
    return Kept(rig)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked for a picture; each has one of a hundred bytes, but those that say `none`."""
    addresses: list[str] = []

    def of_address(_fetcher: object, address: str, _access: object) -> bytes | None:
        addresses.append(address)
        return None if "none" in address else b"x" * 100

    monkeypatch.setattr(picture, "of_address", of_address)
    return addresses


def add(rig: Rig, *addresses: str) -> list[int]:
    return [rig.add(title=f"Talk {n}", image_url=address) for n, address in enumerate(addresses)]


# --- whose picture ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "feeds_own", "source", "origin"),
    [
        ("https://a.example/1.png", "https://a.example/feed.png", Source.FEED, "https://a.example/1.png"),
        (None, "https://a.example/feed.png", Source.FEED, "https://a.example/feed.png"),
        (None, None, Source.FEED, None),
        (None, None, Source.UPLOAD, "uploads/a.mp3"),
    ],
)
def test_the_episode_s_own_comes_first_and_only_a_file_of_one_s_own_is_looked_into(
    own: str | None, feeds_own: str | None, source: Source, origin: str | None, rig: Rig
) -> None:
    values = {"title": "A talk", "source": source.value, "image_url": own, "media_path": "uploads/a.mp3"}
    if source is Source.FEED:
        row = {"url": "https://a.example/feed", "title": "A feed", "image_url": feeds_own}
        values["feed_id"] = rig.store.write(partial(feeds.add, values=row, now=1.0))
    number = rig.store.write(partial(episodes.add, values=values, now=1.0))
    listed = episodes.listed(rig.store.read(), number, user_id=OWNER.user_id)
    assert covers.origin_of(listed) == origin
    assert covers.name_of(listed) == ("A feed" if source is Source.FEED else "A talk")


@pytest.mark.parametrize(("name", "sign"), [("über alles", "Ü"), ("…“42”", "4"), ("中文节目", "中"), ("?!", "·"), ("", "·")])
def test_a_square_shows_the_first_letter_or_digit(name: str, sign: str) -> None:
    text = ElementTree.fromstring(covers.square(name)).findtext("{http://www.w3.org/2000/svg}text")
    assert (covers.initial(name), text) == (sign, sign)
    assert covers.square(name) == covers.square(name) and 0 <= covers.hue(name) < 360


# --- shown and fetched ------------------------------------------------------------------------------


def test_a_square_is_shown_until_the_picture_was_fetched(rig: Rig, kept: Kept, asked: list[str]) -> None:
    (number,) = add(rig, "https://a.example/1.png")
    first = kept.show(OWNER, number)
    assert (first.media_type, first.final, asked) == ("image/svg+xml", False, [])
    kept.step()
    there = kept.show(OWNER, number)
    assert (there.media_type, there.final, there.body) == ("image/webp", True, b"x" * 100)
    assert there.etag != first.etag
    kept.step()
    assert asked == ["https://a.example/1.png"]


def test_what_has_no_picture_to_wait_for_is_final(rig: Rig, kept: Kept) -> None:
    assert kept.show(OWNER, rig.add(title="A talk")).final
    with pytest.raises(NotFound):
        kept.show(OWNER, 99)
    with pytest.raises(NotFound):
        kept.show_feed(OWNER, 99)


def test_the_latest_request_goes_first_and_a_few_at_a_time(rig: Rig, kept: Kept, asked: list[str]) -> None:
    addresses = [f"https://a.example/{n}.png" for n in range(covers.AT_ONCE + 2)]
    for number in add(rig, *addresses):
        kept.show(OWNER, number)
    kept.step()
    assert asked == addresses[:1:-1]
    kept.step()
    assert asked[covers.AT_ONCE :] == addresses[1::-1]


def test_no_more_are_wanted_at_once_than_somebody_looks_at(rig: Rig, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covers, "MOST_WANTED", 2)
    for number in add(rig, *(f"https://a.example/{n}.png" for n in range(4))):
        kept.show(OWNER, number)
    assert len(kept._wanted) == 2


def test_what_could_not_be_had_is_asked_for_again_after_a_day(rig: Rig, kept: Kept, asked: list[str]) -> None:
    (number,) = add(rig, "https://a.example/none.png")
    kept.show(OWNER, number)
    kept.step()
    tried_at = next(kept.folder.iterdir()).stat().st_mtime
    for later, times in ((covers.AGAIN - 60.0, 1), (covers.AGAIN + 60.0, 2)):
        kept.now = tried_at + later
        assert kept.show(OWNER, number).media_type == "image/svg+xml"
        kept.step()
        assert len(asked) == times


# --- put away ---------------------------------------------------------------------------------------


def test_covers_go_with_what_names_them_and_the_longest_unseen_where_they_take_too_much(
    rig: Rig, kept: Kept, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [f"https://example.org/{n}.png" for n in range(3)]
    numbers = add(rig, *addresses)
    for number in numbers:
        kept.show(OWNER, number)
    kept.step()
    for path in kept.folder.iterdir():
        os.utime(path, (kept.now, kept.now))
    kept.tidy()
    assert len(kept.names()) == 3
    kept.now += 2 * covers.AGAIN
    assert kept.show(OWNER, numbers[1]).final  # it is seen, and that counts
    rig.store.write(lambda db: episodes.delete(db, numbers[0]))
    kept.tidy()
    assert kept.names() == {covers._name(a) for a in addresses[1:]}
    monkeypatch.setattr(covers, "MOST_BYTES", 150)
    kept.tidy()
    assert kept.names() == {covers._name(addresses[1])}


def test_a_picture_that_was_just_fetched_stays_though_nothing_names_it(rig: Rig, kept: Kept, asked: list[str]) -> None:
    """The rows were read before the episode was there, or its picture is of a moment ago."""
    (number,) = add(rig, "https://a.example/1.png")
    kept.show(OWNER, number)
    kept.step()
    rig.store.write(lambda db: episodes.delete(db, number))
    kept.now = next(kept.folder.iterdir()).stat().st_mtime + covers.AGAIN - 60.0
    kept.tidy()
    assert len(kept.names()) == 1
    kept.now += 120.0
    kept.tidy()
    assert kept.names() == set()


@pytest.mark.parametrize(("most", "left"), [(300, 3), (299, 2), (100, 1), (99, 0)])
def test_just_as_many_go_as_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, left: int) -> None:
    monkeypatch.setattr(covers, "MOST_BYTES", most)
    files = {}
    for age in range(3):
        path = tmp_path / str(age)
        path.write_bytes(b"x" * 100)
        os.utime(path, (1e9 - age, 1e9 - age))
        files[path] = path.stat()
    assert [path.name for path in covers.too_much(files)] == ["2", "1", "0"][: 3 - left]
