from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.episodes.episode import Source
from core.domain.episodes.retention import (
    DAY,
    OWN,
    Audio,
    Episodes,
    Protection,
    RetentionChoice,
    RetentionPlan,
    RetentionReason,
    RetentionRow,
    Rule,
    plan,
    protection,
)

NOW = 1_000 * DAY
TEXT = Rule(audio=Audio.TEXT)


def row(number: int, **more: object) -> RetentionRow:
    """A transcribed episode of feed 1, with ten bytes of audio, published `number` days before now."""
    plain = RetentionRow(
        number,
        Source.FEED,
        NOW - number * DAY,
        feed_id=1,
        media_path=f"media/{number}",
        bytes=10,
        has_text=True,
        fetchable=True,
        text_at=NOW - number * DAY,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def silent(*rows: RetentionRow, rule: Rule = TEXT, budget: int = 0) -> dict[int, RetentionReason]:
    return {g.id: g.why for g in plan(rows, {}, rule, budget=budget, now=NOW).audio}


def leaving(*rows: RetentionRow, rule: Rule) -> dict[int, RetentionReason]:
    return {g.id: g.why for g in plan(rows, {}, rule, now=NOW).episodes}


def test_nothing_goes_unless_it_is_asked_for() -> None:
    assert plan([row(1), row(2, read_at=1.0)], {}, Rule(), now=NOW) == RetentionPlan()


def test_a_rule_keeps_all_where_neither_audio_nor_episodes_go() -> None:
    rules = (Rule(), Rule(audio=Audio.TEXT), Rule(episodes=Episodes.NEWEST), Rule(Audio.TEXT, episodes=Episodes.DAYS))
    assert [rule.keeps_all for rule in rules] == [True, False, False, False]


def test_text_only_keeps_audio_until_there_is_a_text_and_while_it_cannot_be_fetched_again() -> None:
    assert silent(row(1), row(2, has_text=False), row(3, fetchable=False), row(4, media_path=None)) == {1: RetentionReason.TEXT}


def test_heard_audio_goes_at_once_or_some_days_later() -> None:
    rows = [row(1), row(2, read_at=NOW - DAY), row(3, read_at=NOW - 4 * DAY)]
    assert silent(*rows, rule=Rule(audio=Audio.HEARD)) == {2: RetentionReason.HEARD, 3: RetentionReason.HEARD}
    assert silent(*rows, rule=Rule(audio=Audio.DAYS, audio_days=3)) == {3: RetentionReason.HEARD}
    assert silent(row(1, read_at=NOW), rule=Rule(audio=Audio.HEARD)) == {1: RetentionReason.HEARD}
    assert silent(row(1, read_at=NOW - 3 * DAY), rule=Rule(audio=Audio.DAYS, audio_days=3)) == {1: RetentionReason.HEARD}
    assert silent(row(1, read_at=NOW - 3 * DAY + 1), rule=Rule(audio=Audio.DAYS, audio_days=3)) == {}


def test_the_newest_of_each_feed_stay() -> None:
    rows = [*(row(n) for n in range(1, 5)), *(row(n, feed_id=2) for n in range(11, 13))]
    assert leaving(*rows, rule=Rule(episodes=Episodes.NEWEST, newest=2)) == {3: RetentionReason.NEWEST, 4: RetentionReason.NEWEST}


def test_what_is_protected_counts_among_the_newest() -> None:
    rows = [row(1, starred=True), row(2), row(3)]
    assert leaving(*rows, rule=Rule(episodes=Episodes.NEWEST, newest=2)) == {3: RetentionReason.NEWEST}


def test_an_old_episode_that_was_transcribed_lately_has_its_days_before_it() -> None:
    rows = [row(5), row(50), row(60, text_at=NOW - 3 * DAY)]
    assert leaving(*rows, rule=Rule(episodes=Episodes.DAYS, days=30)) == {50: RetentionReason.AGE}
    assert leaving(row(30), row(31), rule=Rule(episodes=Episodes.DAYS, days=30)) == {31: RetentionReason.AGE}


def test_what_a_person_asked_for_stays_until_it_is_read_and_what_was_restored_stays() -> None:
    rule = Rule(episodes=Episodes.NEWEST, newest=0)
    rows = [row(1, asked=True), row(2, asked=True, read_at=1.0), row(3, wanted_at=1.0)]
    assert leaving(*rows, rule=rule) == {2: RetentionReason.NEWEST}


def test_episodes_that_go_keep_their_audio_for_the_trash() -> None:
    both = Rule(Audio.TEXT, episodes=Episodes.NEWEST, newest=1)
    found = plan([row(1), row(2)], {}, both, now=NOW)
    assert [g.id for g in found.audio] == [1]
    assert [(g.id, g.bytes) for g in found.episodes] == [(2, 10)]


def test_a_feeds_own_rule_goes_before_the_settings() -> None:
    rules = {1: RetentionChoice(audio=Audio.ALL).over(TEXT), 2: RetentionChoice(episodes=Episodes.NEWEST, newest=1).over(TEXT)}
    found = plan([row(1), row(2, feed_id=2), row(3, feed_id=2), row(4, feed_id=3)], rules, TEXT, now=NOW)
    assert ([g.id for g in found.audio], [g.id for g in found.episodes]) == ([2, 4], [3])


def test_the_budget_takes_the_trash_first_then_the_longest_heard_then_the_oldest() -> None:
    rows = [
        row(1, deleted_at=NOW - DAY, has_text=False),
        row(2, read_at=NOW - 2 * DAY),
        row(3, read_at=NOW - 9 * DAY),
        row(4),
        row(5),
        row(6, starred=True),
    ]
    order = [
        next(iter(silent(*rows, rule=Rule(), budget=b).items() - silent(*rows, rule=Rule(), budget=b + 10).items()))[0]
        for b in range(50, 0, -10)
    ]
    assert order == [1, 3, 2, 5, 4]
    found = plan(rows, {}, Rule(), budget=5, now=NOW)
    assert (found.over, {g.why for g in found.audio}) == (5, {RetentionReason.BUDGET})
    assert plan(rows, {}, Rule(), budget=60, now=NOW) == RetentionPlan()
    assert plan(rows, {}, Rule(), budget=1000, now=NOW).over == 0


def test_a_file_that_two_episodes_share_gives_room_only_when_both_go() -> None:
    pair = [row(1, media_path="media/x"), row(2, media_path="media/x")]
    assert sum(g.bytes for g in plan(pair, {}, TEXT, now=NOW).audio) == 10
    assert sum(g.bytes for g in plan([pair[0], replace(pair[1], starred=True)], {}, TEXT, now=NOW).audio) == 0
    assert silent(*pair, rule=Rule(), budget=1) == {}


def test_audio_that_was_fetched_again_stays_for_a_week() -> None:
    assert silent(row(1, wanted_at=NOW - 7 * DAY + 1), row(2, wanted_at=NOW - 7 * DAY)) == {2: RetentionReason.TEXT}


@pytest.mark.parametrize(
    ("change", "ground"),
    [
        ({"source": Source.UPLOAD}, Protection.OWN),
        ({"source": Source.INBOX}, Protection.OWN),
        ({"starred": True}, Protection.STARRED),
        ({"noted": True}, Protection.NOTED),
        ({"busy": True}, Protection.BUSY),
        ({"position": 0.5}, Protection.READING),
        ({"played_at": NOW - DAY + 1}, Protection.READING),
        ({"position": 3.0, "read_at": 1.0}, None),
        ({"played_at": NOW - DAY}, None),
    ],
)
def test_what_protects(change: dict[str, object], ground: Protection | None) -> None:
    assert protection(row(1, **change), NOW) is ground


# --- whatever the rows and rules -----------------------------------------------------------------------------

times = st.one_of(st.none(), st.floats(NOW - 30 * DAY, NOW + DAY))
ROWS = st.lists(
    st.builds(
        RetentionRow,
        id=st.integers(1, 10**6),
        source=st.sampled_from(Source),
        published=st.floats(0, NOW + DAY),
        feed_id=st.one_of(st.none(), st.integers(1, 3)),
        media_path=st.one_of(st.none(), st.sampled_from(["media/a", "media/b", "media/c", "uploads/d"])),
        bytes=st.integers(0, 100),
        has_text=st.booleans(),
        fetchable=st.booleans(),
        starred=st.booleans(),
        noted=st.booleans(),
        busy=st.booleans(),
        asked=st.booleans(),
        read_at=times,
        position=st.sampled_from([0.0, 5.0]),
        played_at=times,
        wanted_at=times,
        text_at=times,
        deleted_at=times,
    ),
    max_size=12,
    unique_by=lambda r: r.id,
)
RULES = st.builds(
    Rule, st.sampled_from(Audio), st.integers(0, 30), st.sampled_from(Episodes), st.integers(1, 5), st.integers(1, 30)
)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.dictionaries(st.integers(1, 3), RULES, max_size=3), RULES, st.integers(0, 300))
def test_never_what_is_protected(rows: list[RetentionRow], rules: dict[int, Rule], overall: Rule, budget: int) -> None:
    found = plan(rows, rules, overall, budget=budget, now=NOW)
    by_id = {r.id: r for r in rows}
    audio, episodes = [by_id[g.id] for g in found.audio], [by_id[g.id] for g in found.episodes]
    assert len({r.id for r in (*audio, *episodes)}) == len(audio) + len(episodes)
    for gone in (r for r in (*audio, *episodes) if r.deleted_at is None):
        assert gone.source not in OWN
        assert not (gone.starred or gone.noted or gone.busy)
        assert gone.position == 0 or gone.read_at is not None
        assert gone.played_at is None or gone.played_at <= NOW - DAY
    for gone in audio:
        assert gone.source not in OWN and gone.fetchable and (gone.media_path or "").startswith("media/")
        assert gone.deleted_at is not None or (gone.has_text and not (gone.wanted_at and gone.wanted_at > NOW - 7 * DAY))
    for gone in episodes:
        assert gone.deleted_at is None and gone.feed_id is not None and gone.wanted_at is None
    if not budget and all(r.keeps_all for r in (overall, *rules.values())):
        assert found == RetentionPlan()
    freed = {r.media_path for r in audio} - {r.media_path for r in rows if r.id not in {g.id for g in found.audio}}
    assert sum(g.bytes for g in found.audio) <= sum(max(r.bytes for r in rows if r.media_path == path) for path in freed)
