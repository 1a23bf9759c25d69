"""The page before Streamlit runs: what is added to Streamlit's own, and the files that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Scope

from pages.frame import first_view
from pages.frame.start_page import StartPage
from pages.shared import component_source

INDEX = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
SCOPE: Scope = {"type": "http", "path": "/", "headers": [], "query_string": b""}


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> StartPage:
    monkeypatch.setattr(first_view, "of", lambda request: {"content": "</script><b>$data"})
    return StartPage({"sans": "/a.woff2", "serif": "/b.woff2"})


@pytest.fixture
def client(start: StartPage) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=start.routes())) as made:
        yield made


def bundle_of(html: str) -> str:
    found = re.search(r'<script src="(/app/parts/all-[0-9a-f]{12}\.js)"></script>', html)
    assert found
    return found[1]


def test_streamlits_page_gets_styles_bundle_and_view(start: StartPage) -> None:
    html = start.page(INDEX, SCOPE)
    assert "<title>CastMind</title>" in html and "<title>Streamlit" not in html
    assert "--castmind-rail: 13.5rem" in html and 'url("/a.woff2")' in html
    assert bundle_of(html) and html.index('id="root"') < html.index("/app/parts/")


def test_no_text_of_the_view_ends_its_script(start: StartPage) -> None:
    html = start.page(INDEX, SCOPE)
    data = html.split('type="application/json">')[1].split("</script>")[0]
    assert json.loads(data) == {"content": "</script><b>$data"}


def test_a_page_without_a_view_says_so_by_an_empty_text(start: StartPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_view, "of", lambda request: None)
    assert 'type="application/json"></script>' in start.page(INDEX, SCOPE)


def test_another_page_stays_as_it_is(start: StartPage) -> None:
    page = "<html><head><title>Offline</title></head><body>Away</body></html>"
    assert start.page(page, SCOPE) == page


def test_the_bundle_is_sent_for_good_and_compressed_where_that_is_taken(start: StartPage, client: TestClient) -> None:
    path = bundle_of(start.page(INDEX, SCOPE))
    for encoding, sent in (("gzip", "gzip"), ("identity", None)):
        answer = client.get(path, headers={"accept-encoding": encoding})
        assert answer.headers.get("content-encoding") == sent
        assert "immutable" in answer.headers["cache-control"] and answer.headers["content-type"].startswith("text/javascript")
        assert component_source.part_key("castmind_navigation") in answer.text and "class FirstView" in answer.text


def test_a_part_is_sent_alone_and_an_unknown_one_is_not_found(client: TestClient) -> None:
    key = component_source.part_key("castmind_episodes")
    answer = client.get(f"/app/parts/{key}.js")
    assert f'["{key}"]' in answer.text and "class FirstView" not in answer.text
    for name in (f"{key}0", "all-000000000000", "castmind_episodes"):
        assert client.get(f"/app/parts/{name}.js").status_code == 404
