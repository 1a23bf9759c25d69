"""Every page as a reader sees it: both languages, desktop, phone and dark theme; and the content of feeds and queue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit, cards, choose
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.running import RunningApp

pytestmark = pytest.mark.browser

TITLES = {
    "library": ("Library", "资料库"),
    "search": ("Search", "搜索"),
    "highlights": ("Highlights", "高亮"),
    "queue": ("Queue", "队列"),
    "feeds": ("Podcasts", "播客"),
    "settings": ("Settings", "设置"),
    "status": ("Status", "状态"),
}
HOSTILE = (
    "<p>Show notes</p><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    "<a href=\"javascript:document.title='taken'\">a link</a>"
)


@pytest.fixture(scope="module")
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        for item in running.items:
            item.description = HOSTILE
        # Short recordings first: only those are transcribed.
        running.items.sort(key=lambda item: item.file == "en_episode.mp3")
        running.items[0].title = "Hostile &lt;img src=x onerror=alert(1)&gt; **title**"
        for age, item in enumerate(running.items):
            item.published = running.items[0].published - age * 86_400
        yield running


@pytest.fixture(scope="module")
def episode_id(app: RunningApp) -> int:
    number: int = app.upload(SAMPLES / "en_meeting.m4a").json()["id"]
    app.wait_done(number)
    return number


def settled(page: Page) -> None:
    """Wait until Streamlit has drawn the page and the first view has gone, and check that no part of it failed."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("() => !document.castmindFirst")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def fits(page: Page) -> None:
    """Check that neither the document nor its scroll container is wider than the window."""
    page.wait_for_function(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
                 .every(part => part.scrollWidth <= window.innerWidth)"""
    )


def walk(page: Page, app: RunningApp, episode_id: int, language: int) -> Iterator[str]:
    """Open every page by its URL and check that it is complete; yield its name while it is open."""
    for name, titles in TITLES.items():
        page.goto(f"{app.url}/{'' if name == 'library' else name}")
        expect(page.get_by_role("heading", level=1)).to_have_text(titles[language])
        settled(page)
        if name == "library":
            expect(page.get_by_test_id("add-open")).to_be_visible()
        yield name
    page.goto(f"{app.url}/episode?id={episode_id}")
    page.get_by_test_id("segment-0").wait_for(state="attached")
    settled(page)
    yield "episode"


def test_every_page_in_english_by_day_and_night(app: RunningApp, episode_id: int, visit: Visit, shot: Shot) -> None:
    page = visit(app, None)
    for name in walk(page, app, episode_id, language=0):
        fits(page)
        shot(page, f"{name}-wide")
        page.emulate_media(color_scheme="dark")
        shot(page, f"{name}-dark")
        page.emulate_media(color_scheme="light")


def test_every_page_on_a_phone_in_chinese_as_the_browser_asks(app: RunningApp, episode_id: int, visit: Visit, shot: Shot) -> None:
    page = visit(app, None, locale="zh-CN")
    page.set_viewport_size(PHONE)
    for name in walk(page, app, episode_id, language=1):
        fits(page)
        shot(page, f"{name}-phone-chinese")


@pytest.mark.long
def test_every_page_on_a_phone(app: RunningApp, episode_id: int, visit: Visit, shot: Shot) -> None:
    page = visit(app, None)
    page.set_viewport_size(PHONE)
    for name in walk(page, app, episode_id, language=0):
        fits(page)
        shot(page, f"{name}-phone")


@pytest.mark.long
def test_every_page_in_chinese(app: RunningApp, episode_id: int, visit: Visit, shot: Shot) -> None:
    page = visit(app, None, locale="zh-CN")
    for name in walk(page, app, episode_id, language=1):
        fits(page)
        shot(page, f"{name}-chinese")


@pytest.mark.long
def test_the_language_is_chosen_for_this_browser_alone(app: RunningApp, visit: Visit) -> None:
    page, elsewhere = visit(app, "/settings?group=pages"), visit(app, "/settings?group=pages")
    choose(page.get_by_role("combobox", name="Language", exact=True), "中文")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES["settings"][1])
    anew = page.context.new_page()
    anew.goto(page.url)
    expect(anew.get_by_role("heading", level=1)).to_have_text(TITLES["settings"][1])
    settled(anew)
    choices, choices_anew = (each.get_by_test_id("stMain").get_by_role("combobox") for each in (page, anew))
    choices_anew.first.wait_for()
    expect(choices).to_have_count(choices_anew.count())
    for choice, said in zip(choices.all(), choices_anew.all(), strict=True):
        expect(choice).to_have_value(said.input_value())
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text(TITLES["settings"][0])


@pytest.mark.long
def test_a_feed_shows_its_episodes_as_text_and_transcribes_the_newest_three(
    app: RunningApp, host: PodcastHost, visit: Visit, shot: Shot
) -> None:
    page = visit(app, "/feeds")
    page.get_by_role("textbox", name="Address of a podcast feed").fill(host.feed_url)
    page.get_by_role("button", name="Subscribe").click()
    card = cards(page, "feed").first
    expect(card).to_contain_text("5 episodes")
    shot(page, "feeds-added")
    card.click()
    rows = cards(page, "episode")
    expect(rows).to_have_count(5)
    expect(rows.filter(has_text="Not transcribed")).to_have_count(2)
    expect(rows.and_(page.locator(".row.done"))).to_have_count(3)
    shot(page, "library-feed")
    hostile = rows.filter(has_text="Hostile **title**")
    hostile.get_by_role("link").click()
    page.get_by_test_id("segment-0").wait_for()
    page.get_by_test_id("tab-about").click()
    page.get_by_text("a link").wait_for()
    settled(page)
    shot(page, "episode-feed")
    main = page.get_by_test_id("stMain")
    expect(main.locator("img[src]:not([src*='/api/v1/']), script, a[href^='javascript:']")).to_have_count(0)
    assert page.title() != "taken"


@pytest.mark.long
def test_the_queue_follows_a_job(app: RunningApp, host: PodcastHost, visit: Visit, shot: Shot) -> None:
    answer = app.client.post("/api/v1/episodes/import", json={"url": host.audio_url("en_short.wav", Mode.DRIP)})
    number = answer.json()["id"]
    page = visit(app, "/queue")
    row = cards(page, "job").filter(has_text="Running")
    expect(row).to_contain_text("Downloading")
    shot(page, "queue-running")
    app.client.post(f"/api/v1/episodes/{number}/cancel").raise_for_status()
    expect(cards(page, "job")).to_have_count(0)
    expect(page.get_by_text("Nothing to do")).to_be_visible()
