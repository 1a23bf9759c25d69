"""What the first page costs a browser that was never here: requests and bytes; and that Streamlit's joined scripts are whole."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LibraryOf, Visit, cards
from tests.browser.test_pages import settled
from tests.running import RunningApp

pytestmark = pytest.mark.browser

MOST_REQUESTS = 60
MOST_BYTES = 1_200_000
# How many names the joined scripts export, and those that no longer are what importers read. A function that puts another one in
# its own place when it is called first, as Babel's `_extends`, does the same in both.
CHANGED = """async () => {
    const address = document.querySelector("script[type=module][src]").src;
    const joined = await import(address);
    const name = (number, key) => number === joined.parts.length - 1 ? key : `part${number}$${key}`;
    const pairs = joined.parts.flatMap((part, number) => Object.keys(part).map((key) => [name(number, key), part[key]]));
    const replacesItself = (made) => /^function ([\\w$]+)\\(\\)\\{return \\1=/.test(String(made));
    const differs = ([key, value]) => !Object.is(joined[key], value) && !replacesItself(joined[key]);
    return [pairs.length, pairs.filter(differs).map(([key]) => key)];
}"""


@pytest.fixture(scope="module")
def some(library_of: LibraryOf) -> RunningApp:
    return library_of(40)


def test_the_first_page_takes_few_requests_and_bytes(some: RunningApp, visit: Visit) -> None:
    page = visit(some, None)
    line = page.context.new_cdp_session(page)
    asked, sizes = dict[str, str](), dict[str, float]()

    def begun(event: dict[str, Any]) -> None:
        asked[event["requestId"]] = event["request"]["url"]

    def ended(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    line.on("Network.requestWillBeSent", begun)
    line.on("Network.loadingFinished", ended)
    line.send("Network.enable")
    page.goto(some.url)
    expect(cards(page, "episode")).to_have_count(40)
    settled(page)
    page.wait_for_load_state("networkidle")
    assert len(asked) <= MOST_REQUESTS, "\n".join(asked.values())
    assert 0 < sum(sizes.values()) <= MOST_BYTES
    joined = page.evaluate("document.querySelector('script[type=module][src]').src")
    assert [url for url in asked.values() if "/js/index." in url] == [joined]


def test_the_joined_scripts_export_what_each_of_them_does(some: RunningApp, visit: Visit) -> None:
    page = visit(some)
    expect(cards(page, "episode")).to_have_count(40)
    page.goto(f"{some.url}/status")
    page.get_by_role("heading", level=1).wait_for()
    settled(page)
    number, changed = page.evaluate(CHANGED)
    assert number > 500
    assert changed == []
