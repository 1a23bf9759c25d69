from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.domain.notify.kinds import KINDS, TEST
from core.domain.text_places import names
from core.notify import texts
from core.notify.texts import catalog, rendered

TEXT = Path(texts.__file__).with_name("text")
LANGUAGES = ("en", "zh")
ITEM = {
    "title": "A talk", "step": "fetch", "hours": 30, "free_gb": "0.5", "least_gb": "1", "checks": ["disk", "odd"],
    "address": "192.0.2.1", "browser": "Firefox", "url": "http://nas.home/episode?id=3",
}  # fmt: skip


def test_both_languages_hold_the_same_texts_and_places() -> None:
    en, zh = catalog("en"), catalog("zh")
    assert en.keys() == zh.keys()
    assert [key for key in en if names(en[key]) != names(zh[key])] == []
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in en.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_sorted(language: str) -> None:
    raw = (TEXT / f"{language}.json").read_text(encoding="utf-8")
    assert raw == json.dumps(json.loads(raw), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*KINDS, TEST], ids=lambda kind: kind.name)
def test_each_kind_has_words(kind: object, language: str) -> None:
    title, text = rendered(kind.name, [ITEM], 1, language=language, titles=True)  # type: ignore[attr-defined]
    assert title and text and "?" not in title + text.replace("episode?id", "")
    assert "{" not in title + text


def test_many_are_one_message_with_a_count() -> None:
    items = [{"title": f"Talk {n}", "url": f"http://a/{n}"} for n in range(12)]
    title, text = rendered("notes.ready", items, 40, language="en", titles=True)
    assert title == "40 notes are ready"
    lines = text.splitlines()
    assert lines[:2] == ["Talk 0", "http://a/0"] and lines[-1] == "and 30 more" and len(lines) == 21
    assert rendered("notes.ready", items[:1], 1, language="en", titles=True)[0] == "1 note is ready"
    assert rendered("notes.ready", items, 40, language="zh", titles=True)[0] == "40 篇笔记已完成"


def test_without_titles_nothing_of_an_episode_is_named() -> None:
    title, text = rendered("notes.ready", [{"title": "Secret talk", "url": "http://a/1"}], 1, language="en", titles=False)
    assert "Secret" not in title + text and "http://a/1" in text


def test_steps_and_checks_are_named_in_words() -> None:
    assert "(download)" in rendered("job.failed", [ITEM], 1, language="en", titles=True)[1]
    assert "磁盘、odd" in rendered("health.unhealthy", [ITEM], 1, language="zh", titles=True)[1]


def test_a_thing_of_an_older_version_may_lack_what_a_text_names() -> None:
    assert rendered("feed.failing", [{"title": "Show"}], 1, language="en", titles=True)[1].startswith("Show: no answer for ?")


def test_a_long_title_is_shortened() -> None:
    assert len(rendered("notes.ready", [{"title": "word " * 500}], 1, language="en", titles=True)[1]) < 130
