"""A fully equipped episode, and a reader's view of its page.

fill(data): twelve minutes, 240 sentences with words, three speakers, pauses, notes in two versions; the publisher's extras
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from core.domain.episodes.publisher_extras import Chapters, Origin, SuppliedChapter, SuppliedTranscript
from core.domain.transcripts.transcript import Segment
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import publisher_extras
from tests.fixtures import long_episode
from tests.running import RunningApp, wait_for

SENTENCES = 240
SECONDS = 720


def fill(data: Path) -> int:
    """Fill the library before the server starts; return the episode's id."""
    episode_id = long_episode.fill(data, SENTENCES, SECONDS)
    theirs = SuppliedTranscript(
        (Segment(0, 0.0, 5.0, "Welcome, says the publisher.", "Anna"), Segment(1, 60.0, 65.0, "Goodbye.", "Ben"))
    )
    chapters = Chapters((SuppliedChapter("Welcome", 0.0), SuppliedChapter("The harbour at night", 300.0)))
    store = Store(data / "castmind.db")
    store.open()

    def write(db: Database) -> None:
        for document in (theirs, chapters):
            publisher_extras.save(db, episode_id, Origin.PUBLISHER, document, now=time.time())

    store.write(write)
    store.close()
    return episode_id


class Room:
    """The episode's page in one browser page."""

    def __init__(self, app: RunningApp, page: Page, episode_id: int = 1) -> None:
        self.app = app
        self.page = page
        self.base = f"/api/v1/episodes/{episode_id}"
        self.address = f"{app.url}/episode?id={episode_id}"

    def open(self, more: str = "") -> Room:
        self.page.goto(self.address + more)
        self.sentence(0).wait_for(state="attached")
        return self

    def __getitem__(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def sentence(self, number: int) -> Locator:
        return self.page.get_by_test_id(f"segment-{number}")

    def tab(self, name: str) -> None:
        self[f"tab-{name}"].click()

    def get(self, path: str) -> Any:
        answer = self.app.client.get(self.base + path)
        answer.raise_for_status()
        return answer.json()

    def text_of(self, number: int) -> str:
        text: str = self.get("/transcript?format=json&words=false")["segments"][number]["text"]
        return text

    def said(self, words: str) -> None:
        expect(self["message"]).to_contain_text(words)

    # --- playback -------------------------------------------------------------------------------

    @property
    def position(self) -> float:
        seconds: float = self["audio"].evaluate("audio => audio.currentTime")
        return seconds

    @property
    def paused(self) -> bool:
        answer: bool = self["audio"].evaluate("audio => audio.paused")
        return answer

    def plays(self) -> None:
        """Wait until the sound plays: its position moves."""
        wait_for(lambda: not self.paused)
        before = self.position
        wait_for(lambda: self.position > before + 0.1)

    def near(self, seconds: float, within: float = 0.3) -> None:
        wait_for(lambda: abs(self.position - seconds) < within, why=lambda: f"at {self.position}")

    # --- marks without elements -------------------------------------------------------------------

    def painted(self, name: str) -> list[str]:
        script = "name => [...(CSS.highlights.get(`castmind-${name}`) ?? [])].map(String)"
        found: list[str] = self.page.evaluate(script, name)
        return found

    def stand_on(self, number: int) -> None:
        """Focus a sentence with the arrow keys."""
        self.sentence(number).evaluate("span => { span.tabIndex = -1; span.focus(); }")

    def select(self, number: int, begin: int, end: int) -> None:
        """Drag the mouse over characters of a sentence on one or several lines."""
        self.sentence(number).scroll_into_view_if_needed()
        box = self.sentence(number).evaluate(
            """(span, [begin, end]) => {
                const node = document.createTreeWalker(span, NodeFilter.SHOW_TEXT).nextNode();
                const place = (at) => {
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    const box = range.getBoundingClientRect();
                    return [box.left + 1, box.top + box.height / 2, box.right];
                };
                return [place(begin), place(end - 1)];
            }""",
            [begin, end],
        )
        mouse = self.page.mouse
        mouse.move(box[0][0], box[0][1])
        mouse.down()
        mouse.move(box[1][2], box[1][1], steps=5)
        mouse.up()
        self["passage-bar"].wait_for()
