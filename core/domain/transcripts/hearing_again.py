"""Decode speech without words again with another model, and insert the words where the transcript has none.

wishes ─▶ batches (a model each: padded excerpts) ─▶ windows ─▶ words of the spans that fall into free stretches ──┐
transcript ─▶ free stretches between its words ────────────────────────────────────────────────────────────────────┴▶ merged

Existing words are never removed, reworded or moved; new words that would overlap them are left out. A sentence with the gap in
its midst becomes two. All of it is pure; times are seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.domain.transcripts.spoken import Fate, Spoken, tidy, without_words
from core.domain.transcripts.text_anchor import letters
from core.domain.transcripts.transcript import Segment, Transcript, Window, Word, join_text
from core.errors import Conflict, UserError

# The context that a model hears on either side of a span, so that it knows the topic.
AROUND = 2.0
# New words may begin this much before the requested span, and end as much after it: voice activity is found roughly.
EDGE = 0.3
# If the old transcript ends with words with which the new one begins, they are the same if this near to each other.
ECHO = 0.6
# The smaller first. A model outside the list has the largest as its next.
LADDER = ("tiny", "base", "small", "medium", "large-v3-turbo", "large-v3")

# Spans to show and to decode: at least LEAST seconds long, those less than JOIN seconds apart as one, at most MOST of them.
LEAST = 0.8
JOIN = 0.5
MOST = 200

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class HearAgain:
    """A span [start, end) of the audio that a person wants decoded again with `model`."""

    start: float
    end: float
    model: str


@dataclass(frozen=True, slots=True)
class Merged:
    """`moved`: id of a segment before → its id now (of its first part, where it became two). `seconds` of speech got words;
    `length` is that of the text before and after, in characters."""

    transcript: Transcript
    moved: dict[int, int]
    seconds: float
    length: tuple[int, int]


def larger_model(model: str) -> str | None:
    """Return the next model up, one of many languages; None above the largest. The largest for one whose size is not known."""
    name = model.removesuffix(".en")
    if model == "demo":
        return "base"
    if name not in LADDER:
        return LADDER[-1]
    return next(iter(LADDER[LADDER.index(name) + 1 :]), None)


def unheard(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Return the spans without words that are worth a look, in order: shorter ones are breaths between words."""
    return sorted(without_words(spoken, least=LEAST, join=JOIN), key=lambda s: s.start)


def checked(spoken: Sequence[Spoken], duration: float, spans: Sequence[Stretch] | None) -> list[Stretch]:
    """Return the spans to decode: these, or all without words. Raises UserError, and Conflict where everything has words."""
    if spans is None:
        longest = sorted(unheard(spoken), key=lambda s: -s.seconds)[:MOST]
        spans = sorted({(s.start, s.end) for s in longest})
    if len(spans) > MOST:
        raise UserError(f"At most {MOST} spans are heard again at once; these are {len(spans)}.", most=MOST)
    for start, end in spans:
        if not 0 <= start < end <= duration + 1.0:
            raise UserError(f"The span from {start:g} to {end:g} s does not lie within the audio, which has {duration:g} s.")
    silent = [(s.start, s.end) for s in spoken if not s.fate.has_words]
    found = [span for span in spans if _common([span], silent)]
    if not found:
        raise Conflict("All of the speech there has words. There is nothing to hear again.", state="done", case="nothing_to_hear")
    return found


def batches(wishes: Iterable[HearAgain], duration: float) -> dict[str, list[Stretch]]:
    """Return the audio to decode: by model, stretches in order that do not overlap, with some sound around each span."""
    found: dict[str, list[Stretch]] = {}
    for wish in sorted(wishes, key=lambda w: w.start):
        stretches = found.setdefault(wish.model, [])
        start, end = max(wish.start - AROUND, 0.0), min(wish.end + AROUND, duration)
        if stretches and start <= stretches[-1][1]:
            start, end = stretches[-1][0], max(stretches.pop()[1], end)
        stretches.append((round(start, 3), round(end, 3)))
    return found


def merge(transcript: Transcript, wishes: Sequence[HearAgain], windows: Iterable[Window]) -> Merged:
    """Merge the new words into the transcript. `spoken` is updated where it said that there were no words."""
    windows = sorted(windows, key=lambda w: w.start)
    asked = [(w.start, w.end) for w in wishes]
    # In ten hours of audio, only nearby segments matter.
    near = _near(transcript.segments, _union((start - AROUND, end + AROUND) for start, end in asked))
    there = sorted((word for segment in near for word in segment.words), key=lambda w: w.start)
    free = _without(_union((start - EDGE, end + EDGE) for start, end in asked), _occupied(near))
    pieces: list[Segment] = []
    for window in windows:
        for heard in window.segments:
            own = _without_echo(heard, asked, there)
            room = [stretch for stretch in free if stretch[0] < own.end and stretch[1] > own.start]
            new = [piece for stretch in room for piece in _inside(own, stretch, window.language)]
            free = _without(free, [(p.start, p.end) for p in new])
            pieces += new
    known = transcript.spoken or ()
    spoken = _accounted(known, asked, pieces, [s for w in windows for s in w.spoken])
    segments, moved = _joined(transcript.segments, pieces)
    seconds = _with_words(spoken) - _with_words(known)
    length = (_length(transcript.segments), _length(segments))
    return Merged(replace(transcript, segments=segments, spoken=spoken), moved, round(seconds, 3), length)


# --- where nothing stands -------------------------------------------------------------------------


def _near(segments: Iterable[Segment], stretches: Sequence[Stretch]) -> list[Segment]:
    """Return the segments that overlap any of the stretches, which are in order and apart."""
    ends = [end for _, end in stretches]
    found = ((s, bisect_right(ends, s.start)) for s in segments)
    return [s for s, at in found if at < len(stretches) and stretches[at][0] < s.end]


def _occupied(segments: Iterable[Segment]) -> list[Stretch]:
    """Return where words stand. A sentence that cannot be cut between its words is one stretch; so are words in close order."""
    found: list[Stretch] = []
    for segment in segments:
        if not _places(segment):
            found.append((segment.start, segment.end))
            continue
        found.append((segment.start, segment.words[0].end))
        found += [(w.start, w.end) for w in segment.words]
        found.append((segment.words[-1].start, segment.end))
        found += [(a.end, b.start) for a, b in pairwise(segment.words) if b.start - a.end < ECHO]
    return _union(found)


def _places(segment: Segment) -> list[int]:
    """Return where in the text each word begins; [] when the text is not that of the words, as after an edit by hand."""
    if segment.original is not None or not segment.words:
        return []
    found, at = [], 0
    for word in segment.words:
        place = segment.text.find(word.text.strip(), at)
        if place < 0:
            return []
        found.append(place)
        at = place + len(word.text.strip())
    return found


def _union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sort the stretches, and join those that touch or overlap."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return found


def _without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """Subtract `taken` from the stretches; return the rest in order."""
    left = list(stretches)
    for begin, stop in taken:
        cut = [(max(a, stop), b) if a >= begin else (a, b) for a, b in left if not begin <= a < b <= stop]
        left = [part for a, b in cut for part in ([(a, begin), (stop, b)] if a < begin < b else [(a, b)]) if part[1] > part[0]]
    return left


def _common(stretches: Iterable[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    return [(max(a, c), min(b, d)) for a, b in stretches for c, d in others if min(b, d) > max(a, c)]


# --- the new words --------------------------------------------------------------------------------


def _without_echo(heard: Segment, asked: Sequence[Stretch], there: Sequence[Word]) -> Segment:
    """Drop a first and a last word that the transcript has too, just outside of the requested spans."""
    words = heard.words
    if words and _echoes(words[0], asked, there):
        words = words[1:]
    if words and _echoes(words[-1], asked, there):
        words = words[:-1]
    return heard if len(words) == len(heard.words) else replace(heard, words=words, text=_text(words))


def _echoes(word: Word, asked: Sequence[Stretch], there: Sequence[Word]) -> bool:
    middle = (word.start + word.end) / 2
    if any(start <= middle < end for start, end in asked):
        return False
    first = bisect_left(there, word.start - ECHO, key=lambda w: w.start)
    last = bisect_left(there, word.end + ECHO, key=lambda w: w.start)
    return letters(word.text) in {letters(w.text) for w in there[max(first - 1, 0) : last]}


def _inside(heard: Segment, stretch: Stretch, language: str) -> Iterator[Segment]:
    """Yield the part of a segment within a stretch, with its words clipped to it: a word belongs there that is mostly in it."""
    start, end = stretch
    inside = [w for w in heard.words if _mostly_in(w.start, w.end, stretch)]
    words = tuple(replace(w, start=max(w.start, start), end=min(w.end, end)) for w in inside)
    if not heard.words and heard.text and _mostly_in(heard.start, heard.end, stretch):
        text, start, end = heard.text, max(heard.start, start), min(heard.end, end)
    else:
        text = heard.text if len(words) == len(heard.words) else _text(words)
        start, end = (words[0].start, words[-1].end) if words else (start, start)
    if letters(text) and end > start:
        spoken = heard.language or (language if language not in ("", "und") else None)
        yield Segment(0, round(start, 3), round(end, 3), text, words=words, language=spoken)


def _mostly_in(start: float, end: float, stretch: Stretch) -> bool:
    shared = min(end, stretch[1]) - max(start, stretch[0])
    return shared > 0 and shared >= 0.6 * (end - start)


def _text(words: Sequence[Word]) -> str:
    spaced = any(w.text[:1].isspace() for w in words[1:])
    return "".join(w.text for w in words).strip() if spaced else join_text(w.text for w in words)


# --- putting both together ------------------------------------------------------------------------


def _joined(segments: Sequence[Segment], pieces: Sequence[Segment]) -> tuple[tuple[Segment, ...], dict[int, int]]:
    """Sort and number the segments anew; and map id before → id now, of the first part where one was cut."""
    parts = [
        (part, segment.id if first == 0 else None) for segment in segments for first, part in enumerate(_cut(segment, pieces))
    ]
    ordered = sorted([*parts, *((piece, None) for piece in pieces)], key=lambda pair: (pair[0].start, pair[0].end))
    moved = {before: number for number, (_, before) in enumerate(ordered) if before is not None}
    return tuple(replace(s, id=number) for number, (s, _) in enumerate(ordered)), moved


def _cut(segment: Segment, pieces: Iterable[Segment]) -> list[Segment]:
    """Return a segment, or its parts where new words stand between its own."""
    inside = sorted(p.start for p in pieces if segment.start < p.start and p.end < segment.end)
    edges = sorted({sum(w.end <= at + 0.001 for w in segment.words) for at in inside})
    if not edges:
        return [segment]
    places = _places(segment)
    parts = []
    for first, last in pairwise([0, *edges, len(segment.words)]):
        words = segment.words[first:last]
        begin = 0 if first == 0 else places[first]
        stop = len(segment.text) if last == len(places) else places[last]
        start = segment.start if first == 0 else words[0].start
        end = segment.end if last == len(places) else words[-1].end
        parts.append(replace(segment, start=start, end=end, text=segment.text[begin:stop].strip(), words=words))
    return parts


def _accounted(
    spoken: Iterable[Spoken], asked: Sequence[Stretch], pieces: Sequence[Segment], heard: Iterable[Spoken]
) -> tuple[Spoken, ...]:
    """Update the account: speech that had no words and now has them is `heard_again`. Its total stays the same."""
    words = [(p.start, p.end) for p in pieces]
    voices = [(s.start, s.end) for s in heard if s.fate.has_words and _common([(s.start, s.end)], words)]
    wanted = _common(_union([*words, *voices]), _union((start - EDGE, end + EDGE) for start, end in asked))
    found: list[Spoken] = []
    for span in spoken:
        again = [] if span.fate.has_words else _common([(span.start, span.end)], wanted)
        found += [replace(span, start=a, end=b, fate=Fate.HEARD_AGAIN, why=None) for a, b in again]
        found += [replace(span, start=a, end=b) for a, b in _without([(span.start, span.end)], again)]
    return tidy(found)


def _with_words(spoken: Iterable[Spoken]) -> float:
    return sum(s.seconds for s in spoken if s.fate.has_words)


def _length(segments: Iterable[Segment]) -> int:
    return sum(len(s.text) for s in segments)
