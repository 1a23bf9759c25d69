"""What strangers and models write is text on every page: titles, show notes, transcripts, names of speakers, notes, tags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

import core.pipeline.graph  # noqa: F401 (registers the steps that an episode is queued for)
from core.domain.notes.note import Action, Chapter, Notes, Point, Term
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes, tags
from core.store.text import notes, transcripts
from tests.browser.conftest import Visit
from tests.browser.test_pages import settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser

EVIL = (
    "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    "<svg onload=\"document.title='taken'\"></svg> [here](javascript:document.title='taken') "
    '"><iframe srcdoc="<script>parent.document.title=1</script>"></iframe> ${document.title=1} </script><b>bold</b>'
)
# Every element that came of the words, in the document and in all shadow trees.
CAME_OF_IT = """() => {
    const found = [];
    const look = (root) => {
        const evil = root.querySelectorAll("img[src=x], svg[onload], iframe[srcdoc], a[href^='javascript']");
        found.push(...[...evil].map((each) => each.outerHTML));
        for (const each of root.querySelectorAll("*")) if (each.shadowRoot) look(each.shadowRoot);
    };
    look(document);
    return found;
}"""


def fill(db: Database) -> None:
    feed = feeds.add(db, {"url": "https://example.org/evil", "title": EVIL, "description": EVIL, "next_poll_at": 4e9}, now=1.0)
    values = {"title": EVIL, "source": "feed", "feed_id": feed, "description": EVIL, "duration": 60.0, "spoken_language": "en"}
    number = episodes.add(db, values, now=1.0)
    said = (Segment(0, 0.0, 5.0, EVIL, speaker=EVIL[:60]), Segment(1, 5.0, 9.0, f"memory {EVIL}"))
    transcripts.save(db, number, Transcript("en", 60.0, said, SpeechEngine("demo")), now=1.0)
    point = Point(EVIL, EVIL, 0.0, 5.0, 0, verified=True)
    made = Notes(
        EVIL,
        points=(point,),
        chapters=(Chapter(EVIL, 0.0, EVIL, link="javascript:document.title='taken'"),),
        terms=(Term(EVIL, EVIL, EVIL, 0.0, verified=True),),
        actions=(Action(EVIL, EVIL, 0.0, verified=True),),
        engine="ollama",
        model=EVIL[:60],
    )
    notes.add(db, number, made, now=1.0)
    tags.put(db, tags.named(db, EVIL[:40], now=1.0), [number])


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    data: Path = tmp_path_factory.mktemp("evil") / "data"
    data.mkdir()
    store = Store(data / "castmind.db")
    store.open()
    store.write(fill)
    store.close()
    with RunningApp(data, CASTMIND_NOTES_ENGINE="extractive") as app:
        yield app


def clean(page: Page, place: str) -> None:
    settled(page)
    assert page.evaluate(CAME_OF_IT) == [], place
    assert page.title() not in ("taken", "1"), place


@pytest.mark.parametrize("place", ["/", "/feeds", "/show?id=1", "/search?q=memory", "/queue"])
def test_what_strangers_write_is_text(evil: RunningApp, visit: Visit, place: str) -> None:
    clean(visit(evil, place), place)


def test_notes_and_transcript_are_text(evil: RunningApp, visit: Visit) -> None:
    page = visit(evil, "/episode?id=1")
    page.get_by_text("onerror").first.wait_for()
    clean(page, "the page of the episode")
    for tab in page.get_by_role("tab").all():
        tab.click()
        clean(page, tab.inner_text())
