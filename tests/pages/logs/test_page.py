from __future__ import annotations

import logging

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.log_kinds import LogKind
from core.ops.logs.log_query import LogQuery
from tests.ops.logs.lines import line, write
from tests.pages.conftest import open_page


@pytest.fixture
def lines(castmind: CastMind) -> None:
    folder = castmind.data / "logs"
    write(folder, "application", line(0, "window is done", job_id=5), line(2, "fetch broke", job_id=6, level="error"))


def shown(page: object) -> str:
    return " ".join(str(each.proto.body) for each in page.get("html"))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("lines")
def test_lines_of_a_job_are_shown_by_its_link_and_all_by_a_button(castmind: CastMind) -> None:
    page = open_page("logs/page.py", job="5")
    assert "window is done" in shown(page) and "fetch broke" not in shown(page)
    page.button(key="logs.everything").click().run()
    page.selectbox(key="logs.span").set_value("all").run()
    assert "window is done" in shown(page) and "fetch broke" in shown(page)
    page.selectbox(key="logs.level").set_value("error").run()
    assert "window is done" not in shown(page) and "fetch broke" in shown(page)
    page.text_input(key="logs.text").set_value("nowhere").run()
    assert "fetch broke" not in shown(page) and page.info


def test_a_level_is_set_and_reset(castmind: CastMind) -> None:
    page = open_page("logs/page.py")
    page.text_input(key="logs.module").set_value("test.page").run()
    page.selectbox(key="logs.module_level").set_value("DEBUG").run()
    page.button(key="logs.set").click().run()
    (row,) = castmind.logs.levels(OWNER)
    assert row.module == "test.page" and row.until and logging.getLogger("test.page").level == logging.DEBUG
    page.button(key="logs.reset.test.page").click().run()
    assert castmind.logs.levels(OWNER) == [] and logging.getLogger("test.page").level == logging.NOTSET


def test_the_file_holds_what_the_page_asks_for() -> None:
    from pages.logs.page import address, asked_ids

    assert asked_ids({"job": "5", "episode": "x", "request": "r" * 99}) == {"job_id": 5, "request_id": "r" * 64}
    assert address(LogQuery((LogKind.AUDIT,), "error", 0.0, text="a&b", job_id=5)) == (
        "/api/v1/logs/download?kind=audit&level=error&job_id=5&text=a%26b&since=1970-01-01T00%3A00%3A00%2B00%3A00"
    )
