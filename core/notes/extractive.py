"""Write notes without a language model: sentences chosen from the transcript, so that every quote is the transcript's own.

    segments → sentences → weight of each by the words it shares with the rest (salience)
             → points: the best of every stretch of time, none alike     → gist: the best of each half
             → chapters: cuts where the words change most (TextTiling)   → terms (terms.py)

Deterministic, without a model or numpy; a ten-hour transcript takes a second or two.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.notes.note import Chapter, Notes, Point
from core.domain.shortening import shortened
from core.domain.transcripts.transcript import Segment, Transcript, is_cjk, join_text
from core.notes.no_speech import nobody_speaks
from core.notes.text.keywords import content_words, find_terms

# A sentence that goes on without punctuation is closed at this length (characters; CJK counts three times).
LONGEST = 300
PAUSE_SECONDS = 1.5
CHAPTER_SECONDS = 300.0
_CLOSED = re.compile(r"[.!?。！？…][\"'”’」』)]*$")
_SENTENCE = re.compile(r".+?(?:[!?。！？…]+|\.+(?=\s|$)|$)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Whole segments that belong together; `words` are those that carry meaning."""

    segment_id: int
    start: float
    end: float
    text: str
    words: tuple[str, ...]


def extract(transcript: Transcript, language: str) -> Notes:
    """Return notes in the transcript's own words; `language` is used only to say that nobody speaks."""
    sentences = _sentences([s for s in transcript.segments if s.text.strip()])
    if not sentences:
        return nobody_speaks(language)
    scores = _salience(sentences)
    limit = min(15, 5 + int(transcript.duration // 360))
    chosen = _best_of_stretches(sentences, scores, limit)
    return Notes(
        tldr=_gist(sentences, scores),
        points=tuple(_point(sentences[i]) for i in chosen),
        chapters=_chapters(sentences, scores, transcript.duration),
        terms=find_terms(transcript.segments),
        coverage=1.0,
        language=transcript.language,
    )


# --- sentences and their weight -----------------------------------------------------------------------


def _sentences(segments: Sequence[Segment]) -> list[Sentence]:
    sentences: list[Sentence] = []
    open_segments: list[Segment] = []
    length = 0
    for index, segment in enumerate(segments):
        open_segments.append(segment)
        length += sum(3 if is_cjk(c) else 1 for c in segment.text)
        following = segments[index + 1] if index + 1 < len(segments) else None
        pause = following is None or following.start - segment.end > PAUSE_SECONDS
        if pause or length > LONGEST / 2 or _CLOSED.search(segment.text.rstrip()):
            text = join_text(s.text for s in open_segments)
            first = open_segments[0]
            sentences.append(Sentence(first.id, first.start, segment.end, text, tuple(content_words(text))))
            open_segments, length = [], 0
    return sentences


def _salience(sentences: Sequence[Sentence]) -> list[float]:
    """Return for each sentence the mean weight of its words; a word weighs more the more sentences share it.

    Words that nearly every sentence has say nothing about it (the square root of the inverse share evens them out), and very
    short or very long sentences make poor points.
    """
    shared = Counter(word for s in sentences for word in set(s.words))
    total = len(sentences)
    weights = {w: math.log1p(n - 1) * math.sqrt(math.log((total + 1) / n)) for w, n in shared.items()}
    scores = []
    for position, sentence in enumerate(sentences):
        if not sentence.words:
            scores.append(0.0)
            continue
        mean = sum(weights[w] for w in set(sentence.words)) / max(len(sentence.words), 4)
        fit = min(1.0, len(sentence.words) / 6) * min(1.0, 40 / len(sentence.words))
        opening = 1.15 if position < max(3, total // 50) else 1.0
        question = 0.7 if sentence.text.rstrip().endswith(("?", "？")) else 1.0
        scores.append((0.1 + mean) * fit * opening * question)
    return scores


def _likeness(one: Sentence, other: Sentence) -> float:
    """Return the shared words as a share of the shorter one's."""
    a, b = set(one.words), set(other.words)
    return len(a & b) / max(1, min(len(a), len(b)))


def _ranked(scores: Sequence[float], indexes: Sequence[int]) -> list[int]:
    return sorted(indexes, key=lambda i: (-scores[i], i))


def _best_of_stretches(sentences: Sequence[Sentence], scores: Sequence[float], limit: int) -> list[int]:
    """Choose one sentence of each of `limit` stretches, in order of time: weighty, and unlike those already taken."""
    stretches = min(limit, len(sentences))
    taken: list[int] = []
    for number in range(stretches):
        part = range(number * len(sentences) // stretches, (number + 1) * len(sentences) // stretches)
        worth = {i: scores[i] * (1 - max((_likeness(sentences[i], sentences[t]) for t in taken), default=0.0)) for i in part}
        best = max(part, key=lambda i: (worth[i], -i))
        # The sentence says something that no other one said.
        if worth[best] > 0 or not taken:
            taken.append(best)
    return taken


def _point(sentence: Sentence) -> Point:
    return Point(sentence.text, sentence.text, sentence.start, sentence.end, sentence.segment_id, verified=True)


def _gist(sentences: Sequence[Sentence], scores: Sequence[float]) -> str:
    """Return two sentences: the best of each half."""
    middle = (len(sentences) + 1) // 2
    halves = [range(middle), range(middle, len(sentences))]
    best = [sentences[_ranked(scores, half)[0]].text for half in halves if half]
    return join_text(_first_sentence(text) for text in best)


def _first_sentence(text: str) -> str:
    first = max((m.group().strip() for m in _SENTENCE.finditer(text)), key=len)
    if _CLOSED.search(first):
        return first
    return first + ("。" if is_cjk(first[-1]) else ".")


# --- chapters -------------------------------------------------------------------------------------------


def _chapters(sentences: Sequence[Sentence], scores: Sequence[float], duration: float) -> tuple[Chapter, ...]:
    count = min(12, max(1, round(duration / CHAPTER_SECONDS)), max(1, len(sentences) // 4))
    borders = _borders(sentences, count)
    chapters = []
    for start, stop in zip(borders, [*borders[1:], len(sentences)], strict=True):
        best = sentences[_ranked(scores, range(start, stop))[0]]
        chapters.append(Chapter(_title(best.text), sentences[start].start, best.text))
    return tuple(chapters)


def _borders(sentences: Sequence[Sentence], count: int) -> list[int]:
    """Return the indexes at which chapters begin: near an even division, where the words before and after differ most."""
    borders = [0]
    step = len(sentences) / count
    reach = max(1, min(30, int(step / 3)))
    for number in range(1, count):
        even = round(number * step)
        places = range(max(borders[-1] + 1, even - reach), min(len(sentences), even + reach + 1))
        if places:
            borders.append(min(places, key=lambda i: (_cohesion(sentences, i), abs(i - even), i)))
    return borders


def _cohesion(sentences: Sequence[Sentence], border: int, window: int = 8) -> float:
    """Return the cosine of the words on both sides of a border, less for a pause in it."""
    before = Counter(w for s in sentences[max(0, border - window) : border] for w in s.words)
    after = Counter(w for s in sentences[border : border + window] for w in s.words)
    norm = math.sqrt(sum(n * n for n in before.values()) * sum(n * n for n in after.values()))
    shared = sum(n * after[w] for w, n in before.items())
    pause = sentences[border].start - sentences[border - 1].end
    return (shared / norm if norm else 0.0) - min(0.2, max(0.0, pause - 1.0) / 10)


def _title(text: str) -> str:
    """Return the opening of a sentence: at most 8 words or 16 CJK characters, cut where a clause ends if it does."""
    clause = re.split(r"[,;:，；：、.!?。！？]", text, maxsplit=1)[0].strip() or text.strip()
    if is_cjk(clause[0]):
        return shortened(clause, 17)
    words = clause.split()
    return " ".join(words) if len(words) <= 8 else " ".join(words[:8]) + "…"
