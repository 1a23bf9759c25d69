"""Private feeds on the page: entered with the address, shown by a lock, changed and forgotten; no secret comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds.feed_credentials import CredentialsKind, FeedCredentials
from core.domain.feeds.imports import LineState
from pages.text import texts
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open, faults
from tests.running import wait_for

SECRET = "horse-staple"
SAID = "Basic YW5uYTpob3JzZS1zdGFwbGU="


@pytest.fixture
def host(castmind: CastMind) -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        running.ask_for("Authorization", SAID)
        yield running


def unfold(page: AppTest, feed_id: int) -> AppTest:
    page.session_state[f"feed.unfolded.{feed_id}"] = True
    return page.run()


def subscribed(castmind: CastMind, host: PodcastHost) -> int:
    credentials = FeedCredentials.of(host.feed_url, user="anna", password=SECRET)
    return castmind.subscriptions.add(OWNER, host.feed_url, auto_transcribe=False, backlog=0, credentials=credentials).feed.id


def submit(page: AppTest, label: str) -> AppTest:
    (button,) = [b for b in page.button if b.label == texts("en")[label]]
    return button.click().run()


def test_a_private_feed_is_added_with_its_password(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value(host.feed_url)
    page.text_input(key="feeds.access.user").set_value("anna")
    page.text_input(key="feeds.access.password").set_value(SECRET)
    submit(page, "feeds.add")
    assert not page.exception
    (row,) = wait_for(lambda: castmind.subscriptions.listing(OWNER))
    assert row.credentials is CredentialsKind.PASSWORD


def test_without_it_the_page_says_what_is_asked_for(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value(host.feed_url)
    submit(page, "feeds.add")
    (asked,) = castmind.imports.listing(OWNER)
    (line,) = wait_for(lambda: castmind.imports.lines(OWNER, asked.id, LineState.FAILED))
    assert line.error and "asks for credentials" in line.error["detail"]
    assert castmind.subscriptions.listing(OWNER) == []


def test_what_cannot_be_sent_is_told_and_not_repeated(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py", add="address")
    page.text_input(key="feeds.url").set_value(host.feed_url)
    page.text_area(key="feeds.access.headers").set_value(f"{SECRET} without a colon")
    submit(page, "feeds.add")
    (said,) = faults(page)
    assert "one header per line" in said and SECRET not in said


def test_the_card_changes_and_forgets_it_and_shows_no_secret(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    feed_id = subscribed(castmind, host)
    page = unfold(opened("show/page.py", id=str(feed_id)), feed_id)
    key = f"feed.access.{feed_id}.0"
    assert texts("en")["feeds.access.is.password"] in [c.value for c in page.caption]
    assert (page.text_input(key=f"{key}.user").value, page.text_input(key=f"{key}.password").value) == ("anna", "")
    assert SECRET not in str(page.main)

    page.text_input(key=f"{key}.hosts").set_value("cdn.example, media.example:8443")
    submit(page, "feeds.access.save")
    kept = castmind.subscriptions.credentials(OWNER, feed_id)
    assert kept and (kept.password, kept.hosts) == (SECRET, ("cdn.example", "media.example:8443"))

    submit(page, "feeds.access.forget")
    assert castmind.subscriptions.credentials(OWNER, feed_id) is None
    assert texts("en")["feeds.access.none"] in [c.value for c in page.caption]


def test_a_token_stays_when_only_the_hosts_change(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    host.ask_for("Authorization", "Bearer t")
    credentials = FeedCredentials.of(host.feed_url, token="t", headers={"X-Key": SECRET})
    feed_id = castmind.subscriptions.add(OWNER, host.feed_url, auto_transcribe=False, backlog=0, credentials=credentials).feed.id
    page = unfold(opened("show/page.py", id=str(feed_id)), feed_id)
    page.text_input(key=f"feed.access.{feed_id}.0.hosts").set_value("cdn.example")
    submit(page, "feeds.access.save")
    kept = castmind.subscriptions.credentials(OWNER, feed_id)
    assert kept and (kept.token, kept.headers, kept.hosts) == ("t", (("X-Key", SECRET),), ("cdn.example",))


def test_a_lost_key_is_told_on_the_card_and_a_new_password_mends_it(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    feed_id = subscribed(castmind, host)
    (castmind.data / "secret.key").unlink()
    castmind.subscriptions.refresh(OWNER, feed_id)
    page = unfold(opened("show/page.py", id=str(feed_id)), feed_id)
    assert any("secret.key" in w.value or "key file" in w.value for w in page.warning)
    key = f"feed.access.{feed_id}.0"
    page.text_input(key=f"{key}.user").set_value("anna")
    page.text_input(key=f"{key}.password").set_value(SECRET)
    submit(page, "feeds.access.save")
    assert castmind.subscriptions.refresh(OWNER, feed_id).feed.error is None
