"""A library with one long episode: five hours of audio, 6,000 sentences with word times, speakers, notes with chapters.

The audio is the bundled sample repeated (bench/audio.py); transcript and notes are made up.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.audio import spoken
from core.domain.notes.note import Chapter, Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Word
from core.store.db.database import Store
from core.store.library import episodes
from core.store.text import notes, transcripts

SENTENCES = 6000
SECONDS = 18_000
GIST = "Five hours about harbours, lanterns and what the neighbours thought of them."
EARLIER = "Five hours about harbours, lamps and what the neighbours said of them."
WORDS = re.findall(
    r"\w+", "the of and to in that is was for it with as his on be at by this had not are but from or have an they"
)
LONG_WORDS = re.findall(r"\w+", "harbour lantern orchard festival telescope neighbour afternoon engineer garden question station")


def transcript(sentences: int = SENTENCES, seconds: int = SECONDS, *, seed: int = 4) -> Transcript:
    rng = random.Random(seed)
    length = seconds / sentences
    made = tuple(_sentence(rng, number, number * length, length) for number in range(sentences))
    return Transcript("en", float(seconds), made, SpeechEngine("bench"))


def _sentence(rng: random.Random, number: int, start: float, length: float) -> Segment:
    texts = [rng.choice(LONG_WORDS if rng.random() < 0.2 else WORDS) for _ in range(rng.randint(6, 18))]
    texts[0] = texts[0].capitalize()
    texts[-1] += "."
    # Now and then a pause takes most of a sentence's time.
    spoken = length * (0.25 if number % 50 == 4 else 0.93)
    each = spoken / len(texts)
    words = tuple(
        Word(round(start + i * each, 2), round(start + (i + 1) * each, 2), (" " if i else "") + text, 0.9)
        for i, text in enumerate(texts)
    )
    speaker = f"Speaker {number // 12 % 3 + 1}"
    return Segment(number, round(start, 2), round(start + spoken, 2), " ".join(texts), speaker, words)


# A claim whose quote is not in the transcript.
INVENTED = Point("The harbour was sold.", "we have sold the whole harbour")


def written(said: Transcript, *, points: int = 20, chapters: int = 25, model: str = "bench") -> Notes:
    chosen = said.segments[:: max(1, len(said.segments) // points)][:points]
    return Notes(
        tldr=GIST,
        points=(*(Point(f"Point about: {s.text}", s.text, s.start, s.end, s.id, verified=True) for s in chosen), INVENTED),
        chapters=tuple(Chapter(f"Chapter {i + 1}", i * said.duration / chapters, "What is said in it.") for i in range(chapters)),
        coverage=1.0,
        engine="ollama",
        model=model,
    )


def fill(data: Path, sentences: int = SENTENCES, seconds: int = SECONDS) -> int:
    """Create the data folder of a library with only this episode, before a server starts on it; return the episode's id."""
    (data / "uploads").mkdir(parents=True, exist_ok=True)
    path = spoken(data / "uploads" / "long.mp3", seconds)
    said = transcript(sentences, seconds)
    now = time.time()
    values = {
        "title": "Five hours about harbours", "source": "upload", "media_path": "uploads/long.mp3", "media_type": "audio/mpeg",
        "bytes": path.stat().st_size, "duration": float(seconds),
    }  # fmt: skip
    store = Store(data / "castmind.db")
    store.open()

    def write(db: Any) -> int:
        episode_id = episodes.add(db, values, now=now)
        transcripts.save(db, episode_id, said, now=now)
        notes.add(db, episode_id, replace(written(said, points=18, model="earlier"), tldr=EARLIER), now=now - 3600)
        notes.add(db, episode_id, written(said), now=now)
        return episode_id

    try:
        return store.write(write)
    finally:
        store.close()
