"""Technical details: folded, and only there."""

from __future__ import annotations

from core.app import CastMind
from pages.status import details
from tests.pages.conditions import conditions
from tests.pages.conftest import open_page


def test_details_hold_what_no_sentence_says(away: CastMind) -> None:
    conditions(away)
    said = "\n".join(each.said for each in details.recent())
    assert "[Errno -2] Name or service not known" in said and "ValueError: invalid literal" in said
    page = open_page("status/page.py")
    assert not page.code
    page.session_state["status-details"] = True
    (shown,) = page.run().code
    assert "[Errno -2] Name or service not known" in shown.value
