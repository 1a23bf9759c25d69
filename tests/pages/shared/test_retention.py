"""Retention on the pages: previews save nothing."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open


def test_settings_are_tried_out_before_they_are_saved(castmind: CastMind, talks: list[int], opened: Open) -> None:
    page = opened("settings/page.py", group="keeping")
    page.selectbox(key="setting.keep_episodes.all").set_value("newest").run()
    page.number_input(key="setting.keep_newest.50").set_value(1).run()
    assert any("1 episode (kept in the trash for a week)" in line.value and "10 B" in line.value for line in page.markdown)
    assert any("Talk 1" in line.value and "only the latest ones are kept" in line.value for line in page.markdown)
    assert castmind.settings.values.keep_episodes == "all"
    page.button(key="keep.save").click().run()
    assert not page.exception
    assert (castmind.settings.values.keep_episodes, castmind.settings.values.keep_newest) == ("newest", 1)
    page.button(key="keep.now").click().run()
    assert castmind.library.episode(OWNER, talks[0]).episode.deleted_at is not None
    assert any("episode · only the latest ones are kept · 10 B" in line.value for line in page.caption)


def test_a_feed_has_a_rule_of_its_own(
    castmind: CastMind, talks: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("show/page.py", id="1")
    page.session_state["feed.unfolded.1"] = True
    page.run()
    page.selectbox(key="keep.1.audio.None").set_value("text").run()
    assert any("the audio of 2 episodes" in line.value for line in page.markdown)
    page.button(key="keep.save.1").click().run()
    assert castmind.retention.rule(OWNER, 1).choice.audio == "text"
    assert castmind.retention.preview(OWNER).audio == 2
