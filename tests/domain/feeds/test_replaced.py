import pytest

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.matching import Known
from core.domain.feeds.replaced import believed, replaced

PLACE = "https://a.example/show/e1.mp3"


def told(place: str = PLACE, length: int | None = None, *, before: str = PLACE, was: int | None = None, guid: str = "g") -> bool:
    known = Known(1, "g", before, "One", enclosure_bytes=was)
    return replaced(known, FeedEntry(guid, "One", place, enclosure_bytes=length))


@pytest.mark.parametrize(
    ("place", "length", "was"),
    [
        ("https://a.example/show/e1-corrected.mp3", None, None),
        ("https://a.example/show/e1.mp3?v=2", 70_000, 70_000),
        ("https://swap.fm/track/x/a.example/show/e1b.mp3?token=z", None, None),
        (PLACE, 71_000, 70_000),
        (PLACE, 60_000_000, 60_080_000),
        # 64 KiB, or half a percent; of at least a thousand bytes.
        (PLACE, 60_065_536, 60_000_000),
        (PLACE, 100_500, 100_000),
        (PLACE, 1_000, 2_000),
        ("https://op3.dev/e/a.example/show/e1.mp3?Expires=9&Signature=x", 90_000_000, 60_000_000),
        ("https://cdn2.example/show/e1.mp3", 90_000_000, 60_000_000),
    ],
)
def test_other_audio_is_seen_by_its_address_and_its_length(place: str, length: int | None, was: int | None) -> None:
    assert told(place, length, was=was)


@pytest.mark.parametrize(
    ("place", "length", "was"),
    [
        (PLACE, 70_000, 70_000),
        (PLACE, 60_000_000, 60_020_000),
        (PLACE, 60_065_535, 60_000_000),
        (PLACE, 100_499, 100_000),
        (PLACE, 999, 2_000),
        (PLACE, 0, 60_000_000),
        (PLACE, 60_000_000, None),
        (PLACE, 1, 60_000_000),
        (PLACE, 123, 60_000_000),
        ("https://a.example/show/e1.mp3?token=b&Expires=99", None, None),
        ("https://dts.podtrac.com/redirect.mp3/a.example/show/e1.mp3", None, None),
        ("http://a.example/show/e1.mp3", None, None),
        ("https://another-host.example/media/e1.mp3", None, None),
    ],
)
def test_a_signature_a_move_or_a_tag_is_no_other_audio(place: str, length: int | None, was: int | None) -> None:
    assert not told(place, length, was=was)


def test_without_an_address_before_and_now_there_is_no_other_audio() -> None:
    assert not told("", 90_000_000, was=60_000_000)
    assert not told(PLACE, 90_000_000, before="", was=60_000_000)


def test_under_another_guid_an_address_proves_nothing() -> None:
    assert not told("https://a.example/show/other.mp3", guid="h")


@pytest.mark.parametrize(
    ("found", "seen", "count"), [(1, 1, 1), (2, 2, 2), (3, 5, 0), (3, 10, 3), (5, 10, 0), (30, 300, 30), (100, 300, 0)]
)
def test_a_whole_feed_that_changes_was_moved(found: int, seen: int, count: int) -> None:
    assert len(believed([0] * found, seen=seen)) == count
