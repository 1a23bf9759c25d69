"""Which entries of a feed are transcribed."""

from dataclasses import replace

from core.domain.feeds.feed import FeedEntry, to_transcribe

DAY = 86400.0


def entry(n: int, **changes: object) -> FeedEntry:
    made = FeedEntry(f"guid-{n}", f"Episode {n}", f"https://cdn.example/{n}.mp3", duration=100.0 + n, published_at=n * DAY)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_of_a_new_feed_the_newest_are_transcribed() -> None:
    entries = [entry(n) for n in range(9, 0, -1)]
    chosen = to_transcribe(entries, first_poll=True, backlog=3, auto=False, subscribed_at=0.0)
    assert [e.guid for e in chosen] == ["guid-9", "guid-8", "guid-7"]
    assert to_transcribe(entries, first_poll=True, backlog=0, auto=True, subscribed_at=0.0) == ()


def test_later_ones_if_the_feed_says_so_and_they_are_news() -> None:
    fresh, undated, archive = entry(100), entry(101, published_at=None), entry(1)
    later = {"first_poll": False, "backlog": 3, "subscribed_at": 100 * DAY}
    assert to_transcribe([fresh, undated, archive], auto=True, **later) == (fresh, undated)  # type: ignore[arg-type]
    assert to_transcribe([fresh], auto=False, **later) == ()  # type: ignore[arg-type]
