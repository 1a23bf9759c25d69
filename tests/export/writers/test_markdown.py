from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from core.domain.episodes.episode import Episode
from core.domain.feeds.people import Person
from core.domain.notes.note import Chapter, Notes
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material
from core.export.layout.document import document
from core.export.writers.json_document import episode_json
from core.export.writers.markdown import markdown as whole
from core.export.writers.markdown import summary_markdown
from tests.export.conftest import HOLES, HOSTILE, front_matter, transcript
from tests.export.talk import PAGE, material


def markdown(episode: Episode, spoken: Transcript | None, notes: Notes | None, **more: Any) -> str:
    return whole(Material(episode, spoken, notes, **more))


def test_front_matter_keeps_a_hostile_title_in_one_value(episode: Episode, spoken: Transcript, notes: Notes) -> None:
    rows, _ = front_matter(markdown(episode, spoken, notes, feed_title='The "Feed"', own_notes="", audio_address=None))
    assert rows["title"] == " ".join(HOSTILE.split())
    assert rows["feed"] == '[[The Feed|The "Feed"]]'
    assert (rows["date"], rows["duration"], rows["duration_seconds"]) == ("1970-01-02", "1:02:03", "3723")
    assert (rows["language"], rows["source"], rows["castmind_id"]) == ("en", "feed", "7")
    assert "admin" not in rows


def test_front_matter_is_what_a_yaml_parser_reads(episode: Episode, spoken: Transcript, notes: Notes) -> None:
    yaml = pytest.importorskip("yaml")
    text = markdown(replace(episode, title="\x7f\ufeff\x85: \\ é 😀 " + HOSTILE), spoken, notes, feed_title="f")
    rows = yaml.safe_load(text.split("---\n", 2)[1])
    assert rows["tags"] == ["castmind", "podcast"]
    assert rows["title"].startswith(": \\ é 😀 a")
    assert rows["duration"] == "1:02:03"


def test_nothing_that_others_wrote_becomes_markup(episode: Episode, spoken: Transcript, notes: Notes) -> None:
    _, body = front_matter(markdown(episode, spoken, notes, feed_title=HOSTILE))
    for markup in ("<script", "<b>", "<i>", "](javascript", "![i", "[[", "://"):
        assert markup not in re.sub(r"\\.|\[\[[^\[\]<>]*\]\]", "", body), markup
    assert "\n---" not in body


def test_points_carry_their_quote_and_time_or_a_mark(episode: Episode, spoken: Transcript, notes: Notes) -> None:
    text = markdown(episode, spoken, notes, audio_address="https://user:secret@pod.example/a(1).mp3?x=1")
    assert "- Proven \\*point\\*\n  > [01:05](https://pod.example/a%281%29.mp3?x=1#t=65) “Tom \\& Jerry”" in text
    assert "- Invented point\n  > ⚠ **unverified** “sold the \\<i\\>lighthouse\\</i\\>”" in text
    assert "- [ ] Call Emma" in text
    assert "**1\\. Beginning**: How it began" in text
    assert "secret" not in text


def test_own_notes_stay_as_they_were_written(episode: Episode) -> None:
    text = markdown(episode, None, None, own_notes="**mine** [[Link]]\n")
    assert "## My notes\n\n**mine** [[Link]]\n" in text


def test_obsidian_gets_links_to_the_feed_and_the_people_and_the_tags(episode: Episode) -> None:
    text = whole(material("zh"))
    assert 'feed: "[[财经早餐]]"\npeople:\n  - "[[王先生]]"\n  - "[[李女士]]"' in text
    assert 'tags:\n  - castmind\n  - podcast\n  - "经济"\n  - "weekly"' in text
    assert f"播客：[[财经早餐]] · 人物：[[王先生]], [[李女士]] · [收听]({PAGE})" in text
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(text.split("---\n", 2)[1])["people"] == ["[[王先生]]", "[[李女士]]"]


def test_what_the_publisher_says_of_the_episode_stands_in_the_front_matter() -> None:
    people = (Person("Bob", "guest"), Person("Eve [[x]]\n# <b>", "editor", "https://a.example/eve"))
    known = material("en")
    known = replace(known, episode=replace(known.episode, season=2, number=4.5, kind="bonus", people=people))
    yaml = pytest.importorskip("yaml")
    front = yaml.safe_load(whole(known).split("---\n", 2)[1])
    assert (front["season"], front["episode"], front["episode_type"]) == (2, 4.5, "bonus")
    assert front["people"][:2] == ["[[Ann]]", "[[Bob]]"], "who speaks comes first, and nobody twice"
    assert len(front["people"]) == 3 and front["people"][2].startswith("[[Eve")
    said = episode_json(known)
    assert (said["season"], said["number"], said["kind"]) == (2, 4.5, "bonus")
    assert said["people"][0] == {"name": "Bob", "role": "guest", "link": None}


def test_highlights_are_quotations_and_marks() -> None:
    text = whole(material("en"))
    assert f"> [01:00]({PAGE}&t=60) “Prices” (yellow)\n\nRemember this" in text
    assert "==Prices== have gone up" in text
    assert "I ==think the answer is simple: demand grew faster than anybody expected.==" in text


def test_the_transcript_stands_under_the_publishers_chapters() -> None:
    chapters = (Chapter("Cold open", 0.0), Chapter("Second half", 400.0))
    text = whole(replace(material("en"), chapters=chapters))
    heads = [line for line in text.splitlines() if line.startswith("### ")]
    assert heads[-2:] == ["### Cold open", "### Second half"]
    assert text.count("## Chapters") == 1 and f"- [06:40]({PAGE}&t=400) **Second half**" in text


def test_chinese_notes_get_chinese_headings(episode: Episode, notes: Notes) -> None:
    text = markdown(
        episode, transcript("今天。", language="zh"), replace(notes, language="zh", engine="extractive", coverage=0.5)
    )
    assert "## 要点" in text and "⚠ **未核实**" in text and "已读文字稿的 50%" in text and "未使用语言模型" in text


def test_silence_says_so(episode: Episode) -> None:
    assert "Nobody speaks" in markdown(episode, transcript(), None)


def test_the_summary_alone_has_no_front_matter(notes: Notes) -> None:
    assert summary_markdown(notes).startswith("> Gist.")


def test_what_is_not_known_of_the_speech_is_not_told_and_all_is_told_as_all() -> None:
    talk = material()
    assert talk.transcript
    assert "speech_coverage" not in front_matter(whole(talk))[0]
    rows, body = front_matter(whole(replace(talk, transcript=replace(talk.transcript, spoken=HOLES[:1]))))
    assert (rows["speech_coverage"], rows["unclear_seconds"]) == ("1", "0")
    assert "*All of the speech has words.*" in body
    almost = (Spoken(0.0, 9999.9, Fate.HEARD), Spoken(9999.9, 10000.0, Fate.UNCLEAR, Why.NOT_DECODED))
    rows, body = front_matter(whole(replace(talk, transcript=replace(talk.transcript, spoken=almost))))
    assert rows["speech_coverage"] == "0.999"
    assert "99.9% of the speech has words" in body


def test_links_and_pictures_of_chapters_are_written_and_nothing_else_of_them() -> None:
    chapters = (
        Chapter("Tides", 0.0, link="https://tides.example/a?b=1", picture="https://tides.example/t.png"),
        Chapter("Ships", 400.0, link="javascript:alert(1)"),
    )
    found = replace(material("en"), chapters=chapters)
    text = whole(found)
    assert "**Tides** <https://tides.example/a?b=1> <https://tides.example/t.png>" in text
    assert next(line for line in text.splitlines() if "**Ships**" in line).endswith("**Ships**")
    assert [(c["link"], c["picture"]) for c in episode_json(found)["chapters"]] == [
        ("https://tides.example/a?b=1", "https://tides.example/t.png"),
        (None, None),
    ]
    links = [run.link for block in document(found).blocks for run in block.runs if run.link]
    assert {"https://tides.example/a?b=1", "https://tides.example/t.png"} <= set(links)
    assert not any("javascript" in link for link in links)
