from __future__ import annotations

from dataclasses import replace

import pytest

from core import errors, events
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.jobs.job import PRIORITY_AUTOMATIC, Stage, State
from core.store.jobs import jobs, leases
from core.store.library import episode_trash, episodes
from tests.fakes.podcast_host import START, PodcastHost
from tests.subscriptions_fixture import HOUR, House

FEED = "/feed.xml"


def test_a_new_feed_brings_its_episodes_and_queues_the_three_newest(house: House, host: PodcastHost) -> None:
    row = house.subscriptions.add(OWNER, f"  {host.feed_url} ")
    assert (row.feed.title, row.feed.author, row.feed.language, row.episodes) == ("CastMind samples", "The demo grammar", "en", 5)
    assert (row.feed.auto_transcribe, row.feed.backlog, row.feed.failures) == (True, 3, 0)
    assert row.feed.next_poll_at == house.now + HOUR
    assert house.queued() == ["The long English episode", "中文节目 第一期", "A meeting & its decisions"]
    episode = house.episodes(row.feed.id)["The long English episode"]
    assert episode.enclosure_url == host.audio_url("en_episode.mp3")
    assert (episode.guid, episode.published_at, episode.duration) == ("castmind-demo-en_episode.mp3", START, 179.0)
    queued = jobs.of_episode(house.store.read(), episode.id)
    assert [(j.stage, j.priority) for j in queued] == [(stage, PRIORITY_AUTOMATIC) for stage in Stage]
    assert house.store.events.settle()
    assert events.JobsQueued() in house.heard
    assert house.subscriptions.listing(OWNER) == [row] == [house.subscriptions.get(OWNER, row.feed.id)]


def test_the_backlog_is_the_users_choice(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    assert house.queued() == []
    assert house.subscriptions.change(OWNER, feed.id, backlog=4).feed.backlog == 4
    assert len(house.queued()) == 4
    with pytest.raises(errors.UserError):
        house.subscriptions.change(OWNER, feed.id, backlog=-1)


SHOW = "917393e3-1b1e-5cef-ace4-edaa54e1f810"


def test_a_show_that_is_there_at_another_address_is_not_taken_twice_unasked(house: House, host: PodcastHost) -> None:
    host.channel_says(f"<podcast:guid>{SHOW.upper()}</podcast:guid>")
    first = house.subscriptions.add(OWNER, host.feed_url).feed
    assert first.podcast_guid == SHOW
    with pytest.raises(errors.ShowSubscribed) as refused:
        house.subscriptions.add(OWNER, f"{host.feed_url}?from=elsewhere")
    assert refused.value.params == {"id": first.id, "title": first.title, "name": "CastMind samples", "episodes": 5}
    assert [row.feed.id for row in house.subscriptions.listing(OWNER)] == [first.id]
    assert house.subscriptions.add(OWNER, f"{host.feed_url}?from=elsewhere", anyway=True).feed.podcast_guid == SHOW


def test_a_feed_of_ones_own_is_taken_beside_the_public_one(house: House, host: PodcastHost) -> None:
    host.channel_says(f"<podcast:guid>{SHOW}</podcast:guid>")
    house.subscriptions.add(OWNER, host.feed_url)
    house.subscriptions.add(OWNER, f"{host.feed_url}?token=8d1ea7c0ffee4f6d9b1c")
    house.subscriptions.add(
        OWNER, f"{host.feed_url}?members", credentials=FeedCredentials.of(host.feed_url, user="me", password="word")
    )
    assert len(house.subscriptions.listing(OWNER)) == 3


def test_a_public_feed_is_taken_beside_ones_own(house: House, host: PodcastHost) -> None:
    host.channel_says(f"<podcast:guid>{SHOW}</podcast:guid>")
    house.subscriptions.add(OWNER, f"{host.feed_url}?token=8d1ea7c0ffee4f6d9b1c")
    house.subscriptions.add(
        OWNER, f"{host.feed_url}?members", credentials=FeedCredentials.of(host.feed_url, user="me", password="word")
    )
    house.subscriptions.add(OWNER, host.feed_url)
    assert len(house.subscriptions.listing(OWNER)) == 3


def test_the_show_of_a_feed_is_heard_of_when_its_publisher_names_it(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    assert feed.podcast_guid is None
    host.channel_says(f"<podcast:guid>{SHOW}</podcast:guid>")
    assert house.subscriptions.refresh(OWNER, feed.id).feed.podcast_guid == SHOW


@pytest.mark.parametrize(("auto", "expected"), [(True, ["News"]), (False, [])])
def test_later_episodes_are_queued_when_the_feed_says_so(
    house: House, host: PodcastHost, auto: bool, expected: list[str]
) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, auto_transcribe=auto, backlog=0).feed
    host.publish("en_short.wav", "News", published=START + 2 * HOUR, url=f"{host.url}/audio/news.wav")
    row = house.subscriptions.refresh(OWNER, feed.id)
    assert row.episodes == 6
    assert house.queued() == expected


def test_auto_transcribe_can_be_switched_off(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    changed = house.subscriptions.change(OWNER, feed.id, title="  My  podcast ", auto_transcribe=False).feed
    assert (changed.title, changed.auto_transcribe, changed.backlog) == ("My podcast", False, 0)
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    assert house.subscriptions.refresh(OWNER, feed.id).feed.title == "My podcast"
    assert house.queued() == []


def test_a_changed_enclosure_moves_the_episode_and_tries_a_failed_download_again(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url, backlog=1).feed
    episode = house.episodes(feed.id)["The long English episode"]
    house.fail_fetch(episode.id)
    host.items[0] = replace(host.items[0], url=f"{host.url}/audio/elsewhere.mp3", title="The longer one")
    host.touch()
    assert house.subscriptions.poll(feed.id).taken.updated == 1
    after = house.episodes(feed.id)["The longer one"]
    assert (after.id, after.enclosure_url) == (episode.id, f"{host.url}/audio/elsewhere.mp3")
    assert [j.state for j in jobs.of_episode(house.store.read(), episode.id)] == [State.QUEUED] * 4
    assert len(house.episodes(feed.id)) == 5


def test_a_new_guid_for_the_same_audio_is_the_same_episode(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.items[0] = replace(host.items[0], guid="renamed")
    host.touch()
    assert house.subscriptions.poll(feed.id).taken.updated == 1
    assert house.episodes(feed.id)["The long English episode"].guid == "renamed"


def test_the_same_guid_twice_in_one_feed_loses_no_audio(house: House, host: PodcastHost) -> None:
    host.publish("en_short.wav", "One", guid="same", url=f"{host.url}/audio/one.wav")
    host.publish("en_short.wav", "Two", guid="same", url=f"{host.url}/audio/two.wav")
    host.publish("en_short.wav", "Two, repeated", guid="same", url=f"{host.url}/audio/two.wav")
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    titles = set(house.episodes(feed.id))
    assert len(titles) == 7
    assert "One" in titles
    host.touch()
    host.publish("en_short.wav", "Three", url=f"{host.url}/audio/three.wav")
    assert house.subscriptions.poll(feed.id).taken.new == 1


def test_an_error_that_an_earlier_version_kept_is_read(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    house.store.write(lambda db: db.execute("UPDATE feeds SET error = 'It was away.'"))
    assert house.subscriptions.get(OWNER, feed.id).feed.error == {"code": "", "detail": "It was away.", "params": {}}


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/as/html/feed.xml", errors.NotAFeed),
        ("/as/error/feed.xml", errors.FeedUnavailable),
        ("/as/not_found/feed.xml", errors.FeedUnavailable),
        ("/as/busy/feed.xml", errors.FeedUnavailable),
        ("/as/break/feed.xml", errors.FeedUnavailable),
        ("/as/to_private/feed.xml", errors.BadAddress),
    ],
)
def test_what_is_no_feed_is_not_added(path: str, error: type[Exception], house: House, host: PodcastHost) -> None:
    with pytest.raises(error):
        house.subscriptions.add(OWNER, host.url + path)
    assert house.subscriptions.listing(OWNER) == []
    assert episodes.count(house.store.read()) == 0


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "javascript:alert(1)", "ftp://example.com/feed"])
def test_only_web_addresses_are_added(url: str, house: House) -> None:
    with pytest.raises(errors.BadAddress):
        house.subscriptions.add(OWNER, url)


def test_a_second_subscription_names_the_first(house: House, host: PodcastHost) -> None:
    first = house.subscriptions.add(OWNER, host.feed_url).feed
    for url in (host.feed_url, f"{host.url}/as/moved/feed.xml"):
        with pytest.raises(errors.Conflict) as caught:
            house.subscriptions.add(OWNER, url)
        assert caught.value.params["id"] == first.id
    assert len(house.subscriptions.listing(OWNER)) == 1


def test_subscribing_again_takes_the_episodes_back(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    before = {e.id for e in house.episodes(feed.id).values()}
    house.unsubscribe.remove(OWNER, feed.id)
    again = house.subscriptions.add(OWNER, host.feed_url)
    assert {e.id for e in house.episodes(again.feed.id).values()} == before
    assert len(house.queued()) == 3


def test_a_feed_does_not_bring_back_what_is_in_the_trash(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    gone = next(e.id for e in house.episodes(feed.id).values() if e.title == "Five seconds")
    house.store.write(lambda db: jobs.enqueue(db, gone, priority=0, now=house.now))
    job = house.store.write(lambda db: leases.claim(db, Stage.FETCH, now=house.now))
    assert job
    house.store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id = ?", [gone]))
    house.store.write(lambda db: episode_trash.put_in_trash(db, [gone], now=house.now))
    assert house.subscriptions.get(OWNER, feed.id).episodes == 4
    next(i for i in host.items if i.title == "Five seconds").url = f"{host.url}/audio/moved.wav"
    host.touch()
    house.subscriptions.refresh(OWNER, feed.id)
    assert house.subscriptions.get(OWNER, feed.id).episodes == 4
    assert {j.state for j in jobs.of_episode(house.store.read(), gone)} == {State.FAILED}
    house.unsubscribe.remove(OWNER, feed.id)
    assert house.subscriptions.add(OWNER, host.feed_url).episodes == 4
    assert "Five seconds" not in house.queued()


def test_a_deleted_episode_is_not_offered_again(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    newest = house.episodes(feed.id)["The long English episode"]
    house.store.write(lambda db: episodes.delete(db, newest.id))
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    taken = house.subscriptions.poll(feed.id).taken
    assert (taken.new, taken.updated) == (1, 0)
    assert newest.title not in house.episodes(feed.id)


def test_a_title_that_the_user_gave_stays(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    mine = house.episodes(feed.id)["The long English episode"]
    house.store.write(lambda db: episodes.change(db, mine.id, {"title": "Mine"}, now=house.now))
    host.touch()
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    assert house.subscriptions.poll(feed.id).taken.updated == 0
    host.items[1] = replace(host.items[1], title="Corrected", url=f"{host.url}/audio/elsewhere.mp3")
    host.touch()
    assert house.subscriptions.poll(feed.id).taken.updated == 1
    after = house.episodes(feed.id)["Mine"]
    assert (after.id, after.enclosure_url) == (mine.id, f"{host.url}/audio/elsewhere.mp3")


def test_an_item_without_a_title_is_no_change_at_every_poll(house: House, host: PodcastHost) -> None:
    host.items[0] = replace(host.items[0], title="")
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    host.publish("en_short.wav", "News", url=f"{host.url}/audio/news.wav")
    assert house.subscriptions.poll(feed.id).taken.updated == 0


def test_a_feed_without_lengths_that_moves_as_a_whole_stays_one_library(house: House, host: PodcastHost) -> None:
    for number, item in enumerate(host.items):
        host.items[number] = replace(item, duration="")
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    before = {title: e.id for title, e in house.episodes(feed.id).items()}
    for number, item in enumerate(host.items):
        host.items[number] = replace(item, guid=f"https://new.example/{number}", url=f"{host.url}/new/{number}.mp3")
    host.touch()
    assert house.subscriptions.poll(feed.id).taken.new == 0
    assert {title: e.id for title, e in house.episodes(feed.id).items()} == before


def test_a_guid_that_is_used_again_for_another_broadcast_brings_it(house: House, host: PodcastHost) -> None:
    feed = house.subscriptions.add(OWNER, host.feed_url).feed
    old = house.episodes(feed.id)["The long English episode"]
    for day in (1, 2):
        host.items[0] = replace(
            host.items[0], title=f"News of day {day}", url=f"{host.url}/audio/{day}.mp3", published=START + day * 24 * HOUR
        )
        host.touch()
        assert house.subscriptions.poll(feed.id).taken.new == 1
    there = house.episodes(feed.id)
    assert len(there) == 7
    assert (there[old.title].id, there[old.title].enclosure_url, there[old.title].guid) == (old.id, old.enclosure_url, None)
    assert there["News of day 2"].guid == host.items[0].guid
