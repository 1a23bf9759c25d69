"""Transcripts in English and Chinese, a fake Ollama that each test steers, and one call of summarise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.domain.notes.note import Notes
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.llm.ollama import OllamaClient
from core.notes import server_gauge
from core.notes.summarise import NotesRequest, summarise
from tests.fakes.ollama import FakeOllama

MODEL = "qwen2.5:7b"
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


MODEL = "qwen2.5:7b"


@dataclass
class NotesRun:
    """One call of summarise with its kept chunks."""

    fake: FakeOllama
    language: str = "en"
    num_ctx: int = 3072
    num_predict: int = 1000
    wall_clock_seconds: float = 20.0
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    progress: list[float] = field(default_factory=list)
    stop_after: int = 10**9
    on_kept: Callable[[], None] = lambda: None

    def _keep(self, key: str, part: dict[str, Any]) -> None:
        self.kept[key] = part
        self.on_kept()

    def notes(
        self,
        transcript: Transcript,
        done: Mapping[str, Mapping[str, Any]] | None = None,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> Notes:
        return summarise(
            transcript,
            NotesRequest(
                MODEL,
                self.language,
                num_ctx=self.num_ctx,
                num_predict=self.num_predict,
                wall_clock_seconds=self.wall_clock_seconds,
            ),
            client=OllamaClient(self.fake.url),
            done=done or {},
            on_chunk=self._keep,
            on_progress=lambda fraction, detail: self.progress.append(fraction),
            cancelled=lambda: len(self.kept) >= self.stop_after,
            out_of_time=out_of_time,
        )
