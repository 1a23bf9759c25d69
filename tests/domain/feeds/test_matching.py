import random
from dataclasses import replace

import pytest

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.matching import Decider, Known, changed

DAY = 86400.0


def entry(n: int, **changes: object) -> FeedEntry:
    made = FeedEntry(f"guid-{n}", f"Episode {n}", f"https://cdn.example/{n}.mp3", duration=100.0 + n, published_at=n * DAY)
    return replace(made, **changes)  # type: ignore[arg-type]


def known(n: int, **changes: object) -> Known:
    made = Known(n, f"guid-{n}", f"https://cdn.example/{n}.mp3", f"Episode {n}", 100.0 + n)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_guid_enclosure_and_title_with_duration_each_find_the_episode() -> None:
    entries = [
        entry(1, enclosure_url="https://new.example/one.mp3", title="Renamed"),
        entry(2, guid="other", title="Other", duration=None),
        entry(3, guid="third", enclosure_url="https://elsewhere.example/3.mp3"),
        entry(4),
    ]
    decision = Decider([known(1), known(2), known(3)]).decide(entries)
    assert [e.guid for e in decision.new] == ["guid-4"]
    assert [(i, e) for i, e in decision.seen] == [(1, entries[0]), (2, entries[1]), (3, entries[2])]


def test_title_without_the_same_duration_is_not_enough() -> None:
    again = entry(1, guid="g", enclosure_url="https://x.example/a.mp3", duration=500.0)
    assert Decider([known(1)]).decide([again]).new == (again,)
    untimed = replace(again, duration=None)
    assert Decider([known(1, duration=None)]).decide([untimed]).new == (untimed,)


def test_title_and_duration_do_not_take_an_episode_that_is_still_in_the_feed() -> None:
    twin = entry(1, guid="twin", enclosure_url="https://x.example/twin.mp3")
    decision = Decider([known(1)]).decide([twin, entry(1)])
    assert decision.new == (twin,)
    assert decision.seen == ((1, entry(1)),)


def test_yesterdays_programme_of_the_same_name_and_length_is_not_todays() -> None:
    today = entry(9, title="News", duration=300.0)
    yesterday = known(8, title="News", duration=300.0, published_at=8 * DAY)
    assert Decider([yesterday]).decide([today]).new == (today,)


def test_one_that_went_missing_from_the_midst_and_came_back_under_another_date_is_the_same() -> None:
    again = entry(9, guid="g", enclosure_url="https://x.example/a.mp3", title="Episode 5", duration=105.0)
    library = [known(n, published_at=n * DAY) for n in (4, 5, 6)]
    assert Decider(library).decide([again, entry(6), entry(4)]).seen == ((5, again), (6, entry(6)), (4, entry(4)))


def test_of_several_with_one_name_and_length_the_nearest_in_time_is_taken() -> None:
    library = [known(n, title="News", duration=300.0, published_at=n * DAY) for n in (1, 2, 3)]
    moved = [entry(n, guid=f"g{n}", enclosure_url=f"https://x.example/{n}.mp3", title="News", duration=300.0) for n in (2, 3, 1)]
    assert [i for i, _ in Decider(library).decide(moved).seen] == [2, 3, 1]


def test_the_same_item_twice_in_one_feed_is_one_episode() -> None:
    again = entry(1, guid="re-published")
    assert Decider([]).decide([entry(1), again, entry(1)]).new == (entry(1),)
    assert Decider([known(1)]).decide([again, entry(1)]).seen == ((1, entry(1)),)


def test_any_order_of_polls_edits_moves_and_repeats_gives_each_episode_once() -> None:
    for seed in range(200):
        shuffler = random.Random(seed)
        library: dict[int, Known] = {}
        current = {n: entry(n) for n in range(8)}
        for poll in range(12):
            n = shuffler.randrange(8)
            edits = [
                {"title": f"Retitled {poll}"},
                {"enclosure_url": f"https://moved.example/{n}/{poll}.mp3"},
                {"guid": f"new-{n}-{poll}"},
            ]
            current[n] = replace(current[n], **shuffler.choice(edits))  # type: ignore[arg-type]
            shown = [current[i] for i in shuffler.sample(range(8), shuffler.randrange(1, 9))]
            # The library keeps the last seen values of an unlisted item, so it may be edited only once in between.
            unseen = set(range(8)) - {int(e.duration or 0) - 100 for e in shown}
            decision = Decider(library.values()).decide(shown + shown[:2])
            for e in decision.new:
                number = int(e.duration or 0) - 100
                assert number not in library, f"seed {seed}: episode {number} came twice"
                library[number] = Known(number, e.guid, e.enclosure_url, e.title, e.duration)
            for i, e in decision.seen:
                library[i] = Known(i, e.guid, e.enclosure_url, e.title, e.duration)
            for i in unseen:
                k = library.get(i)
                current[i] = (
                    entry(i)
                    if k is None
                    else replace(current[i], guid=k.guid or "", enclosure_url=k.enclosure_url or "", title=k.title)
                )


def test_changed_says_whether_the_episode_needs_an_update() -> None:
    episode = known(1, digest=entry(1).digest)
    assert not changed(episode, entry(1))
    assert changed(episode, entry(1, enclosure_url="https://new.example/1.mp3"))
    assert changed(episode, entry(1, title="Renamed"))
    assert changed(episode, entry(1, description="A word was mended."))
    assert changed(known(1), entry(1)), "kept by an earlier version"


def test_exact_date_and_title_settle_it_only_where_there_is_one_of_each() -> None:
    def known(number: int, title: str, at: float, duration: float | None = None) -> Known:
        return Known(number, f"old-{number}", f"https://old.example/{number}.mp3", title, duration, at)

    def entry(number: int, title: str, at: float | None) -> FeedEntry:
        return FeedEntry(f"new-{number}", title, f"https://new.example/{number}.mp3", published_at=at)

    one = Decider([known(1, "Tides", 1000.0, 61.0)]).decide([entry(1, "TIDES ", 1000.0)])
    assert [i for i, _ in one.seen] == [1]
    other_second = Decider([known(1, "Tides", 1000.0)]).decide([entry(1, "Tides", 1001.0)])
    no_date = Decider([known(1, "Tides", 1000.0)]).decide([entry(1, "Tides", None)])
    two_known = Decider([known(1, "News", 1000.0), known(2, "News", 1000.0)]).decide([entry(1, "News", 1000.0)])
    two_entries = Decider([known(1, "News", 1000.0)]).decide([entry(1, "News", 1000.0), entry(2, "News", 1000.0)])
    assert [len(d.seen) for d in (other_second, no_date, two_known, two_entries)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("title", "address", "at", "new"),
    [
        ("Tuesday", "https://h.example/2.mp3", 90_000.0, True),
        ("Monday", "https://h.example/2.mp3", 90_000.0, False),
        ("Tuesday", "https://h.example/1.mp3?token=2", 90_000.0, False),
        ("Tuesday", "https://h.example/2.mp3", 1000.0, False),
        ("Tuesday", "https://h.example/2.mp3", None, False),
        ("", "https://h.example/2.mp3", 90_000.0, False),
    ],
)
def test_a_guid_is_used_again_only_where_title_audio_and_date_are_others(
    title: str, address: str, at: float | None, new: bool
) -> None:
    decision = Decider([Known(1, "g", "https://h.example/1.mp3", "Monday", None, 1000.0)]).decide(
        [FeedEntry("g", title, address, published_at=at)]
    )
    assert (len(decision.new), decision.reused) == ((1, (1,)) if new else (0, ()))
