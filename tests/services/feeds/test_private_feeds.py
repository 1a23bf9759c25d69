"""A private feed from its URL to its audio: its credentials are stored, sent only to their host, and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.publisher_extras import ExtraKind, Offer
from core.domain.feeds.feed_credentials import AGENTS, CredentialsKind, FeedCredentials
from core.domain.feeds.imports import Outline
from core.domain.jobs.job import Stage, State
from core.net import web
from core.pipeline.step import Resources
from core.services.feeds.subscriptions import Subscriptions
from core.services.library.covers import Covers
from core.sources import opml
from core.sources.media import picture
from core.store.db.database import Store
from core.store.jobs import jobs
from core.store.library import episodes, publisher_extras
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import Rig, real_runs
from tests.subscriptions_fixture import ImportDesk

CASTMIND = web.USER_AGENT
SECRET = "horse-staple"
SAID = "Basic YW5uYTpob3JzZS1zdGFwbGU="


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.ask_for("Authorization", SAID)
        yield running


@pytest.fixture
def subscriptions(store: Store, rig: Rig) -> Subscriptions:
    """Return subscriptions backed by the real fetch step."""
    resources = Resources(rig.data, None, None, None, rig.fetcher)  # type: ignore[arg-type]
    rig.stages[Stage.FETCH] = real_runs(resources)[Stage.FETCH]
    return Subscriptions(store, rig.settings, rig.fetcher, clock=lambda: rig.now)


def address(host: PodcastHost) -> str:
    return host.feed_url.replace("http://", f"http://anna:{SECRET}@")


def failed(store: Store) -> list[str]:
    return [j.error["code"] for e in ids(store) for j in jobs.of_episode(store.read(), e) if j.error]


def ids(store: Store) -> list[int]:
    return [row["id"] for row in store.read().execute("SELECT id FROM episodes ORDER BY id")]


def test_user_and_password_leave_the_address_and_reach_the_audio(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    row = subscriptions.add(OWNER, address(host), backlog=1)
    assert (row.feed.url, row.credentials) == (host.feed_url, CredentialsKind.PASSWORD)
    rig.run_all()
    (fetched,) = [e for e in ids(store) if jobs.of_episode(store.read(), e)]
    assert rig.states(fetched) == "dddd"
    assert subscriptions.refresh(OWNER, row.feed.id).feed.error is None
    assert {r.headers.get("authorization") for r in host.requests()} == {SAID}


def test_a_feed_that_asks_for_a_password_says_so_and_is_not_added(subscriptions: Subscriptions, host: PodcastHost) -> None:
    wrong = FeedCredentials.of(host.feed_url, user="anna", password="wrong")
    for credentials, case in ((None, "asked"), (wrong, "rejected")):
        with pytest.raises(errors.AccessRefused) as refused:
            subscriptions.add(OWNER, host.feed_url, credentials=credentials)
        assert refused.value.params == {"status": 401, "case": case}
        assert "wrong" not in refused.value.detail
    assert subscriptions.listing(OWNER) == []


def test_a_changed_password_is_told_on_the_feed_and_a_new_one_goes_on_at_once(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    feed_id = subscriptions.add(OWNER, address(host), backlog=1).feed.id
    host.ask_for("Authorization", "Bearer new")
    rig.run_all()
    assert failed(store) == ["access_refused"]
    broken = subscriptions.refresh(OWNER, feed_id).feed
    assert broken.error and broken.error["code"] == "access_refused" and broken.failures == 1

    subscriptions.set_credentials(OWNER, feed_id, FeedCredentials.of(host.feed_url, token="new"))
    assert feed_id in dict(subscriptions.due())
    assert subscriptions.refresh(OWNER, feed_id).feed.error is None
    rig.run_all()
    assert failed(store) == []


def test_without_the_key_the_feed_says_so_and_everything_else_goes_on(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    feed_id = subscriptions.add(OWNER, address(host), backlog=1).feed.id
    (rig.data / "uploads" / "a.wav").write_bytes(b"sound")
    upload = rig.add(media_path="uploads/a.wav")
    key = (rig.data / "secret.key").rename(rig.data / "away")
    lost = subscriptions.refresh(OWNER, feed_id).feed
    assert lost.error and lost.error["code"] == "access_lost"
    assert subscriptions.listing(OWNER)[0].credentials is CredentialsKind.PASSWORD
    with pytest.raises(errors.AccessLost):
        subscriptions.credentials(OWNER, feed_id)
    rig.run_all()
    waiting = next(e for e in ids(store) if e != upload and jobs.of_episode(store.read(), e))
    assert (rig.state(waiting, Stage.FETCH), rig.states(upload)) == (State.WAITING, "dddd")
    key.rename(rig.data / "secret.key")
    rig.now += 7200
    rig.run_all()
    assert rig.states(waiting) == "dddd"


def test_the_password_can_be_entered_again_when_the_key_is_gone(
    subscriptions: Subscriptions, rig: Rig, host: PodcastHost
) -> None:
    feed_id = subscriptions.add(OWNER, address(host)).feed.id
    (rig.data / "secret.key").unlink()
    subscriptions.refresh(OWNER, feed_id)
    subscriptions.set_credentials(OWNER, feed_id, FeedCredentials.of(host.feed_url, user="anna", password=SECRET))
    assert subscriptions.refresh(OWNER, feed_id).feed.error is None


def test_a_change_keeps_the_secrets_that_it_leaves_out_and_a_removal_forgets_all(
    subscriptions: Subscriptions, host: PodcastHost
) -> None:
    feed_id = subscriptions.add(OWNER, address(host)).feed.id
    subscriptions.set_credentials(OWNER, feed_id, FeedCredentials.of(host.feed_url, user="anna", hosts=["cdn.example"]))
    kept = subscriptions.credentials(OWNER, feed_id)
    assert kept and (kept.password, kept.hosts) == (SECRET, ("cdn.example",))
    assert subscriptions.set_credentials(OWNER, feed_id, None).credentials is None
    assert subscriptions.credentials(OWNER, feed_id) is None
    with pytest.raises(errors.NotFound):
        subscriptions.set_credentials(OWNER, feed_id + 1, None)


def test_audio_on_another_host_needs_that_host_to_be_named(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    with PodcastHost() as cdn:
        cdn.ask_for("Authorization", SAID)
        host.publish("en_short.wav", "Elsewhere", url=f"{cdn.url}/audio/en_short.wav")
        feed_id = subscriptions.add(OWNER, address(host), backlog=1).feed.id
        rig.run_all()
        assert failed(store) == ["access_refused"]
        assert {r.headers.get("authorization") for r in cdn.requests()} == {None}
        named = FeedCredentials.of(host.feed_url, user="anna", hosts=[f"127.0.0.1:{cdn.port}"])
        subscriptions.set_credentials(OWNER, feed_id, named)
        rig.run_all()
        assert failed(store) == []


def test_chapters_and_transcripts_of_the_publisher_are_asked_for_likewise(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    host.files["talk.vtt"] = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHello there.\n"
    subscriptions.add(OWNER, address(host), backlog=0)
    episode_id = ids(store)[0]
    offer = Offer(ExtraKind.TRANSCRIPT, f"{host.url}/audio/talk.vtt", "text/vtt", None)
    store.write(lambda db: publisher_extras.offer(db, episode_id, [offer]))
    (tried,) = rig.publisher_extras.refresh(OWNER, episode_id).offers
    assert tried.error is None and rig.publisher_extras.transcript(OWNER, episode_id)

    key = (rig.data / "secret.key").rename(rig.data / "away")
    (tried,) = rig.publisher_extras.refresh(OWNER, episode_id).offers
    assert tried.error and "password" in tried.error
    key.rename(rig.data / "secret.key")


def test_covers_are_asked_for_likewise(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriptions.add(OWNER, address(host), backlog=0)
    covers = Covers(store, rig.fetcher, rig.data)
    monkeypatch.setattr(picture, "_made", lambda arguments, raw: raw)
    covers.show(OWNER, ids(store)[0])
    covers.step()
    assert host.requests("/cover.png")[0].headers["authorization"] == SAID


def test_a_feed_that_moves_to_another_host_takes_no_credentials_there(subscriptions: Subscriptions, host: PodcastHost) -> None:
    with PodcastHost() as other:
        feed_id = subscriptions.add(OWNER, address(host)).feed.id
        host.moves["/feed.xml"] = other.feed_url
        assert subscriptions.refresh(OWNER, feed_id).feed.url == other.feed_url
        assert subscriptions.refresh(OWNER, feed_id).feed.error is None
        assert {r.headers.get("authorization") for r in other.requests()} == {None}


def test_episodes_title_and_error_hold_no_secret(subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost) -> None:
    """An error's text reaches the user and the log."""
    subscriptions.add(OWNER, f"{address(host)}?auth={SECRET}", backlog=1)
    host.ask_for("Authorization", "no longer")
    rig.run_all()
    feed = subscriptions.refresh(OWNER, subscriptions.listing(OWNER)[0].feed.id).feed
    told = [str(feed.error), *(str(j.error) for e in ids(store) for j in jobs.of_episode(store.read(), e))]
    assert len([text for text in told if "access_refused" in text]) == 2
    assert SECRET not in "".join(told)
    assert episodes.get(store.read(), ids(store)[0]).title
    assert SECRET not in "".join(p.name for p in Path(rig.data).rglob("*"))


def test_feeds_of_an_imported_list_wait_with_their_passwords_sealed(
    subscriptions: Subscriptions, store: Store, host: PodcastHost
) -> None:
    bad = "http://a%0Ab:c@127.0.0.1:9/feed"
    body = opml.write([Outline(address(host), "Mine"), Outline(bad, "Odd")], title="", now=0.0)
    with ImportDesk(store, subscriptions) as desk:
        imports, begun = desk.imports, desk.imports.add_opml(OWNER, body)
        # Before and after: stored credentials are encrypted, too.
        told = [store.read().execute(f"SELECT * FROM {table}").fetchall() for table in ("import_lines", "tasks")]
        assert SECRET not in str([tuple(row) for rows in told for row in rows])
        desk.run()
    assert subscriptions.listing(OWNER)[0].credentials is CredentialsKind.PASSWORD
    assert SECRET not in imports.report(OWNER, begun.id) + imports.failed_opml(OWNER, begun.id).decode()
    assert SECRET.encode() not in imports.export(OWNER, keys=True)[0]


def test_another_user_agent_is_used_for_the_feed_and_its_audio(
    subscriptions: Subscriptions, store: Store, rig: Rig, host: PodcastHost
) -> None:
    host.ask_for("User-Agent", CASTMIND)
    feed_id = subscriptions.add(OWNER, host.feed_url, backlog=1).feed.id
    (episode,) = [e for e in ids(store) if jobs.of_episode(store.read(), e)]
    host.ask_for("User-Agent", AGENTS[1], status=403)
    rig.step(Stage.FETCH)
    assert rig.state(episode, Stage.FETCH) is State.WAITING
    assert subscriptions.refresh(OWNER, feed_id).feed.turned_away
    for agent in AGENTS[:2]:
        row = subscriptions.another_agent(OWNER, feed_id)
        assert row.credentials is CredentialsKind.AGENT
        assert rig.job(episode, Stage.FETCH).not_before <= rig.now, "its audio is tried at once"
        refreshed = subscriptions.refresh(OWNER, feed_id).feed
        assert host.requests("/feed.xml")[-1].headers["user-agent"] == agent
        assert refreshed.turned_away == (agent != AGENTS[1])
        rig.step(Stage.FETCH)
    assert rig.state(episode, Stage.FETCH) is State.DONE
    for _ in AGENTS[1:]:
        last = subscriptions.another_agent(OWNER, feed_id)
    assert last.credentials is None, "after the last our own again"


def test_another_user_agent_leaves_credentials_as_they_are(subscriptions: Subscriptions, host: PodcastHost) -> None:
    feed_id = subscriptions.add(OWNER, address(host)).feed.id
    assert subscriptions.another_agent(OWNER, feed_id).credentials is CredentialsKind.PASSWORD
    there = subscriptions.credentials(OWNER, feed_id)
    assert there and (there.user, there.password, there.user_agent) == ("anna", SECRET, AGENTS[0])
    assert subscriptions.refresh(OWNER, feed_id).feed.error is None
