"""What the button "Add" is told: its ways, its words, and what another app shared."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from starlette.datastructures import QueryParams

from core.app import CastMind
from core.sources.media import web_page
from pages.library.adding import add
from pages.shared import dialogs


@pytest.mark.parametrize(("there", "says"), [(True, "page"), (False, "video file")])
def test_pages_are_asked_for_only_where_they_can_be_read(
    resting: CastMind, monkeypatch: pytest.MonkeyPatch, there: bool, says: str
) -> None:
    monkeypatch.setattr(web_page, "installed", lambda: there)
    field = add.data(files=True)["text"]["field"]
    assert says in field
    assert ("page" in field) is there


def test_a_page_with_a_strip_for_files_needs_no_way_to_them(resting: CastMind) -> None:
    assert add.data(files=True)["ways"] == list(add.WAYS)
    assert add.data(files=False)["ways"] == ["address", "record", "podcast"]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("asked", "shared"),
    [
        ({}, None),
        ({"q": "https://a.example"}, None),
        ({"share_title": "A talk", "share_text": "at https://a.example/x"}, {"address": "https://a.example/x", "told": []}),
        ({"share_text": "no address"}, {"address": "", "told": []}),
        ({"share_added": ["1"]}, {"address": None, "told": ["“One” is in the library."]}),
        (
            {"share_added": [*["9" * 20] * 99, "1", "2"], "share_more": "9" * 20},
            {"address": None, "told": ["“One” is in the library."]},
        ),
        (
            {"share_refused": "invalid.share_broken:", "share_more": "1"},
            {
                "address": None,
                "told": [
                    "Not everything you shared could be read. What could be read is kept; share the rest again.",
                    "1 more file wasn’t added.",
                ],
            },
        ),
        (
            {"share_added": ["1", "2", "77", "x"], "share_refused": ["not_audio:a.txt", "restoring:"]},
            {
                "address": None,
                "told": [
                    "2 files are in the library.",
                    "“a.txt” wasn’t added: This file has no audio that can be read. "
                    "Nothing was added; choose an audio or video file.",
                    "A backup is being restored. Your library will be back in a moment.",
                ],
            },
        ),
    ],
)
def test_what_another_app_shares_is_told_and_searched_for_an_address(
    castmind: CastMind, two: list[int], monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], shared: dict[str, Any] | None
) -> None:
    assert two == [1, 2]
    query = QueryParams(
        [(name, each) for name, value in asked.items() for each in ([value] if isinstance(value, str) else value)]
    )
    monkeypatch.setattr(QueryParams, "get_all", QueryParams.getlist, raising=False)
    monkeypatch.setattr(st, "query_params", query)
    assert add._shared() == shared


def test_a_request_for_the_recorder_opens_its_dialog_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask", asked.append)
    for said in (None, 1):
        monkeypatch.setattr(st, "session_state", {add.KEY: {"asked": said}})
        add._asked()
    assert asked == ["library.record"]
