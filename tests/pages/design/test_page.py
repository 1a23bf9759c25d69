"""The page of components: in development alone, and every part of it draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.text import texts
from tests.pages.conftest import at_rest, open_page


def test_it_draws_every_part_in_development(tmp_path: Path) -> None:
    with at_rest(tmp_path / "data", CASTMIND_ENV="development"):
        page = open_page("design/page.py")
        assert page.title[0].value == "design"
        assert [part.value for part in page.header] == ["tokens", "streamlit", "chips", "picker", "grid"]
        drawn = {each.proto.component_name for each in page.get("bidi_component")}
        assert {"castmind_filter_chips", "castmind_model_picker", "castmind_feed_grid"} <= drawn


@pytest.mark.usefixtures("resting")
def test_elsewhere_there_is_no_such_page() -> None:
    page = open_page()
    with pytest.raises(ValueError, match="design"):
        page.switch_page("design/page.py").run()
    assert page.title[0].value == texts("en")["nav.library"]
