"""Transcripts in English and Chinese, and a fake Ollama that each test steers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.notes import server_gauge
from tests.fakes.ollama import FakeOllama

_NAMES = ("Emma", "David", "Carol", "Henry", "Grace", "Frank")
_TOPICS = ("health", "music", "energy", "travel", "robots", "history", "science", "football")
_NUMBERS = ("two", "three", "five", "seven", "ten", "twenty")
_ZH_NAMES = ("李华", "小明", "王芳", "张伟")
_ZH_TOPICS = ("健康", "音乐", "能源", "旅行", "机器人", "历史", "科学", "足球")
_ZH_NUMBERS = ("二", "三", "五", "六", "十", "百")


def _english(n: int) -> str:
    name, topic, number = _NAMES[n // 4 % 6], _TOPICS[n % 8], _NUMBERS[n % 5]
    return (
        f"Our guest {name} explains that {topic} is important in item {n}.",
        f"The price of {topic} went up {number} percent in month {n}.",
        f"Please send the report about {topic} number {n} to {name}.",
        f"We will talk about {topic} with {name} for {number} hours on day {n}.",
    )[n % 4]


def _chinese(n: int) -> str:
    name, topic, number = _ZH_NAMES[n // 4 % 4], _ZH_TOPICS[n % 8], _ZH_NUMBERS[n % 5]
    return (
        f"今天的客人{name}说{topic}很重要，这是第{n}条。",
        f"第{n}个月{topic}的价格上涨了百分之{number}。",
        f"请把第{n}份关于{topic}的报告发给{name}。",
        f"第{n}天我们和{name}谈了{number}个小时的{topic}。",
    )[n % 4]


def transcript_of(language: str, count: int) -> Transcript:
    """`count` different sentences, one every 4 s."""
    say = _chinese if language == "zh" else _english
    segments = tuple(Segment(i, i * 4.0, i * 4.0 + 3.5, say(i)) for i in range(count))
    return Transcript(language, count * 4.0, segments, SpeechEngine("test"))


@pytest.fixture(autouse=True)
def unproven() -> None:
    """Forget proofs of servers between tests: different servers may share a URL."""
    server_gauge.forget_all()


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        yield server
