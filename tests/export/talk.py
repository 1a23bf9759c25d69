"""An episode with everything that an export can hold, in English and in Chinese."""

from __future__ import annotations

from core.domain.episodes.episode import Episode, Source
from core.domain.notes.note import Action, Chapter, Notes, Point, Term
from core.domain.transcripts.annotation import Colour, Highlight, Span
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.export.export_data import Material

PAGE = "http://castmind.home:8501/episode?id=7"
ENGLISH = (
    "Welcome back to the show.",
    "Today we talk about the economy & music,",
    "and why the meeting begins at five o'clock.",
    "Prices have gone up by twenty percent since last spring, and nobody knows why.",
    "I think the answer is simple: demand grew faster than anybody expected.",
)
CHINESE = (
    "欢迎回到我们的节目。",
    "今天我们谈经济和音乐，",
    "会议在五点开始，价格上涨了百分之二十。",
    "我们用 Python 和 Rust 写 software，每天 eight hours，很 happy 的一天。",
    "我认为答案很简单：需求增长得比任何人预期的都快。",
)
OWN_ENGLISH = """## Thoughts

**Important**: see [01:05](?id=7&t=65), compare *last week* <script>alert(1)</script> ![pixel](http://e.vil/p.png)
[bad](javascript:alert(1)) [page](https://pod.example/x)

1. one
   - nested
2. two

- [x] done

> quoted

```
code   <here>
```
"""
OWN_CHINESE = "## 我的想法\n\n**重要**：见 [01:05](?id=7&t=65)，与 *上期* 比较。\n\n- 一\n  - 二\n"


def material(language: str = "en") -> Material:
    chinese = language == "zh"
    lines = (CHINESE if chinese else ENGLISH) * 8
    people = ("王先生", "李女士") if chinese else ("Ann", "Bob")
    said = tuple(Segment(i, i * 20.0, i * 20.0 + 18, text, people[i // 5 % 2]) for i, text in enumerate(lines))
    episode = Episode(
        id=7,
        title="第七期：经济、音乐与 Python 的一天" if chinese else "Episode 7: The economy, music & what is <new>",
        source=Source.FEED,
        created_at=0.0,
        updated_at=0.0,
        published_at=1.7e9,
        duration=3723.4,
        link="https://user:secret@pod.example/7",
    )
    return Material(
        episode,
        Transcript(language, 3723.0, said, SpeechEngine("demo")),
        _notes(chinese, lines),
        feed_title="财经早餐" if chinese else "Morning Economics",
        own_notes=OWN_CHINESE if chinese else OWN_ENGLISH,
        highlights=(
            _highlight(1, Span(3, 0, 3, 6), lines[3][:6], Colour.YELLOW, "要记住" if chinese else "Remember this"),
            _highlight(2, Span(4, 2, 5, 4), lines[4][2:] + lines[5][:4], Colour.PINK, ""),
        ),
        tags=("经济", "weekly") if chinese else ("economy", "weekly"),
        page_address=PAGE,
    )


def _notes(chinese: bool, lines: tuple[str, ...]) -> Notes:
    return Notes(
        tldr="需求增长快于预期，价格因此上涨。" if chinese else "Demand grew faster than expected, so prices rose.",
        points=(
            Point("价格上涨了" if chinese else "Prices rose", lines[3], 65.0, 70.0, 3, True),
            Point("没有人知道原因" if chinese else "Nobody knows the reason", "卖掉了灯塔" if chinese else "sold the lighthouse"),
        ),
        chapters=(
            Chapter("开场" if chinese else "Beginning", 0.0, "节目介绍" if chinese else "What this is about"),
            Chapter("价格" if chinese else "Prices", 300.0),
        ),
        terms=(Term("Python", "编程语言" if chinese else "a language", "Python", 65.0, True),),
        actions=(Action("给 Emma 打电话" if chinese else "Call Emma", lines[1], 25.0, True),),
        coverage=1.0,
        engine="ollama",
        model="qwen3:8b",
        language="zh" if chinese else "en",
    )


def _highlight(number: int, span: Span, quote: str, colour: Colour, remark: str) -> Highlight:
    start = span.start_segment * 20.0
    return Highlight(number, 7, span, start, start + 5, quote, colour, remark, True, 1, 0.0, 0.0)
