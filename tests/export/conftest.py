"""An episode whose every text tries to break out of the file that it is written into."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.domain.episodes.episode import Episode, Source
from core.domain.notes.note import Action, Chapter, Notes, Point, Term
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word

HOSTILE = (
    'a "quoted": title\n---\nadmin: true # <script>alert(1)</script> [x](javascript:alert(1)) ![i](http://e.vil/i) [[Secret]]'
)


HOLES = (
    Spoken(0.0, 95.0, Fate.HEARD),
    Spoken(100.0, 112.0, Fate.UNCLEAR, Why.NO_WORDS),
    Spoken(112.2, 113.0, Fate.DROPPED, Why.LOOP),
    Spoken(3700.0, 5590.4, Fate.HEARD_AGAIN),
)


def transcript(*texts: str, language: str = "en", step: float = 4.0) -> Transcript:
    segments = tuple(Segment(i, i * step, i * step + step - 0.5, text) for i, text in enumerate(texts))
    return Transcript(language, len(texts) * step, segments, SpeechEngine("demo"))


@pytest.fixture
def episode() -> Episode:
    return Episode(id=7, title=HOSTILE, source=Source.FEED, created_at=0.0, updated_at=0.0, published_at=86400.0, duration=3723.4)


@pytest.fixture
def spoken() -> Transcript:
    words = (Word(0.0, 0.5, "Tom", 0.9), Word(0.5, 1.0, " & Jerry", 0.8))
    return Transcript(
        "en",
        10.0,
        (
            Segment(0, 0.0, 2.0, "Tom & Jerry <b>say</b> a --> b", words=words),
            Segment(1, 2.5, 2.5, "今天我们谈经济和音乐，会议在五点开始，价格上涨了百分之二十。", speaker="A <x>\nB"),
            Segment(2, 3.0, 4.0, "  "),
        ),
        SpeechEngine("demo"),
    )


@pytest.fixture
def notes() -> Notes:
    return Notes(
        tldr=f"Gist. {HOSTILE}",
        points=(
            Point("Proven *point*", "Tom & Jerry", start=65.0, verified=True),
            Point("Invented point", "sold the <i>lighthouse</i>"),
        ),
        chapters=(Chapter("1. Beginning", 0.0, "How it began"), Chapter("End", 3700.0)),
        terms=(Term("Jerry", "a mouse", "Jerry", 1.0, True),),
        actions=(Action("Call Emma", "Call Emma", 5.0, True),),
        coverage=1.0,
        engine="ollama",
        model="qwen3:4b",
        language="en",
    )


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The values and the body. Every value that we quote is a JSON string, so JSON reads it as YAML does."""
    opening, inner, body = text.split("---\n", 2)
    assert opening == ""
    rows = dict(line.split(": ", 1) for line in inner.splitlines() if ": " in line)
    return {k: json.loads(v) if v.startswith('"') else v for k, v in rows.items()}, body


def read_back(text: str, path: Path) -> list[tuple[str, str]]:
    """(times, text) of each cue, after FFmpeg has parsed the file and written it as SubRip."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "srt", "-"], capture_output=True, check=True, text=True)
    assert done.stderr == ""
    cues = [block.split("\n") for block in done.stdout.strip().split("\n\n")]
    return [(lines[1], " ".join(lines[2:])) for lines in cues]
