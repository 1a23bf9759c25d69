"""The player's bar stays while the page scrolls, and nothing of the page shows beside, above or through it."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, expect

from tests.browser.conftest import PHONE, Shot
from tests.browser.room import Room
from tests.running import wait_for

pytestmark = pytest.mark.browser

# Of both edges of the window: all that lies between an edge and the inner border of what sticks there.
BANDS = """() => {
  const main = document.querySelector("[data-testid=stMain]").getBoundingClientRect();
  const deep = (id, root = document) => {
    for (const each of root.querySelectorAll("*")) {
      const found = each.dataset?.testid === id ? each : each.shadowRoot && deep(id, each.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const bar = deep("player-bar").getBoundingClientRect();
  const across = { x: main.left + 1, width: main.width - 20 };
  const foot = bar.bottom > innerHeight - 100;
  const top = foot ? deep("tab-notes").parentElement.getBoundingClientRect().bottom : deep("dock").getBoundingClientRect().bottom;
  const above = { ...across, y: 0, height: Math.floor(top) };
  return foot ? [above, { ...across, y: Math.ceil(bar.top), height: innerHeight - Math.ceil(bar.top) }] : [above];
}"""


def bands(room: Room) -> list[FloatRect]:
    found: list[FloatRect] = room.page.evaluate(BANDS)
    return found


def scroll(room: Room, to: float) -> None:
    room.page.evaluate(
        """async to => {
            document.querySelector("[data-testid=stMain]").scrollTop = to;
            await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        }""",
        to,
    )


def nothing_shows_through(room: Room) -> None:
    """Of the bands, no pixel depends on what scrolls past."""
    room.page.mouse.move(2, 2)
    pictures = []
    for to in (340, 351, 362, 379, 400):
        scroll(room, to)
        pictures.append([room.page.screenshot(clip=band) for band in bands(room)])
    assert all(picture == pictures[0] for picture in pictures[1:])


@pytest.mark.parametrize("width", ["wide", "narrow", "phone"])
def test_what_scrolls_past_shows_neither_above_nor_beside_the_bar(room: Room, shot: Shot, width: str) -> None:
    page = room.page
    sizes = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 700, "height": 900}, "phone": dict(PHONE)}
    page.set_viewport_size(sizes[width])  # type: ignore[arg-type]  # the keys are those of ViewportSize
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal
        room.open()
        expect(room["ticks"].locator("button")).to_have_count(2)
        room["point-0-time"].wait_for()
        # It comes when it has been measured, and fades in.
        expect(room["waveform"]).to_be_visible()
        room["waveform"].evaluate("part => Promise.all(part.getAnimations().map(each => each.finished))")
        nothing_shows_through(room)
        shot(page, f"bar-{width}-{scheme}")
    room.stand_on(9) if width == "wide" else room.tab("transcript")
    room.select(9, 3, 12)
    nothing_shows_through(room)
    scroll(room, 0)
    room.page.keyboard.press("Escape")
    expect(room["passage-bar"]).to_be_hidden()


def test_the_toolbar_of_a_passage_goes_with_it_and_never_over_the_bar(room: Room) -> None:
    room.page.set_viewport_size({"width": 1440, "height": 600})
    room.open()
    expect(room["ticks"].locator("button")).to_have_count(2)
    room.select(1, 3, 12)
    toolbar = room["passage-bar"]
    seen = "bar => bar.style.visibility !== 'hidden'"
    assert toolbar.evaluate(seen)
    place, bar = toolbar.bounding_box(), room["player-bar"].bounding_box()
    assert place
    assert bar
    assert place["y"] > bar["y"] + bar["height"]
    room["transcript-scroll"].evaluate("pane => { pane.scrollTop = 3000; }")
    wait_for(lambda: not toolbar.evaluate(seen))
