"""Search a generated library of a million segments: English, Chinese, and mixed; idle, and during writes.

Words follow Zipf's law, so a query drawn from a random sentence is a common word as often as a rare one.
"""

from __future__ import annotations

import itertools
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.beside import repeated
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.services.search.search import Search
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes
from core.store.search import backfill
from core.store.text import transcripts

EPISODES, SEGMENTS = 2000, 500
LONG = 6000
DAY = 86_400
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
HAN = range(0x4E00, 0x9F00)
SPEAKERS = ("Anna", "Ben", "小林", None)

Query = Callable[[random.Random, "Texts"], str]


class Texts:
    """Generate sentences of made-up words."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._english = self._words(40_000, LETTERS, [1 / (i + 2) for i in range(len(LETTERS))], (2, 3, 4, 5, 6, 7, 8, 9))
        common = self.rng.sample([chr(code) for code in HAN], 3500)
        self._chinese = self._words(30_000, common, [1 / (i + 3) for i in range(len(common))], (1, 2, 2, 2, 2, 3, 4))
        self._weights = list(itertools.accumulate(1 / (i + 2) for i in range(40_000)))

    def _words(self, count: int, letters: Sequence[str], weights: Sequence[float], lengths: Sequence[int]) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            found["".join(self.rng.choices(letters, weights=weights, k=self.rng.choice(lengths)))] = None
        return list(found)

    def _some(self, words: Sequence[str], count: int) -> list[str]:
        return self.rng.choices(words, cum_weights=self._weights[: len(words)], k=count)

    def english(self) -> str:
        return " ".join(self._some(self._english, self.rng.randint(6, 20))).capitalize() + "."

    def chinese(self) -> str:
        return "".join(self._some(self._chinese, self.rng.randint(5, 16))) + "。"

    def mixed(self) -> str:
        parts = [*self._some(self._chinese, 6), *(f" {word} " for word in self._some(self._english, 3))]
        self.rng.shuffle(parts)
        return f"{''.join(parts).strip()}。"

    def transcript(self, count: int) -> Transcript:
        make: Callable[[], str] = self.rng.choice((self.english, self.chinese, self.mixed))
        segments = (Segment(i, i * 4.0, i * 4.0 + 3.5, make(), self.rng.choice(SPEAKERS)) for i in range(count))
        return Transcript("en", count * 4.0, tuple(segments), SpeechEngine("bench"))


def _english_word(rng: random.Random, texts: Texts) -> str:
    words: list[str] = re.findall(r"\w+", texts.english())
    return rng.choice(words)


def _two_words(rng: random.Random, texts: Texts) -> str:
    return " ".join(rng.sample(re.findall(r"\w+", texts.english()), 2))


def _phrase(rng: random.Random, texts: Texts) -> str:
    words = re.findall(r"\w+", texts.english())
    at = rng.randrange(len(words) - 2)
    return f'"{" ".join(words[at : at + 3])}"'


def _beginning(rng: random.Random, texts: Texts) -> str:
    return _english_word(rng, texts)[:3] + "*"


def _han(length: int) -> Query:
    def query(rng: random.Random, texts: Texts) -> str:
        text = texts.chinese().rstrip("。")
        at = rng.randrange(max(1, len(text) - length))
        return text[at : at + length]

    return query


def _mixed(rng: random.Random, texts: Texts) -> str:
    text = texts.mixed()
    return f"{rng.choice(re.findall('[a-z]+', text))} {rng.choice(re.findall('[^a-z 。]{2}', text) or ['的'])}"


def _filtered(rng: random.Random, texts: Texts) -> str:
    narrowed = rng.choice(("speaker:anna", "after:2021-06 before:2022", 'feed:"Feed 7"', "-speaker:小林"))
    return f"{_english_word(rng, texts)} {narrowed}"


QUERIES: dict[str, tuple[Query, int]] = {
    "English word": (_english_word, 100),
    "two English words": (_two_words, 100),
    "English phrase": (_phrase, 100),
    "beginning of a word": (_beginning, 100),
    "one Chinese character": (_han(1), 400),
    "two Chinese characters": (_han(2), 400),
    "four Chinese characters": (_han(4), 100),
    "English and Chinese": (_mixed, 100),
    "a word with a filter": (_filtered, 100),
}


def measure(folder: Path, quick: bool) -> Iterator[str]:
    texts = Texts(seed=4)
    store = Store(folder / "castmind.db")
    store.open()
    try:
        began = time.monotonic()
        _fill(store, texts, EPISODES // 100 if quick else EPISODES)
        count = store.read().execute("SELECT count(*) FROM segments").fetchone()[0]
        yield f"{count:,} segments, written and indexed in {time.monotonic() - began:.0f} s, {_megabytes(folder):.0f} MB.\n"
        yield from _queries(store, texts, 20 if quick else 200)
        yield ""
        yield from _writing(store, texts)
        yield from _rebuilding(store)
    finally:
        store.close()


def _fill(store: Store, texts: Texts, count: int) -> None:
    for number in range(10):
        values = {"url": f"https://example.org/{number}", "title": f"Feed {number}"}
        store.write(partial(feeds.add, values=values, now=0.0))
    for number in range(count):
        _add(store, texts, SEGMENTS, published=1_577_836_800 + number * DAY, feed=number % 10 + 1)


def _add(store: Store, texts: Texts, segments: int, *, published: float, feed: int = 1) -> float:
    """Add an episode with its transcript; return the seconds for which the transcript kept the writer busy."""
    values = {"title": texts.mixed(), "source": "feed", "feed_id": feed, "published_at": published}
    episode_id = store.write(partial(episodes.add, values=values, now=published))
    transcript = texts.transcript(segments)
    began = time.monotonic()
    store.write(partial(transcripts.save, episode_id=episode_id, transcript=transcript, now=published))
    return time.monotonic() - began


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def _queries(store: Store, texts: Texts, count: int) -> Iterator[str]:
    yield "| query | p50 (ms) | p95 (ms) | p95, processor (ms) | p95 while written to (ms) | aim (ms) | with hits | unranked |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    search, rng = Search(store, Tasks(store)), random.Random(7)
    for name, (make, aim) in QUERIES.items():
        queries = [make(rng, texts) for _ in range(count)]
        calm = _timed(search, queries)
        with _busy_writer(store):
            busy = _timed(search, queries)
        yield (
            f"| {name} | {statistics.median(calm.wall):.1f} | {_p95(calm.wall):.1f} | {_p95(calm.processor):.1f} | "
            f"{_p95(busy.wall):.1f} | {aim} | {calm.found / count:.0%} | {calm.unranked / count:.0%} |"
        )


@dataclass
class Times:
    """Milliseconds per query, wall clock and processor; the number of queries with hits, and with too many hits to rank."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    found: int = 0
    unranked: int = 0


def _timed(search: Search, queries: Sequence[str]) -> Times:
    times = Times()
    for query in queries:
        began, worked = time.perf_counter(), time.thread_time()
        answer = search.find(OWNER, query)
        times.wall.append(1000 * (time.perf_counter() - began))
        times.processor.append(1000 * (time.thread_time() - worked))
        times.found += answer.total > 0
        times.unranked += answer.at_least
    return times


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def _busy_writer(store: Store) -> AbstractContextManager[None]:
    """Save a half-hour transcript repeatedly with short pauses, as transcription on a fast GPU does."""
    transcript = Texts(seed=11).transcript(SEGMENTS)
    return repeated(
        lambda: store.write(partial(transcripts.save, episode_id=1, transcript=transcript, now=1.0)),
        pause=0.5,
    )


def _writing(store: Store, texts: Texts) -> Iterator[str]:
    yield "| what keeps the writer busy | seconds | aim |"
    yield "| --- | --- | --- |"
    times = [_add(store, texts, LONG, published=1_700_000_000 + n) for n in range(5)]
    yield f"| an episode of {LONG:,} segments, median of 5 | {statistics.median(times):.2f} | 0.5 |"
    yield f"| the longest of them | {max(times):.2f} | |"
    longest = store.read().execute("SELECT max(id) FROM episodes").fetchone()[0]
    again = texts.transcript(LONG)
    began = time.monotonic()
    store.write(partial(transcripts.save, episode_id=longest, transcript=again, now=1.0))
    yield f"| the same transcribed again | {time.monotonic() - began:.2f} | |"
    began = time.monotonic()
    store.write(lambda db: episodes.delete(db, longest))
    yield f"| the same deleted for good | {time.monotonic() - began:.2f} | |"


def _rebuilding(store: Store) -> Iterator[str]:
    store.write(backfill.begin_rebuild)
    began, steps, more = time.monotonic(), [], True
    while more:
        start = time.monotonic()
        more = store.write(backfill.step)
        steps.append(time.monotonic() - start)
    yield f"| rebuilding, the longest of {len(steps)} steps, exchange and clearing away included | {max(steps):.2f} | 0.5 |"
    yield f"| rebuilding, in all | {time.monotonic() - began:.0f} | |"
