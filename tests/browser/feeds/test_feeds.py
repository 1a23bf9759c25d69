"""A person's use of feeds: subscribe by URL, search or OPML file; choose options, read, unsubscribe, undo."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.domain.feeds.imports import Outline
from core.sources import opml
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, Shot, Visit, cards, unfold
from tests.browser.test_pages import settled
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.running import RunningApp

pytestmark = pytest.mark.browser
SECRET = "horse-staple"


@pytest.fixture(scope="module")
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


@pytest.fixture(scope="module")
def directory() -> Iterator[PodcastDirectory]:
    with PodcastDirectory() as running:
        yield running


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, directory: PodcastDirectory) -> Iterator[RunningApp]:
    settings = {"CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1", "CASTMIND_ITUNES_URL": directory.url, "CASTMIND_BACKLOG": "0"}
    with RunningApp(tmp_path_factory.mktemp("feeds") / "data", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def members() -> Iterator[PodcastHost]:
    """A host for paying members: the tests turn on its user and password."""
    with PodcastHost() as running:
        yield running


def opened(own: RunningApp, visit: Visit, query: str = "", **more: object) -> Page:
    page = visit(own, f"/feeds{query}", **more)
    page.get_by_role("heading", level=1).wait_for()
    return page


@pytest.mark.long
def test_a_newcomer_finds_a_show_by_its_name(
    own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost, directory: PodcastDirectory
) -> None:
    directory.shows = [("The cat show", "A. Cat", f"{host.feed_url}?cat", None)]
    page = opened(own, visit)
    expect(page.get_by_text("Subscribe to your first podcast")).to_be_visible()
    shot(page, "feeds-empty")
    page.get_by_role("radio", name="Search").click()
    page.get_by_label("Podcast name or topic").fill("cat")
    expect(page.get_by_text("Nothing is sent before that.")).to_be_visible()
    assert directory.asked == []
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.locator("[class*=st-key-found-]").filter(has_text="The cat show").last
    shot(page, "feeds-search")
    found.get_by_role("button", name="Subscribe").click()
    expect(found.get_by_role("link", name="Subscribed")).to_be_visible()
    expect(cards(page, "feed").filter(has_text="CastMind samples")).to_contain_text("5 episodes")
    assert len(directory.asked) == 1


@pytest.mark.long
def test_a_page_that_offers_several_asks_which(
    own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost, directory: PodcastDirectory
) -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{host.feed_url}?{n}">' for n in ("one", "two"))
    directory.pages["/show"] = ("text/html", links.encode())
    page = opened(own, visit, "?add=address")
    page.get_by_role("textbox", name="Address of a podcast feed").fill(f"{directory.url}/show")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_text("offers several feeds")).to_be_visible()
    shot(page, "feeds-choice")
    page.get_by_test_id("stCheckbox").filter(has_text="5 episodes").nth(1).click()
    page.get_by_role("button", name="Subscribe").last.click()
    expect(page.get_by_text("offers several feeds")).to_have_count(0)
    expect(page.get_by_text("Subscribed to CastMind samples").first).to_be_visible()
    urls = {feed["url"] for feed in own.client.get("/api/v1/feeds").json()["items"]}
    assert {f"{host.feed_url}?one", f"{host.feed_url}?two"} <= urls


@pytest.mark.long
def test_a_show_that_is_there_at_another_address_is_asked_about(own: RunningApp, visit: Visit, shot: Shot) -> None:
    with PodcastHost() as twice:
        twice.channel_says("<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>")
        own.client.post("/api/v1/feeds", json={"url": twice.feed_url, "backlog": 0}).raise_for_status()
        page = opened(own, visit, "?add=address")
        field = page.get_by_role("textbox", name="Address of a podcast feed")
        for answer in ("Dismiss", "Subscribe anyway"):
            field.fill(f"{twice.feed_url}?from=elsewhere")
            page.get_by_role("button", name="Subscribe", exact=True).click()
            expect(page.get_by_text("You’re already subscribed to this podcast")).to_be_visible()
            assert complaints(page) == []
            shot(page, "feeds-show-twice")
            page.get_by_role("button", name=answer).click()
            expect(page.get_by_text("You’re already subscribed to this podcast")).to_have_count(0)
        expect(page.get_by_text("Subscribed to CastMind samples").first).to_be_visible()
        urls = [feed["url"] for feed in own.client.get("/api/v1/feeds").json()["items"]]
        assert urls.count(f"{twice.feed_url}?from=elsewhere") == 1


@pytest.mark.long
def test_subscribing_is_cancelled_while_the_publisher_sends_slowly(own: RunningApp, visit: Visit, host: PodcastHost) -> None:
    host.play("/feed.xml", Mode.DRIP)
    page = opened(own, visit, "?add=address")
    page.get_by_role("textbox", name="Address of a podcast feed").fill(f"{host.feed_url}?slow")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("you cancelled")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("you cancelled")).to_have_count(0)
    assert f"{host.feed_url}?slow" not in {feed["url"] for feed in own.client.get("/api/v1/feeds").json()["items"]}


@pytest.mark.long
def test_a_form_that_was_sent_is_emptied_in_its_place(own: RunningApp, visit: Visit, host: PodcastHost) -> None:
    """Newly mounted fields would shift the elements below: a press on Cancel at that moment would miss."""
    host.play("/feed.xml", Mode.DRIP)
    page = opened(own, visit, "?add=address")
    address = page.get_by_role("textbox", name="Address of a podcast feed")
    password = page.get_by_role("textbox", name="Password")
    page.get_by_text("Private feed").click()
    page.get_by_label("User name", exact=True).fill("anna")
    password.fill(SECRET)
    address.fill(f"{host.feed_url}?placed")
    fields = page.locator("[data-testid=stForm] input, [data-testid=stForm] textarea")
    expect(fields).to_have_count(9)
    fields.evaluate_all("all => all.forEach((field, n) => { field.dataset.mark = n; })")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_text("Checking http")).to_be_visible()
    expect(address).to_have_value("")
    expect(password).to_have_value("")
    assert fields.evaluate_all("all => all.map(field => field.dataset.mark)") == [str(n) for n in range(9)]
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("you cancelled")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("you cancelled")).to_have_count(0)


@pytest.mark.long
def test_another_programs_file_is_imported_with_a_report(
    own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost, tmp_path: Path
) -> None:
    file = tmp_path / "podcasts.opml"
    urls = [*(f"{host.feed_url}?n={n}" for n in range(12)), f"{host.url}/nowhere"]
    file.write_bytes(opml.write([Outline(url, "Old title") for url in urls], title="Mine", now=0.0))
    page = opened(own, visit, "?add=file")
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("13 feeds in podcasts.opml")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Older episodes to transcribe")).to_have_value("0")
    shot(page, "feeds-file")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("12 added")).to_be_visible()
    unfold(
        page.get_by_test_id("stExpander").filter(has_text="Not subscribed (1)").locator("summary"), page.get_by_text("status 404")
    )
    shot(page, "feeds-imported")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Report (CSV)").click()
    assert "status 404" in Path(saved.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download OPML").click()
    assert {url for url in urls if "nowhere" not in url} <= {
        f.url for f in opml.read(Path(saved.value.path()).read_bytes()).feeds
    }


@pytest.mark.long
def test_a_feed_becomes_private_and_its_password_is_never_seen_again(
    own: RunningApp, visit: Visit, shot: Shot, members: PodcastHost
) -> None:
    feed = own.client.post("/api/v1/feeds", json={"url": members.feed_url, "backlog": 0, "auto_transcribe": False}).json()
    said = base64.b64encode(f"anna:{SECRET}".encode()).decode()
    members.ask_for("Authorization", f"Basic {said}")
    page = visit(own, f"/show?id={feed['id']}")
    card = page.get_by_test_id("stMain")
    page.get_by_test_id("show-check").click()
    expect(card.get_by_text("requires a user name and password")).to_be_visible()
    user = card.get_by_role("textbox", name="User name", exact=True)
    unfold(card.get_by_text("Options"), user)
    user.fill("anna")
    card.get_by_role("textbox", name="Password", exact=True).fill(SECRET)
    card.get_by_role("button", name="Save credentials").click()
    expect(card.get_by_text("Read with a user name and password.")).to_be_visible()
    expect(page.get_by_test_id("show-locked")).to_be_visible()
    expect(card.get_by_text("requires a user name and password")).to_have_count(0)
    assert members.requests("/feed.xml")[-1].status in (200, 304)
    expect(card.get_by_placeholder("unchanged")).to_have_value("")
    fields = page.locator("input, textarea").evaluate_all("all => all.map((field) => field.value)")
    assert not any(secret in text for text in (page.content(), *fields) for secret in (SECRET, said))
    shot(page, "feeds-private")
    assert complaints(page) == []
    card.get_by_role("button", name="Remove credentials").click()
    expect(page.get_by_text("Credentials removed.")).to_be_visible()
    expect(page.get_by_test_id("show-locked")).to_have_count(0)
    assert own.client.get(f"/api/v1/feeds/{feed['id']}").json()["access"] is None


@pytest.mark.long
def test_a_feed_is_sorted_into_a_folder_that_was_not_there(own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost) -> None:
    made = own.client.post("/api/v1/feeds", json={"url": f"{host.feed_url}?sorted"}).raise_for_status().json()
    page = visit(own, f"/show?id={made['id']}")
    card = page.get_by_test_id("stMain")
    folder = card.get_by_role("combobox", name="Folder")
    unfold(card.get_by_text("Options"), folder)
    folder.fill("News / Tech")
    folder.press("Enter")
    card.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_role("combobox", name="Folder")).to_have_value("News/Tech")
    assert own.client.get(f"/api/v1/feeds/{made['id']}").json()["folder"] == "News/Tech"
    assert complaints(page) == []
    page.get_by_test_id("place-feeds").click()
    expect(page.get_by_role("heading", name="News/Tech")).to_be_visible()
    shot(page, "feeds-folders")
    assert complaints(page) == []


@pytest.mark.long
def test_all_feeds_are_read_and_one_is_left_and_had_back(own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost) -> None:
    own.client.post("/api/v1/feeds", json={"url": f"{host.feed_url}?left"}).raise_for_status()
    page = opened(own, visit)
    page.get_by_role("button", name="Check all now").click()
    expect(page.get_by_text("Feeds checked: ")).to_be_visible()
    cards(page, "feed").first.click()
    page.get_by_test_id("show-title").wait_for()
    unsubscribe = page.get_by_role("button", name="Unsubscribe")
    unfold(page.get_by_test_id("stExpander").locator("summary").first, unsubscribe)
    unsubscribe.click()
    page.get_by_role("dialog").get_by_role("button", name="Unsubscribe").click()
    gone = page.get_by_test_id("stExpander").filter(has_text="Unsubscribed this week (1)")
    back = page.get_by_role("button", name="Resubscribe")
    unfold(gone.locator("summary"), back)
    shot(page, "feeds-gone")
    back.click()
    expect(page.get_by_text("is back.")).to_be_visible()
    assert own.client.get("/api/v1/removed-feeds").json() == {"items": []}


@pytest.mark.long
def test_nothing_of_it_stops_a_screen_reader_or_a_phone(own: RunningApp, visit: Visit, shot: Shot, host: PodcastHost) -> None:
    own.client.post("/api/v1/imports", json={"url": f"{host.url}/nowhere"}).raise_for_status()
    page, found = opened(own, visit), list[str]()
    for way in ("address", "search", "file"):
        page.goto(f"{own.url}/feeds?add={way}")
        expect(page.get_by_text("status 404")).to_be_visible()
        if way == "file":
            page.get_by_test_id("stFileUploaderDropzone").wait_for()
        settled(page)
        found += complaints(page)
    page.set_viewport_size(PHONE)
    expect(page.get_by_text("status 404")).to_be_visible()
    shot(page, "feeds-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    assert not found, "\n".join(found)
